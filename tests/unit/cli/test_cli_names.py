from pathlib import Path

import pytest

from panglot.cli.names import read_names, with_names
from panglot.errors import OptionError
from panglot.testing.makers import make_segment, make_transcript


def test_names_by_label(tmp_path: Path) -> None:
    (tmp_path / "names.json").write_bytes(b'\xef\xbb\xbf{"A": " Ada ", "1B": "Zo\xc3\xab"}')
    assert read_names(tmp_path / "names.json") == {"A": "Ada", "1B": "Zoë"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{'A': 'Ada'}", "is not JSON: Expecting property name"),
        (b"\xff", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'["Ada"]', "is JSON, but not an object"),
        (b'{"A": 1}', "gives 'A' no name but 1"),
        (b'{"A": {"name": "Ada"}}', "gives 'A' no name but {"),
        (b'{"A": " "}', "gives 'A' no name but"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "names.json").write_bytes(content)
    with pytest.raises(OptionError) as caught:
        read_names(tmp_path / "names.json")
    assert message in str(caught.value)
    assert str(caught.value).endswith('Give a file such as {"A": "Ada", "B": "Bob"}.')


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="cannot be read: Is a directory"):
        read_names(tmp_path)


def test_a_label_that_nobody_has_is_a_warning() -> None:
    silent = make_transcript(make_segment("Hello.", speaker="A"))
    assert with_names(silent, {}).warnings == ()
    [warning] = with_names(silent, {"B": "Bob"}).warnings
    assert warning == "--speaker-names names B, but the speakers are nobody"
