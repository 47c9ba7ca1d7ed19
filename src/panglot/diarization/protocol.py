"""What a diarizer is: samples in, who spoke when out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from panglot.errors import OptionError
from panglot.units import Seconds

Samples = NDArray[np.float32]

VOICE_SIZE = 256
"""Numbers that describe a voice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One stretch in which one speaker speaks; turns of different speakers may overlap."""

    start: Seconds
    """Seconds from the first sample."""
    end: Seconds
    speaker: int
    """Numbered from 0 in order of first appearance."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Diarization:
    """Who spoke when in one recording."""

    turns: tuple[Turn, ...]
    """Sorted by start."""
    voices: NDArray[np.float32]
    """Shape ``(speakers, 256)``: the mean embedding of each speaker, of length 1."""
    warnings: tuple[str, ...] = ()
    """For people: where the answer is not quite what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerBounds:
    """How many people may be found; the exact number where both bounds are equal.

    Raises
    ------
    OptionError
        If ``minimum`` is less than 1 or more than ``maximum``.
    """

    minimum: int = 1
    maximum: int | None = None
    """None: no limit."""

    def __post_init__(self) -> None:
        if self.minimum < 1:
            raise OptionError(f"at least {self.minimum} speakers were asked for; the least is 1: give 1 or more.")
        if self.maximum is not None and self.maximum < self.minimum:
            raise OptionError(
                f"between {self.minimum} and {self.maximum} speakers were asked for; "
                "the maximum must not be less than the minimum: swap them, or give one number."
            )

    def nearest(self, count: int) -> int:
        """Return the allowed number nearest to a count."""
        at_least = max(count, self.minimum)
        return at_least if self.maximum is None else min(at_least, self.maximum)


class DiarizerStream(Protocol):
    """One recording on its way through a diarizer."""

    def feed(self, samples: Samples) -> None:
        """Take the next samples, any number of them, mono at 16 kHz, shape ``(n,)``."""
        ...

    def finish(self, bounds: SpeakerBounds) -> Diarization:
        """Return the answer for all samples taken; nothing can be fed after that."""
        ...


class Diarizer(Protocol):
    """The networks, shared by all recordings."""

    def stream(self) -> DiarizerStream:
        """Start on a recording."""
        ...
