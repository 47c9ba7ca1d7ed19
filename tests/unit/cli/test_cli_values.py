import pytest

from panglot.cli.values import complete_values

TAKING = {"--speakers", "--prompt", "-f"}


@pytest.mark.parametrize(
    ("written", "complete"),
    [
        ("--speakers a.mp4", "--speakers=auto a.mp4"),
        ("a.mp4 --speakers", "a.mp4 --speakers=auto"),
        ("--speakers 2 a.mp4", "--speakers=2 a.mp4"),
        ("--speakers 2-5 a.mp4", "--speakers=2-5 a.mp4"),
        ("--speakers 2- a.mp4", "--speakers=2- a.mp4"),
        ("--speakers=2 3 a.mp4", "--speakers=2 3 a.mp4"),
        ("--speakers -f txt a.mp4", "--speakers=auto -f txt a.mp4"),
        ("--speakers 2024-05.mp4", "--speakers=auto 2024-05.mp4"),
        ("--speakers auto 2", "--speakers=auto 2"),
        ("--speakers -- 2", "--speakers=auto -- 2"),
        ("-- --speakers 2", "-- --speakers 2"),
        ("--prompt --speakers a.mp4", "--prompt --speakers a.mp4"),
        ("a.mp4 -f", "a.mp4 -f"),
        ("", ""),
    ],
)
def test_a_value_that_was_left_out_is_written(written: str, complete: str) -> None:
    assert complete_values(written.split(), taking=TAKING) == complete.split()


def test_a_command_without_the_option_is_left_alone() -> None:
    assert complete_values(["--speakers", "2"], taking={"--prompt"}) == ["--speakers", "2"]
