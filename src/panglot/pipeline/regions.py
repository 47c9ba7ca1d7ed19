"""Speech regions: probabilities of speech every 32 ms → stretches in which somebody speaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panglot.audio.activity import HOP_SECONDS
from panglot.units import Seconds

ONSET = 0.5
"""Speech starts where the probability reaches this."""
OFFSET = 0.35
"""Speech ends where the probability stays below this."""
_MIN_SPEECH = 6
"""Steps (0.19 s) a sound must last to be speech."""
_MIN_PAUSE = 4
"""Steps (0.13 s) that end a region."""
_PAD = 6
"""Steps (0.19 s) kept on either side, where there is room: consonants at the edges are quiet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A stretch of speech, with padding where there was room for it."""

    start: Seconds
    end: Seconds
    lead: Seconds = 0.0
    """Padding at the start."""
    tail: Seconds = 0.0
    """Padding at the end."""


class RegionFinder:
    """Regions from a stream of probabilities, at most ``longest`` seconds each.

    Hysteresis with two thresholds, as published with Silero VAD. A stretch of speech without a pause is cut where the
    network is least sure of speech, so that a cut falls between words if it can.
    """

    def __init__(self, *, longest: Seconds) -> None:
        self._longest = int(longest / HOP_SECONDS) - 2 * _PAD
        self._step = 0
        self._start: int | None = None
        self._quiet = 0
        self._free = 0
        """First step that no region has taken."""
        self._probabilities: list[float] = []
        """Of the region that is open."""

    def feed(self, probabilities: npt.NDArray[np.float32]) -> Iterator[Region]:
        """Take the next probabilities; yield the regions that end in them."""
        for probability in probabilities.tolist():
            yield from self._advance(probability)
            self._step += 1

    def finish(self) -> Iterator[Region]:
        """Yield the region that is open at the end of the recording."""
        if self._start is not None:
            yield from self._close(self._step - self._quiet)

    @property
    def settled(self) -> Seconds:
        """Time before which no region will start any more."""
        return max(0, (self._step if self._start is None else self._start) - _PAD) * HOP_SECONDS

    def _advance(self, probability: float) -> Iterator[Region]:
        if self._start is None:
            if probability >= ONSET:
                self._start, self._quiet, self._probabilities = self._step, 0, [probability]
            return
        self._probabilities.append(probability)
        self._quiet = self._quiet + 1 if probability < OFFSET else 0
        if self._quiet >= _MIN_PAUSE:
            yield from self._close(self._step + 1 - self._quiet)
        elif len(self._probabilities) >= self._longest:
            yield from self._cut()

    def _close(self, end: int) -> Iterator[Region]:
        start = self._start
        self._start = None
        if start is not None and end - start >= _MIN_SPEECH:
            yield self._region(start, end)

    def _cut(self) -> Iterator[Region]:
        """End the open region at its least certain place in the second half, and go on from there."""
        assert self._start is not None
        values = np.convolve(self._probabilities, np.full(3, 1 / 3), mode="same")
        half = len(values) // 2
        place = half + int(np.argmin(values[half:-_MIN_PAUSE]))
        yield self._region(self._start, self._start + place)
        self._start += place
        self._probabilities = self._probabilities[place:]

    def _region(self, start: int, end: int) -> Region:
        first = max(start - _PAD, self._free)
        last = end + _PAD
        if self._start is not None:  # cut, not closed: the next region goes on from here
            last = end
        self._free = last
        return Region(
            start=first * HOP_SECONDS,
            end=last * HOP_SECONDS,
            lead=max(start - first, 0) * HOP_SECONDS,
            tail=(last - end) * HOP_SECONDS,
        )
