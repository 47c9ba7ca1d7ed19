from pathlib import Path

import pytest

from panglot.errors import OutputError
from panglot.training.whisper.folders import replacing, standing

OURS = frozenset({"weights", "config"})


def write(folder: Path, content: str) -> None:
    with replacing(folder, ours=OURS) as new:
        (new / "weights").write_text(content)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_folder_is_made_and_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "best"
    write(folder, "first")
    (folder / "config").write_text("of the first")
    write(folder, "second")

    assert contents(folder) == {"weights": "second"}
    assert [path.name for path in folder.parent.iterdir()] == ["best"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "real", "first")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link", "second")

    assert contents(tmp_path / "real") == {"weights": "second"}
    assert (tmp_path / "link").is_symlink()


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "best"
    write(folder, "first")

    with pytest.raises(OutputError, match="No space left"), replacing(folder, ours=OURS) as new:
        (new / "weights").write_text("half")
        raise OSError(28, "No space left on device")

    assert contents(folder) == {"weights": "first"}
    assert [path.name for path in tmp_path.iterdir()] == ["best"]


def test_files_of_others_are_never_deleted(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(OutputError, match=r"'thesis\.tex'.*choose another folder"):
        write(tmp_path, "first")
    assert contents(tmp_path) == {"thesis.tex": "years of work"}


def test_a_process_killed_between_the_old_and_the_new_leaves_the_old(tmp_path: Path) -> None:
    folder = tmp_path / "best"
    write(folder, "first")
    folder.rename(tmp_path / ".best.previous")
    (tmp_path / ".best.partial").mkdir()

    assert contents(standing(folder)) == {"weights": "first"}
    write(folder, "second")
    assert standing(folder) == folder
    assert contents(folder) == {"weights": "second"}
    assert [path.name for path in tmp_path.iterdir()] == ["best"]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(OutputError, match="cannot write"):
        write(tmp_path / "file" / "best", "first")
