"""Windows: the stretches of audio that are recognised at once.

Regions of speech are packed greedily into windows of at most 15 s. Long pauses inside a window are shortened, so a
window may consist of several pieces of the recording; `Window.original` leads back to the recording's time line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from panglot.audio.activity import HOP_SECONDS, ActivityStream, Probabilities, Samples
from panglot.pipeline.regions import Region, RegionFinder
from panglot.units import Seconds, to_samples, to_seconds

LONGEST: Seconds = 15.0
"""Audio in a window. With a context of 16 s this leaves 1 s of padding, without which Whisper tends to loop."""

_BREAK: Seconds = 4.0
"""A pause this long ends a window."""

_KEPT: Seconds = 0.4
"""Pauses up to this length (beyond the padding of the regions) stay as they are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """Audio to be recognised at once.

    ``samples`` has shape ``(n,)`` at 16 kHz: the pieces one after another.
    """

    regions: tuple[Region, ...]
    """Speech, on the recording's time line."""
    pieces: tuple[Region, ...]
    """What of the recording is in the window, on the recording's time line."""
    samples: npt.NDArray[np.float32]

    @property
    def start(self) -> Seconds:
        """Where the window starts in the recording."""
        return self.pieces[0].start

    @property
    def end(self) -> Seconds:
        """Where the window ends in the recording."""
        return self.pieces[-1].end

    @property
    def duration(self) -> Seconds:
        """Seconds of audio in the window."""
        return to_seconds(len(self.samples))

    @property
    def speech(self) -> Seconds:
        """Seconds of speech in the window."""
        return sum(region.end - region.start for region in self.regions)

    def original(self, time: Seconds, *, end: bool = False) -> Seconds:
        """Time in the recording of a time in the window.

        At a seam, a time belongs to the piece that starts there, or with ``end`` to the one that ends there.
        """
        for piece in self.pieces:
            length = piece.end - piece.start
            if time < length or (end and time <= length):
                return piece.start + max(time, 0.0)
            time -= length
        return self.end

    def inside(self, time: Seconds) -> Seconds:
        """Time in the window of a time in the recording; a time between two pieces is the seam."""
        passed = 0.0
        for piece in self.pieces:
            if time < piece.start:
                return passed
            if time < piece.end:
                return passed + time - piece.start
            passed += piece.end - piece.start
        return passed

    def part(self, regions: tuple[Region, ...]) -> Window:
        """Window of some neighbouring regions of this one."""
        pieces = _pieces(regions)
        parts = [
            self.samples[to_samples(self.inside(piece.start)) : to_samples(self.inside(piece.end))] for piece in pieces
        ]
        return Window(regions=regions, pieces=pieces, samples=np.concatenate(parts))


class Planner:
    """Cuts one channel of a recording into windows.

    Windows come in order, do not overlap, and together hold all the speech of the recording.

    Parameters
    ----------
    activity
        A fresh stream of the voice activity network.
    offset
        Time in the recording of the first sample.
    """

    def __init__(self, activity: ActivityStream, *, offset: Seconds = 0.0) -> None:
        self._activity = activity
        self._finder = RegionFinder(longest=LONGEST)
        self._packer = _Packer(offset)

    def feed(self, block: Samples) -> Iterator[Window]:
        """Take the next samples; yield the windows that are complete."""
        for samples, probabilities in self._activity.feed(block):
            yield from self._advance(samples, probabilities)

    def finish(self) -> Iterator[Window]:
        """Yield what is left at the end of the recording."""
        for samples, probabilities in self._activity.finish():
            yield from self._advance(samples, probabilities)
        self._packer.add(self._finder.finish())
        yield from self._packer.finish()

    def _advance(self, samples: Samples, probabilities: Probabilities) -> Iterator[Window]:
        self._packer.extend(samples)
        self._packer.add(self._finder.feed(probabilities))
        yield from self._packer.settle(self._finder.settled)


class _Packer:
    """Collects regions until a window is full; keeps no more samples than it may still need."""

    def __init__(self, offset: Seconds) -> None:
        self._origin = offset
        self._samples = np.zeros(0, np.float32)
        self._offset = 0
        """Number of the first kept sample among all."""
        self._regions: list[Region] = []
        """Of the window that is being filled."""
        self._found: deque[Region] = deque()
        """Regions whose last samples may still be on their way."""

    def extend(self, samples: Samples) -> None:
        self._samples = np.concatenate([self._samples, samples])

    def add(self, regions: Iterable[Region]) -> None:
        self._found.extend(regions)

    def settle(self, time: Seconds) -> Iterator[Window]:
        """Nothing more will start before a time: pack what is complete, forget what has passed."""
        while self._found and self._found[0].end <= self._end:
            yield from self._pack(self._found.popleft())
        if self._regions and not self._found and time - self._regions[-1].end >= _BREAK:
            yield self._window()
        needed = min([time, *(regions[0].start for regions in (self._regions, self._found) if regions)])
        passed = min(max(0, to_samples(needed - HOP_SECONDS) - self._offset), len(self._samples))
        self._samples = self._samples[passed:]
        self._offset += passed

    def finish(self) -> Iterator[Window]:
        for region in self._found:
            end = min(region.end, self._end)
            yield from self._pack(replace(region, end=end, tail=max(region.tail - (region.end - end), 0.0)))
        if self._regions:
            yield self._window()

    @property
    def _end(self) -> Seconds:
        return to_seconds(self._offset + len(self._samples))

    def _pack(self, region: Region) -> Iterator[Window]:
        if self._regions and not self._fits(region):
            yield self._window()
        self._regions.append(region)

    def _fits(self, region: Region) -> bool:
        if region.start - self._regions[-1].end >= _BREAK:
            return False
        pieces = _pieces((*self._regions, region))
        return sum(piece.end - piece.start for piece in pieces) <= LONGEST

    def _window(self) -> Window:
        regions = tuple(self._regions)
        self._regions = []
        pieces = _pieces(regions)
        parts = [self._samples[self._index(piece.start) : self._index(piece.end)] for piece in pieces]
        return Window(
            regions=_shifted(regions, self._origin),
            pieces=_shifted(pieces, self._origin),
            samples=np.concatenate(parts),
        )

    def _index(self, time: Seconds) -> int:
        return to_samples(time) - self._offset


def _pieces(regions: tuple[Region, ...]) -> tuple[Region, ...]:
    """Regions, joined over short pauses."""
    pieces = [regions[0]]
    for region in regions[1:]:
        if region.start - pieces[-1].end <= _KEPT:
            pieces[-1] = Region(start=pieces[-1].start, end=region.end)
        else:
            pieces.append(region)
    return tuple(pieces)


def _shifted(regions: tuple[Region, ...], offset: Seconds) -> tuple[Region, ...]:
    return tuple(replace(region, start=region.start + offset, end=region.end + offset) for region in regions)
