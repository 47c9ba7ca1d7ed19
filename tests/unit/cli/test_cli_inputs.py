import os
from pathlib import Path
from threading import Event

import pytest

from panglot.cli.inputs import Interrupted, Recording, StandardInput, find_recordings


def names(recordings: list[Recording]) -> list[str]:
    return [recording.argument for recording in recordings]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.wav", "a.wav", "c.mp3", "sub/d.wav", "odd[1].wav"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_patterns_are_expanded_in_the_order_of_names(folder: Path) -> None:
    assert names(find_recordings(["c.mp3", "*.wav"])) == ["c.mp3", "a.wav", "b.wav", "odd[1].wav"]
    assert names(find_recordings(["**/d.wav"])) == ["sub/d.wav"]
    assert names(find_recordings([f"{folder}/c*"])) == [f"{folder}/c.mp3"]


def test_folders_do_not_match_a_pattern_but_stay_when_named(folder: Path) -> None:
    assert names(find_recordings(["s*", "sub"])) == ["s*", "sub"]


def test_a_file_with_brackets_in_its_name_is_itself(folder: Path) -> None:
    assert names(find_recordings(["odd[1].wav"])) == ["odd[1].wav"]


def test_what_matches_nothing_stays_to_be_reported(folder: Path) -> None:
    assert names(find_recordings(["*.ogg", "missing.wav"])) == ["*.ogg", "missing.wav"]


def test_a_file_named_twice_is_one_recording(folder: Path) -> None:
    assert names(find_recordings(["a.wav", "*.wav", "a.wav"])) == ["a.wav", "b.wav", "odd[1].wav"]


def test_standard_input_has_a_name() -> None:
    [recording] = find_recordings(["-"])
    assert (recording.name, recording.stem) == ("stdin", "stdin")


def test_a_stem_keeps_all_dots_but_the_last() -> None:
    assert Recording(argument="x/talk.2024.part1.mp3").stem == "talk.2024.part1"


def test_standard_input_is_read_to_its_end() -> None:
    read, write = os.pipe()
    os.write(write, b"abcdef")
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        source = StandardInput(stream, stop=Event())
        assert [source.read(4), source.read(4), source.read(4)] == [b"abcd", b"ef", b""]


def test_standard_input_that_says_nothing_can_be_left() -> None:
    read, write = os.pipe()
    stop = Event()
    stop.set()
    with os.fdopen(read, "rb") as stream, os.fdopen(write, "wb"), pytest.raises(Interrupted):
        StandardInput(stream, stop=stop).read(4)
