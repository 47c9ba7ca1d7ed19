import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from panglot.diarization.voiceprints import Voiceprints
from panglot.testing.tones import speak

Panglot = Callable[..., int]


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    """The same person twice, the fake diarizer takes the second for another one; and too little of a third."""
    for name, words, level in (("one", 10, 1.0), ("two", 10, 0.5), ("short", 2, 1.0)):
        samples = speak(" ".join(["one"] * words)) * np.float32(level)
        with wave.open(str(tmp_path / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, 16_000, 0, "NONE", ""))
            file.writeframes((samples * 32_767).astype("<i2").tobytes())
    return tmp_path


def test_a_voice_is_kept_with_a_word_on_what_it_is(
    panglot: Panglot, talks: Path, voices: Voiceprints, capsys: pytest.CaptureFixture[str]
) -> None:
    assert panglot("speakers", "enroll", "Ada L.", "one.wav") == 0
    path = voices.folder / "Ada L..json"
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        f"Ada L.: the voiceprint is kept in {path}",
        "A voiceprint is biometric data: it identifies a person. It is kept on this machine only; "
        "`panglot speakers remove 'Ada L.'` deletes it.",
    ]
    assert [file.stat().st_mode & 0o777 for file in (voices.folder, path)] == [0o700, 0o600]


def test_several_recordings_give_the_mean_voice(panglot: Panglot, talks: Path, voices: Voiceprints) -> None:
    assert panglot("speakers", "enroll", "ada", "one.wav", "two.wav", "--quiet") == 0
    [ada] = voices.all()
    assert sorted(ada.voice)[-3:] == pytest.approx([0.0, 0.5**0.5, 0.5**0.5], abs=1e-5)


def test_nothing_is_kept_where_a_recording_fails(
    panglot: Panglot, talks: Path, voices: Voiceprints, capsys: pytest.CaptureFixture[str]
) -> None:
    assert panglot("speakers", "enroll", "ada", "one.wav", "short.wav", "missing.wav") == 1
    short, missing, nothing = capsys.readouterr().err.splitlines()
    assert short.startswith("panglot: error: short.wav: there are 0.7 s of speech in this recording")
    assert missing == "panglot: error: 'missing.wav' does not exist. Check the path."
    assert nothing == "Nothing was kept of ada."
    assert voices.all() == ()


@pytest.mark.parametrize("name", ["../ada", "A", "AB", "1", "2C"])
def test_a_name_that_cannot_be_one_is_refused_before_any_work(
    panglot: Panglot, talks: Path, voices: Voiceprints, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert panglot("speakers", "enroll", name, "missing.wav") == 2
    err = capsys.readouterr().err
    assert f"'{name}' cannot be a speaker's name" in err
    assert err.count("\n") == 1
    assert not voices.folder.exists()


def test_list_and_remove(
    panglot: Panglot, talks: Path, voices: Voiceprints, capsys: pytest.CaptureFixture[str]
) -> None:
    assert panglot("speakers", "list") == 0
    assert capsys.readouterr() == ("", f"No voices are enrolled in {voices.folder}.\n")
    voices.add("bob", np.eye(256, dtype=np.float32)[0])
    voices.add("ada", np.eye(256, dtype=np.float32)[1])
    assert panglot("speakers", "list") == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows == [
        ["NAME", "FILE"],
        ["ada", str(voices.folder / "ada.json")],
        ["bob", str(voices.folder / "bob.json")],
    ]
    assert panglot("speakers", "remove", "ada") == 0
    assert capsys.readouterr().err == "ada: the voiceprint was deleted\n"
    assert [voice.name for voice in voices.all()] == ["bob"]
    assert panglot("speakers", "remove", "ada") == 2
    assert capsys.readouterr().err == "panglot: error: no voice is enrolled as 'ada'; enrolled: bob.\n"


def test_a_damaged_voiceprint_is_one_line(
    panglot: Panglot, talks: Path, voices: Voiceprints, capsys: pytest.CaptureFixture[str]
) -> None:
    voices.folder.mkdir(parents=True)
    (voices.folder / "ada.json").write_text("{}")
    assert panglot("diarize", "one.wav") == 2
    err = capsys.readouterr().err
    assert "ada.json is not a voiceprint" in err
    assert err.count("\n") == 1
