"""The folder of a run is taken once, by a run that really begins."""

from dataclasses import replace
from pathlib import Path

import pytest

from panglot.errors import OptionError, OutputError
from panglot.training.folder import take_folder
from panglot.training.settings import SETTINGS, Settings, read_settings


def settings_for(folder: Path) -> Settings:
    return Settings(data="wrong.jsonl", output=str(folder))


@pytest.mark.parametrize("resume", [False, True])
def test_a_run_that_never_began_leaves_its_place_to_the_next_try(tmp_path: Path, resume: bool) -> None:
    settings = settings_for(tmp_path / "run")
    take_folder(settings, resume=False)
    mended = replace(settings, data="right.jsonl")
    take_folder(mended, resume=resume)
    assert read_settings(tmp_path / "run" / SETTINGS) == mended


def test_a_run_that_began_is_not_replaced(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "run")
    folder = take_folder(settings, resume=False)
    (folder / "log.jsonl").touch()
    with pytest.raises(OptionError, match="holds a run already"):
        take_folder(settings, resume=False)
    with pytest.raises(OptionError, match=r"has data='wrong.jsonl', not 'right.jsonl'"):
        take_folder(replace(settings, data="right.jsonl"), resume=True)
    assert take_folder(settings, resume=True) == folder


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    with pytest.raises(OptionError, match="is no folder of a run and is not empty"):
        take_folder(settings_for(tmp_path), resume=True)


def test_a_folder_inside_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    with pytest.raises(OutputError, match=r"letter.txt/run cannot be made: Not a directory. Give another --output"):
        take_folder(settings_for(tmp_path / "letter.txt" / "run"), resume=False)
