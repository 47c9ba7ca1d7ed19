import json
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from panglot.diarization.voiceprints import Voiceprints
from panglot.testing.tones import speak

Panglot = Callable[..., int]
Samples = npt.NDArray[np.float32]

ADA = speak("one two three four five six seven eight one two")  # 4 s
BOB = speak("eight seven six five four three two one eight seven") * np.float32(0.5)


def save(path: Path, *channels: Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((len(channels), 2, 16_000, 0, "NONE", ""))
        file.writeframes((np.stack(channels, axis=1) * 32_767).astype("<i2").tobytes())


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    save(tmp_path / "both.wav", np.concatenate([ADA, BOB]))
    save(tmp_path / "stereo.wav", ADA, np.concatenate([BOB]))
    save(tmp_path / "ada.wav", ADA)
    save(tmp_path / "silence.wav", np.zeros(16_000, np.float32))
    return tmp_path


def speakers(rttm: str) -> list[tuple[str, str, str]]:
    rows = [line.split() for line in rttm.splitlines()]
    return list(dict.fromkeys((row[1], row[2], row[7]) for row in rows))


def test_turns_go_to_standard_output_and_the_summary_to_standard_error(
    panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert panglot("diarize", "both.wav") == 0
    out, err = capsys.readouterr()
    assert speakers(out) == [("both", "1", "A"), ("both", "1", "B")]
    assert err.startswith("both.wav: 8.0 s, 2 speakers · ")


def test_one_failure_does_not_stop_the_others(
    panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert panglot("diarize", "both.wav", "missing.wav", "sil*.wav", "-f", "json") == 1
    out, err = capsys.readouterr()
    first, second, third = map(json.loads, out.splitlines())
    assert [speaker["name"] for speaker in first["speakers"]] == ["A", "B"]
    assert second == {"file": "missing.wav", "error": second["error"]}
    assert second["error"]["code"] == "audio_missing"
    assert (third["file"], third["turns"], third["speakers"]) == ("silence.wav", [], [])
    assert err.splitlines()[1].startswith("panglot: error: ")
    assert err.splitlines()[-1].startswith("3 recordings · 1 failed")


def test_a_folder_takes_a_file_for_each_recording_and_format(panglot: Panglot, talks: Path) -> None:
    assert panglot("diarize", "ada.wav", "both.wav", "--quiet", "--format", "rttm,json", "--output", "out") == 0
    assert sorted(path.name for path in (talks / "out").iterdir()) == [
        "ada.json",
        "ada.rttm",
        "both.json",
        "both.rttm",
    ]
    assert speakers((talks / "out" / "both.rttm").read_text()) == [("both", "1", "A"), ("both", "1", "B")]


def test_a_number_is_kept_to(panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert panglot("diarize", "--speakers", "1", "both.wav", "--quiet") == 0
    out, err = capsys.readouterr()
    assert (speakers(out), err) == ([("both", "1", "A")], "")
    assert panglot("diarize", "ada.wav", "--speakers", "3") == 0
    assert "panglot: warning: ada.wav: 3 or more speakers were asked for" in capsys.readouterr().err


def test_a_range_keeps_the_times_of_the_recording(
    panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert panglot("diarize", "both.wav", "--start", "4", "--end", "6", "-f", "json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [speaker["name"] for speaker in found["speakers"]] == ["A"]
    assert 4.0 <= found["turns"][0]["start"] < found["turns"][-1]["end"] <= 6.0


def test_channels_have_speakers_of_their_own(panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert panglot("diarize", "stereo.wav", "--channels", "separate") == 0
    assert speakers(capsys.readouterr().out) == [("stereo", "1", "1A"), ("stereo", "2", "2A")]


def test_enrolled_voices_name_speakers(
    panglot: Panglot, talks: Path, voices: Voiceprints, capsys: pytest.CaptureFixture[str]
) -> None:
    assert panglot("speakers", "enroll", "ada", "ada.wav") == 0
    capsys.readouterr()
    assert panglot("diarize", "both.wav") == 0
    out, err = capsys.readouterr()
    assert speakers(out) == [("both", "1", "ada"), ("both", "1", "B")]
    assert err.startswith("1 enrolled voice is compared with the speakers; --no-voices turns that off\n")
    assert "2 speakers (ada 1.00)" in err
    assert panglot("diarize", "both.wav", "--no-voices") == 0
    assert speakers(capsys.readouterr().out) == [("both", "1", "A"), ("both", "1", "B")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["both.wav", "--speakers", "0"], "--speakers 0 is less than one"),
        (["both.wav", "--format", "txt"], "there is no format 'txt'. Formats: rttm, json."),
        (["both.wav", "--format", "rttm,json"], "rttm, json cannot share standard output"),
        (["both.wav", "--channels", "left"], "Give one of mix, separate"),
        (["both.wav", "x/both.mp3", "--output", "out"], "would write the same files, both.*"),
        (["both.wav", "--start", "9", "--end", "8"], "--end 8 is not after --start 9"),
        ([], "Missing argument 'FILES...'"),
    ],
)
def test_a_wrong_command_line_is_one_line(
    panglot: Panglot, talks: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert panglot("diarize", *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.startswith("panglot: error: ")
    assert err.count("\n") == 1
    assert not (talks / "out").exists()
