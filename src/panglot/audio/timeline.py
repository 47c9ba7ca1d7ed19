"""Decoded pieces → blocks at 16 kHz, each sample at its true place on the recording's time line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import gcd
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from panglot.audio.protocol import BLOCK_SAMPLES
from panglot.units import SAMPLE_RATE, Seconds, to_samples

Samples = NDArray[np.float32]

TOLERANCE: Seconds = 0.1
"""Time stamps that differ from the count of samples by less than this are rounding, not a gap."""
WARNINGS = 10
"""Gaps reported one by one; the rest are counted."""
_CHUNK: Seconds = 0.4
_WARM_UP: Seconds = 1.0


class Resampler(Protocol):
    """One channel at one rate → the same channel at 16 kHz, aligned with its input."""

    def push(self, samples: Samples) -> Samples:
        """Shape ``(n,)`` → what is certain so far, shape ``(m,)``."""
        ...

    def flush(self) -> Samples:
        """Return the rest; the resampler is used up."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One decoded frame."""

    time: Seconds | None
    """Start on the recording's time line; ``None`` where the container does not say."""
    rate: int
    samples: Samples
    """Shape ``(channels, n)``."""


class Packer:
    """Cuts a range out of placed samples and packs it into blocks; holes become silence."""

    def __init__(self, *, start: int = 0, end: int | None = None, size: int = BLOCK_SAMPLES) -> None:
        self._end = end
        self._size = size
        self._parts: list[Samples] = []
        self._held = 0
        self._channels = 1
        self.position = start
        """Index of the next sample, from the start of the recording."""
        self.emitted = 0

    @property
    def done(self) -> bool:
        """Whether the end of the range is reached."""
        return self._end is not None and self.position >= self._end

    def place(self, index: int, samples: Samples) -> Iterator[Samples]:
        """Put samples, shape ``(channels, n)``, at an index; what lies before the position is dropped."""
        self._channels = samples.shape[0]
        yield from self.pad(index)
        samples = samples[:, max(0, self.position - index) :]
        if self._end is not None:
            samples = samples[:, : max(0, self._end - self.position)]
        yield from self._append(samples)

    def pad(self, index: int) -> Iterator[Samples]:
        """Silence up to an index."""
        target = index if self._end is None else min(index, self._end)
        while self.position < target:
            count = min(self._size, target - self.position)
            yield from self._append(np.zeros((self._channels, count), np.float32))

    def finish(self) -> Iterator[Samples]:
        """Last block, which may be short."""
        if self._held:
            yield self._take(self._held)

    def _append(self, samples: Samples) -> Iterator[Samples]:
        if samples.shape[1]:
            self._parts.append(samples)
            self._held += samples.shape[1]
            self.position += samples.shape[1]
        while self._held >= self._size:
            yield self._take(self._size)

    def _take(self, count: int) -> Samples:
        joined = np.concatenate(self._parts, axis=1)
        self._parts = [joined[:, count:]] if joined.shape[1] > count else []
        self._held = joined.shape[1] - count
        self.emitted += count
        return np.ascontiguousarray(joined[:, :count])


class Timeline:
    """Follows the time stamps of a recording while its pieces arrive.

    Samples are counted on the grid of the recording's own rate from its time zero, so that a recording that is cut,
    sought in or damaged keeps every later sample where it was. At most ``silence`` seconds are put into gaps in all.
    """

    def __init__(
        self,
        packer: Packer,
        *,
        start: Seconds,
        separate_channels: bool,
        silence: Seconds,
        resampler: Callable[[int], Resampler],
        warn: Callable[[str], None],
    ) -> None:
        self._packer = packer
        self._start = start
        self._separate = separate_channels
        self._make = resampler
        self._warn = warn
        self._silence_left = silence
        self._rate: int = 0
        self._position: int = 0
        """Index, at the current rate, of the sample after the last piece."""
        self._shift: Seconds = 0.0
        self._resamplers: list[Resampler] = []
        self._pending: list[Samples] = []
        self._output: int = 0
        """Index at 16 kHz of what the resamplers give next."""
        self._gaps: list[Seconds] = []
        self._channels = 0
        self._cleaned = False
        self.heard = 0
        """Samples decoded, at whatever rate."""

    @property
    def time(self) -> Seconds:
        """End of what has arrived."""
        return self._position / self._rate if self._rate else 0.0

    @property
    def done(self) -> bool:
        """Whether nothing that could still arrive is wanted."""
        return self._packer.done

    @property
    def gaps(self) -> int:
        """Holes found so far."""
        return len(self._gaps)

    def add(self, piece: Piece, *, sought: bool = False) -> Iterator[Samples]:
        """Next piece of the recording; ``sought``: it is where a seek landed, and what lies before was not wanted."""
        gap = self._gap(piece)
        jump = sought or gap > TOLERANCE
        if jump and not sought:
            jump = self._accept_gap(gap)
        if jump or piece.rate != self._rate:
            yield from self._end_run()
            time = self.time + (gap if jump else 0.0)
            self._rate = piece.rate
            self._position = round(time * piece.rate)
        elif gap < -TOLERANCE:
            self._shift -= gap
        self.heard += piece.samples.shape[1]
        yield from self._feed(self._clean(piece.samples))

    def finish(self) -> Iterator[Samples]:
        """Everything still held back."""
        yield from self._end_run()
        yield from self._packer.finish()
        if len(self._gaps) > WARNINGS:
            self._warn(f"{len(self._gaps)} gaps in all, {sum(self._gaps):.1f} s, were replaced by silence")

    def _gap(self, piece: Piece) -> Seconds:
        return 0.0 if piece.time is None else piece.time + self._shift - self.time

    def _accept_gap(self, gap: Seconds) -> bool:
        """Whether a gap becomes silence; if not, the time line goes on as if there were none."""
        if gap > self._silence_left:
            self._shift -= gap
            self._warn(f"the time stamps jump by {gap:.0f} s at {self.time:.2f} s; the jump was ignored")
            return False
        self._silence_left -= gap
        if self._rate:
            self._gaps.append(gap)
            if len(self._gaps) <= WARNINGS:
                self._warn(f"damaged or missing at {self.time:.2f} s; {gap:.2f} s lost, replaced by silence")
        return True

    def _clean(self, samples: Samples) -> Samples:
        """Finite samples of the channels that are wanted."""
        if not np.isfinite(samples.sum(dtype=np.float64)):
            if not self._cleaned and not np.isfinite(samples).all():
                self._warn("some samples are not numbers; they were replaced by silence")
                self._cleaned = True
            samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
        samples = np.clip(samples, -1.0, 1.0)
        if not self._separate:
            return samples.mean(axis=0, keepdims=True)
        self._channels = self._channels or samples.shape[0]
        if samples.shape[0] < self._channels:
            missing = self._channels - samples.shape[0]
            samples = np.concatenate([samples, np.zeros((missing, samples.shape[1]), np.float32)])
        return samples[: self._channels]

    def _feed(self, samples: Samples) -> Iterator[Samples]:
        end = self._position + samples.shape[1]
        if not self._resamplers:
            if end / self._rate < self._start - _WARM_UP:
                self._position = end
                return
            samples = self._begin_run(samples)
        self._position = end
        self._pending.append(samples)
        if sum(part.shape[1] for part in self._pending) >= _CHUNK * self._rate:
            yield from self._resample()

    def _begin_run(self, samples: Samples) -> Samples:
        """Start resampling on a sample that both grids share; zeros reach back to it."""
        step = self._rate // gcd(self._rate, SAMPLE_RATE)
        lead = self._position % step
        self._output = (self._position - lead) * SAMPLE_RATE // self._rate
        self._resamplers = [self._make(self._rate) for _ in samples]
        return np.concatenate([np.zeros((len(samples), lead), np.float32), samples], axis=1) if lead else samples

    def _resample(self) -> Iterator[Samples]:
        samples = np.concatenate(self._pending, axis=1)
        self._pending = []
        output = [resampler.push(channel) for resampler, channel in zip(self._resamplers, samples, strict=True)]
        yield from self._place(np.stack(output))

    def _end_run(self) -> Iterator[Samples]:
        if not self._resamplers:
            return
        if self._pending:
            yield from self._resample()
        tail = np.stack([resampler.flush() for resampler in self._resamplers])
        self._resamplers = []
        left = max(0, to_samples(self.time) - self._output)
        yield from self._place(tail[:, :left])

    def _place(self, samples: Samples) -> Iterator[Samples]:
        index = self._output
        self._output += samples.shape[1]
        if self._output <= self._packer.position:
            return
        yield from self._packer.place(index, np.clip(samples, -1.0, 1.0))
