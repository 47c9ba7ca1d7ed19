"""Long recordings: the end is heard like the beginning, in memory that does not grow with the length."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from promises import check_transcript
from sample import Sample

import panglot
from panglot.audio import open_audio
from panglot.transcripts import Segment, Transcript, read_json

RATE = 16_000
HOP = 512
"""Samples that the voice detector hears at a time: a unit of whole hops sounds the same to it every time."""
SILENCE = round(4.5 * RATE)
"""Long enough to end a window, so that each unit is cut in the same places."""
PEAK_BYTES = 1.2e9


def unit_of(path: Path) -> np.ndarray:
    """Samples of a recording with silence after it, 16 bit, shape ``(n,)``, a whole number of hops long."""
    with open_audio(path) as stream:
        audio = np.concatenate([block[0] for block in stream])
    unit = np.zeros(-(-(len(audio) + SILENCE) // HOP) * HOP, np.int16)
    unit[: len(audio)] = np.round(audio * 32_767)
    return unit


def write_repeated(path: Path, unit: np.ndarray, times: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        for _ in range(times):
            file.writeframes(unit.tobytes())
    return path


def by_unit(segments: tuple[Segment, ...], seconds: float, times: int) -> list[list[Segment]]:
    units: list[list[Segment]] = [[] for _ in range(times)]
    for segment in segments:
        units[int(segment.start // seconds)].append(segment)
    return units


def check_units_are_equal(transcript: Transcript, *, seconds: float, times: int) -> None:
    first, second, *others = by_unit(transcript.segments, seconds, times)
    assert said(first) == said(second) != []
    for number, segments in enumerate(others, 2):
        assert said(segments) == said(second), f"unit {number}"
        # The voice detector remembers for some minutes, so speech may begin or end a hop earlier in the next unit.
        shift = (number - 1) * seconds
        for segment, other in zip(segments, second, strict=True):
            assert (segment.start - shift, segment.end - shift) == pytest.approx(
                (other.start, other.end), abs=1.01 * HOP / RATE
            )


def said(segments: list[Segment]) -> list[tuple[str, str]]:
    return [(segment.language, segment.text) for segment in segments]


@pytest.mark.slow
def test_three_minutes_of_the_same(model: panglot.Model, samples: dict[str, Sample], tmp_path: Path) -> None:
    unit = unit_of(samples["two_languages"].path)
    seconds = len(unit) / RATE
    times = round(180 / seconds)
    done: list[float] = []
    path = write_repeated(tmp_path / "long.wav", unit, times)
    transcript = model.transcribe(path, progress=lambda progress: done.append(progress.seconds_done))
    check_transcript(transcript)
    assert transcript.duration == pytest.approx(seconds * times)
    assert [span.language for span in transcript.languages][:3] == ["en", "de", "en"]
    check_units_are_equal(transcript, seconds=seconds, times=times)
    assert done == sorted(done)
    assert seconds * (times - 1) < done[-1] <= transcript.duration


HEAR = """
import re, sys
from pathlib import Path

import panglot

panglot.transcribe(sys.argv[1]).save(sys.argv[2])
peaks = re.findall(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())
print(int(peaks[0]) * 1024)
"""


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell the peak of memory")
@pytest.mark.usefixtures("model")
def test_an_hour_of_the_same_in_bounded_memory(samples: dict[str, Sample], tmp_path: Path) -> None:
    unit = unit_of(samples["two_languages"].path)
    seconds = len(unit) / RATE
    times = round(3600 / seconds)
    path = write_repeated(tmp_path / "hour.wav", unit, times)
    result = tmp_path / "hour.json"
    command = [sys.executable, "-W", "error", "-c", HEAR, path, result]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) < PEAK_BYTES
    transcript = read_json(result.read_text(encoding="utf-8"))
    check_transcript(transcript)
    check_units_are_equal(transcript, seconds=seconds, times=times)
