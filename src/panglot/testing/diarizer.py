"""Speakers without a network: whoever is as loud is the same person."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panglot.diarization import Diarization, SpeakerBounds, Turn
from panglot.diarization.protocol import VOICE_SIZE
from panglot.errors import AudioFormatError
from panglot.units import SAMPLE_RATE, to_seconds

_STEP = SAMPLE_RATE // 50
_LOUD = 0.02
"""Peak from which a step counts as speech."""
_REFERENCE = 0.3
_PAUSE = 5
"""Steps of silence, 0.1 s, that do not end a turn."""
_LEVELS = 16


class FakeDiarizer:
    """Tells speakers apart by their level in steps of 6 dB; needs no file.

    ``speak("one two")`` is one person, ``speak("one two") * 0.5`` another. The voice of a speaker has a 1 at the place
    of the level, so the same level is the same voice in every recording.
    """

    def stream(self) -> FakeDiarizerStream:
        """Start on a recording."""
        return FakeDiarizerStream()


class FakeDiarizerStream:
    """One recording."""

    def __init__(self) -> None:
        self._samples = np.zeros(0, np.float32)

    def feed(self, samples: npt.NDArray[np.float32]) -> None:
        """Take the next samples."""
        if samples.ndim != 1 or samples.dtype != np.float32:
            raise AudioFormatError(f"samples have shape {samples.shape} and type {samples.dtype}, not (n,) float32.")
        self._samples = np.concatenate([self._samples, samples])

    def finish(self, bounds: SpeakerBounds) -> Diarization:
        """Return who spoke when; of too many speakers, the later ones are taken for the first."""
        runs = _runs(_levels(self._samples))
        seen = list(dict.fromkeys(level for level, _, _ in runs))
        allowed = seen[: bounds.maximum]
        numbers = {level: number % len(allowed) for number, level in enumerate(seen)}
        duration = to_seconds(len(self._samples))
        turns = tuple(
            Turn(
                start=to_seconds(first * _STEP),
                end=min(to_seconds(last * _STEP), duration),
                speaker=numbers[level],
            )
            for level, first, last in runs
        )
        found = f"{bounds.minimum} or more speakers were asked for, but there are only {len(allowed)}"
        return Diarization(
            turns=turns,
            voices=np.eye(VOICE_SIZE, dtype=np.float32)[allowed],
            warnings=(found,) if bounds.minimum > 1 and len(allowed) < bounds.minimum else (),
        )


def _levels(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    """Level of each step, counted up from very quiet; -1 is silence."""
    peaks = np.abs(np.pad(samples, (0, -len(samples) % _STEP))).reshape(-1, _STEP).max(axis=1, initial=0.0)
    levels = np.rint(np.log2(np.maximum(peaks, _LOUD) / _REFERENCE)).astype(np.intp) + _LEVELS
    return np.where(peaks >= _LOUD, levels, -1)


def _runs(levels: npt.NDArray[np.intp]) -> list[tuple[int, int, int]]:
    """Stretches of one level, short pauses included, as level, first step and step after the last."""
    changes = [0, *(np.flatnonzero(np.diff(levels)) + 1).tolist(), len(levels)]
    runs: list[tuple[int, int, int]] = []
    for first, last in pairwise(changes):
        if first == last or levels[first] < 0:
            continue
        level = int(levels[first])
        if runs and runs[-1][0] == level and first - runs[-1][2] <= _PAUSE:
            first = runs.pop()[1]
        runs.append((level, first, last))
    return runs
