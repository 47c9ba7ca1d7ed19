"""A long recording, cut in pauses into pieces that can be transcribed one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from panglot.audio.activity import HOP_SECONDS, ActivityDetector
from panglot.pipeline.regions import OFFSET
from panglot.units import Seconds, to_samples, to_seconds

Block = NDArray[np.float32]

_EARLIEST = 0.7
"""Of the wanted length: no piece but the last is shorter."""
_LATEST = 1.3
"""Of the wanted length: no piece is longer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """A stretch of the recording."""

    start: Seconds
    """On the recording's time line."""
    samples: Block
    """Shape ``(channels, n)`` at 16 kHz."""

    @property
    def end(self) -> Seconds:
        """On the recording's time line."""
        return self.start + to_seconds(self.samples.shape[1])


def cut_pieces(
    blocks: Iterable[Block], *, detector: ActivityDetector, length: Seconds, offset: Seconds = 0.0
) -> Iterator[Piece]:
    """Cut a recording where it is quiet.

    Parameters
    ----------
    blocks
        The recording, blocks of shape ``(channels, n)``, at 16 kHz.
    detector
        Hears speech.
    length
        Seconds that a piece should have; each has 0.7 to 1.3 times as many, the last may have fewer.
    offset
        Time in the recording of the first sample.

    Yields
    ------
    Piece
        In order, none left out; together they hold every sample once. A recording without samples has no piece.
    """
    longest = to_samples(length * _LATEST)
    kept: list[Block] = []
    for block in blocks:
        kept.append(block)
        while sum(each.shape[1] for each in kept) > longest:
            joined = np.concatenate(kept, axis=1)
            place = _quiet_place(joined[:, :longest], detector, first=to_samples(length * _EARLIEST))
            yield Piece(start=offset, samples=joined[:, :place])
            offset += to_seconds(place)
            kept = [joined[:, place:]]
    if kept:
        yield Piece(start=offset, samples=np.concatenate(kept, axis=1))


def _quiet_place(samples: Block, detector: ActivityDetector, *, first: int) -> int:
    """Sample in the middle of the longest pause from ``first`` on, or where speech is least likely."""
    stream = detector.stream()
    heard = samples[:, first:].mean(axis=0)
    found = [*stream.feed(heard), *stream.finish()]
    probabilities = np.concatenate([each for _, each in found])
    step, steps = _longest_run(probabilities < OFFSET)
    middle = step + steps / 2 if steps else float(np.argmin(probabilities)) + 0.5
    return min(first + to_samples(middle * HOP_SECONDS), samples.shape[1])


def _longest_run(quiet: NDArray[np.bool_]) -> tuple[int, int]:
    """Where the longest run of True starts, and how long it is; the first of several."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    if not len(edges):
        return 0, 0
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    longest = int(np.argmax(lengths))
    return int(starts[longest]), int(lengths[longest])
