import pytest

from panglot.cli.times import parse_range, parse_time
from panglot.errors import OptionError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("90", 90.0),
        ("90.5", 90.5),
        (".5", 0.5),
        ("1:30", 90.0),
        ("1:30.25", 90.25),
        ("00:05", 5.0),
        ("01:02:03.5", 3723.5),
        ("100:00:00", 360_000.0),
        (" 7 ", 7.0),
    ],
)
def test_a_time_is_seconds_or_a_clock(text: str, seconds: float) -> None:
    assert parse_time(text, option="--start") == seconds


@pytest.mark.parametrize(
    "text", ["", "abc", "-1", "1:60", "60:61", "1:2:3:4", "1:99:00", "1e3", "nan", "inf", "1:", ":5"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(OptionError, match=r"--end .*not a time.*1:30"):
        parse_time(text, option="--end")


def test_the_end_comes_after_the_start() -> None:
    assert parse_range("1:00", "90") == (60.0, 90.0)
    assert parse_range("5", None) == (5.0, None)
    with pytest.raises(OptionError, match="--end 1:00 is not after --start 60"):
        parse_range("60", "1:00")
