"""Voiceprints: kept for their owner alone, matched only when the match is confident."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from panglot.diarization.voiceprints import Voiceprint, Voiceprints, best_matches
from panglot.errors import OptionError, OutputError


def voice(*weights: float) -> np.ndarray:
    values = np.zeros(256, np.float32)
    values[: len(weights)] = weights
    return values / np.linalg.norm(values)


def test_a_voice_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    kept = Voiceprints(tmp_path / "voices")
    kept.add("Ada", voice(1, 2, 3))
    kept.add("Zoë O'Neil", voice(3, 2, 1))
    first, second = kept.all()
    assert (first.name, second.name) == ("Ada", "Zoë O'Neil")
    np.testing.assert_allclose(first.voice, voice(1, 2, 3), atol=1e-5)


def test_only_the_owner_can_read_a_voice(tmp_path: Path) -> None:
    kept = Voiceprints(tmp_path / "voices")
    kept.add("Ada", voice(1))
    assert [path.stat().st_mode & 0o077 for path in (kept.folder, kept.folder / "Ada.json")] == [0, 0]


def test_a_voice_can_be_replaced_and_removed(tmp_path: Path) -> None:
    kept = Voiceprints(tmp_path)
    kept.add("Ada", voice(1))
    kept.add("Ada", voice(0, 1))
    assert kept.all()[0].voice[1] == 1
    kept.remove("Ada")
    assert kept.all() == ()


def test_nobody_is_enrolled_unasked(tmp_path: Path) -> None:
    assert Voiceprints(tmp_path / "voices").all() == ()
    assert not (tmp_path / "voices").exists()


@pytest.mark.parametrize("name", ["", "../ada", "a/b", " ada", ".ada", "x" * 61])
def test_a_name_that_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError, match="cannot be a speaker's name"):
        Voiceprints(tmp_path).add(name, voice(1))
    assert not list(tmp_path.iterdir())


def test_removing_nobody_names_those_who_are_enrolled(tmp_path: Path) -> None:
    kept = Voiceprints(tmp_path)
    kept.add("Ada", voice(1))
    with pytest.raises(OptionError, match="'Bob'; enrolled: Ada"):
        kept.remove("Bob")


@pytest.mark.parametrize("content", ["", "{}", '{"name": "Ada", "voice": [1, 2]}', '{"name": "Ada", "voice": "x"}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "Ada.json").write_text(content)
    with pytest.raises(OptionError, match=r"Ada\.json is not a voiceprint"):
        Voiceprints(tmp_path).all()


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="'Ada' cannot be kept"):
        Voiceprints(tmp_path / "file").add("Ada", voice(1))


def enrolled(**voices: np.ndarray) -> list[Voiceprint]:
    return [Voiceprint(name=name, voice=each) for name, each in voices.items()]


def test_a_confident_match_names_the_speaker() -> None:
    found = best_matches(np.stack([voice(0, 1), voice(1, 0.1)]), enrolled(ada=voice(1), bob=voice(0, 0, 1)))
    assert {number: match.name for number, match in found.items()} == {1: "ada"}
    assert found[1].score == pytest.approx(0.995, abs=0.001)


def test_a_weak_or_ambiguous_match_names_nobody() -> None:
    assert best_matches(np.stack([voice(1, 2)]), enrolled(ada=voice(1))) == {}
    assert best_matches(np.stack([voice(1, 1)]), enrolled(ada=voice(1), bob=voice(0.1, 1))) == {}


def test_a_person_is_one_speaker_at_most() -> None:
    found = best_matches(np.stack([voice(1, 0.2), voice(1, 0.1)]), enrolled(ada=voice(1)))
    assert list(found) == [1]


def test_no_speakers_and_no_voices_match_nothing() -> None:
    assert best_matches(np.zeros((0, 256), np.float32), enrolled(ada=voice(1))) == {}
    assert best_matches(np.stack([voice(1)]), []) == {}
