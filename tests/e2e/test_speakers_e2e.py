"""Who says what, from the command to its files: the real networks on the recordings of this repository."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample import Sample

from panglot.audio import open_audio
from panglot.models import DEFAULT_MODEL, DIARIZATION_MODEL, VAD_MODEL, Store

Panglot = Callable[..., subprocess.CompletedProcess[str]]

# Half the pause between two parts of the sample.
NEAR = 0.4


@pytest.fixture(scope="module")
def weights() -> None:
    """What telling speakers apart and transcribing need, on this machine."""
    here = {row.entry.name for row in Store().list() if row.status in ("ready", "installed")}
    missing = {DEFAULT_MODEL, VAD_MODEL, DIARIZATION_MODEL} - here
    if missing:
        pytest.skip(f"these weights are not here: {', '.join(sorted(missing))} (panglot models pull NAME)")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Weights as usual, but voiceprints in a folder of the test."""
    known = {name: value for name, value in os.environ.items() if name != "PANGLOT_HOME"}
    return {**known, "XDG_DATA_HOME": str(tmp_path / "data")}


@pytest.fixture
def panglot(environment: dict[str, str], tmp_path: Path) -> Panglot:
    """The command as a process, in an empty folder."""

    def call(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "panglot", *map(str, arguments)],
            capture_output=True,
            encoding="utf-8",
            timeout=240,
            cwd=tmp_path,
            env={**environment, **variables},
        )

    return call


def who(sample: Sample, time: float) -> set[str]:
    """People of the sample who may speak at a time."""
    return {part["speaker"] for part in sample.parts if part["start"] - NEAR <= time <= part["end"] + NEAR}


def people(sample: Sample, turns: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Whose speech the turns of each label lie in."""
    found: dict[str, set[str]] = {}
    for turn in turns:
        found.setdefault(turn["speaker"], set()).update(who(sample, turn["start"]), who(sample, turn["end"]))
    return found


@pytest.mark.usefixtures("weights")
def test_every_word_has_its_speaker(panglot: Panglot, samples: dict[str, Sample]) -> None:
    sample = samples["two_languages"]
    done = panglot("transcribe", "--speakers", sample.path, "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    words = [word for segment in found["segments"] for word in segment["words"]]
    assert people(sample, words) == {"A": {"Susan"}, "B": {"Thomas"}}
    assert [segment["speaker"] for segment in found["segments"]] == [
        word["speaker"] for segment in found["segments"] for word in segment["words"][:1]
    ]
    assert [(each["speaker"], each["language"]) for each in found["utterances"]] == [
        ("A", "en"),
        ("B", "de"),
        ("A", "en"),
    ]
    assert [speaker["name"] for speaker in found["speakers"]] == ["A", "B"]
    assert sum(speaker["share"] for speaker in found["speakers"]) == pytest.approx(1.0, abs=0.001)
    assert " · 2 speakers · " in done.stderr


@pytest.mark.usefixtures("weights")
def test_names_from_a_file_are_in_every_format(panglot: Panglot, samples: dict[str, Sample], tmp_path: Path) -> None:
    (tmp_path / "names.json").write_text('{"A": "Susan", "B": "Thomas", "C": "Nobody"}')
    path = samples["two_languages"].path
    formats = "txt,srt,vtt,md,rttm"
    done = panglot("transcribe", path, "--speakers", "2", "--speaker-names", "names.json", "-f", formats, "-o", "out")
    assert done.returncode == 0, done.stderr
    assert "--speaker-names names C, but the speakers are A, B" in done.stderr
    out = {file.suffix: file.read_text() for file in (tmp_path / "out").iterdir()}
    assert [line.split(":")[0] for line in out[".txt"].splitlines() if ": " in line] == ["Susan", "Thomas", "Susan"]
    assert "\nThomas: " in out[".srt"]
    assert "<v Thomas>" in out[".vtt"]
    assert "**Thomas**" in out[".md"]
    assert {line.split()[7] for line in out[".rttm"].splitlines()} == {"Susan", "Thomas"}


@pytest.mark.usefixtures("weights")
def test_speakers_alone(panglot: Panglot, samples: dict[str, Sample], tmp_path: Path) -> None:
    sample = samples["two_languages"]
    (tmp_path / "text.mp3").write_text("This is a text.")
    done = panglot("diarize", sample.path, "text.mp3", samples["english"].path)
    assert done.returncode == 1
    rows = [line.split() for line in done.stdout.splitlines()]
    assert {row[1] for row in rows} == {"two_languages", "english"}
    turns = [
        {"speaker": row[7], "start": float(row[3]), "end": float(row[3]) + float(row[4])}
        for row in rows
        if row[1] == "two_languages"
    ]
    assert people(sample, turns) == {"A": {"Susan"}, "B": {"Thomas"}}
    assert {row[7] for row in rows if row[1] == "english"} == {"A"}
    assert done.stderr.count("panglot: error: ") == 1
    assert done.stderr.splitlines()[-1].startswith("3 recordings · 1 failed")


@pytest.mark.usefixtures("weights")
def test_an_enrolled_voice_is_known_again(panglot: Panglot, samples: dict[str, Sample], tmp_path: Path) -> None:
    enrolled = panglot("speakers", "enroll", "susan", samples["english"].path)
    assert enrolled.returncode == 0, enrolled.stderr
    kept = tmp_path / "data" / "panglot" / "voices" / "susan.json"
    assert f"kept in {kept}" in enrolled.stderr
    assert "biometric data" in enrolled.stderr
    assert kept.stat().st_mode & 0o777 == 0o600
    path = samples["two_languages"].path
    done = panglot("transcribe", path, "--speakers")
    assert [line.split(":")[0] for line in done.stdout.splitlines() if ": " in line] == ["susan", "B", "susan"]
    assert done.stderr.startswith("1 enrolled voice is compared with the speakers")
    assert " · 2 speakers (susan 0." in done.stderr
    assert panglot("speakers", "remove", "susan").returncode == 0
    assert "susan" not in panglot("diarize", path).stdout


@pytest.mark.usefixtures("weights")
def test_channels_of_a_call_have_speakers_of_their_own(
    panglot: Panglot, samples: dict[str, Sample], tmp_path: Path
) -> None:
    sides: list[np.ndarray] = []
    for name in ("english", "german"):
        with open_audio(samples[name].path) as audio:
            sides.append(np.concatenate([block[0] for block in audio]))
    call = np.zeros((len(sides[0]) + len(sides[1]), 2))
    call[: len(sides[0]), 0], call[len(sides[0]) :, 1] = sides
    with wave.open(str(tmp_path / "call.wav"), "wb") as file:
        file.setparams((2, 2, 16_000, 0, "NONE", ""))
        file.writeframes((call * 32_767).astype("<i2").tobytes())
    alone = panglot("transcribe", "call.wav", "--channels", "separate")
    assert [line[:3] for line in alone.stdout.splitlines() if line[1:2] == ":"] == ["1: ", "2: "]
    told = panglot("transcribe", "call.wav", "--channels", "separate", "--speakers")
    assert [line[:4] for line in told.stdout.splitlines() if line[2:3] == ":"] == ["1A: ", "2A: "]


@pytest.mark.usefixtures("weights")
def test_an_interrupt_ends_cleanly(environment: dict[str, str], samples: dict[str, Sample], tmp_path: Path) -> None:
    with open_audio(samples["two_languages"].path) as audio:
        speech = np.concatenate([block[0] for block in audio])
    with wave.open(str(tmp_path / "long.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        for _ in range(100):
            file.writeframes((speech * 32_767).astype("<i2").tobytes())
    command = [sys.executable, "-m", "panglot", "diarize", str(samples["english"].path), "long.wav"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("SPEAKER english 1 ")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "long" not in out
    assert err.splitlines()[-1] == "panglot: interrupted"


def test_weights_without_a_network_are_one_line(panglot: Panglot, samples: dict[str, Sample], tmp_path: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_NO_CACHE_DIR": "1", "PIP_CONFIG_FILE": os.devnull}
    done = panglot("--home", "fresh", "diarize", samples["english"].path, **nowhere)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("panglot: error: the weights of community-1 are not on this machine")
    assert "panglot models pull community-1" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--speakers", "0"], "--speakers 0 is less than one."),
        (["--speakers", "5-2"], "Write the smaller number first: 2-5."),
        (["--speakers=x"], "--speakers 'x' is not a number of speakers."),
        (["--speaker-names", "names.json"], "--speaker-names needs speakers."),
        (["--speakers", "--speaker-names", "names.json"], "'names.json' cannot be read: No such file or directory."),
    ],
)
def test_a_wrong_command_line_is_one_line(panglot: Panglot, arguments: list[str], message: str) -> None:
    done = panglot("transcribe", "a.wav", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("panglot: error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("line", ["panglot transcribe --speakers --format v", "panglot diarize --speakers --format r"])
def test_completion_goes_on_after_a_value_that_was_left_out(panglot: Panglot, line: str) -> None:
    done = panglot(_PANGLOT_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD="4")
    assert done.stdout.split() == (["vtt"] if line.endswith("v") else ["rttm"])
