"""Embeddings of the local speakers of each chunk, and of the voice from moment to moment.

The residual network is by far the most expensive part. It runs over blocks of two seconds, the length it was trained
on, each once and only where somebody speaks. Segmentation takes two people for one at times, even all through a chunk,
and only the voice can tell: so it runs over all speech.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from panglot.diarization import fbank
from panglot.diarization.embedding import STRIDE, Trace, VoiceEncoder
from panglot.diarization.fbank import Features, log_mel_bank
from panglot.diarization.protocol import VOICE_SIZE, Samples
from panglot.diarization.segmentation import CHUNK, FRAMES, HOP_SECONDS, Activity, frame_at, sample_of
from panglot.units import SAMPLE_RATE, Seconds

A = TypeVar("A")
B = TypeVar("B")

_BLOCK_FRAMES = 200
_BLOCK = _BLOCK_FRAMES * fbank.HOP
"""Samples from one block to the next."""
_TRACE_FRAMES = _BLOCK_FRAMES // STRIDE
LOOKAHEAD = _BLOCK + fbank.WINDOW
"""Samples behind the end of a chunk that its last block may reach."""

_ALONE: Seconds = 0.25
"""With less speech than this without others, a speaker is described from overlapped speech too."""

POINT_FRAMES = 14
"""Frames from one moment at which the voice is described to the next: 0.24 s."""
_SPAN = 0.6 * SAMPLE_RATE
"""Samples before and behind a moment that are listened to."""
_LEAST = 8
"""Frames of a trace, 0.08 s each, that describe a moment."""


class Tape:
    """The last samples of a recording, by their place in it; past its end there is silence."""

    def __init__(self) -> None:
        self._samples = np.zeros(0, np.float32)
        self._offset = 0

    @property
    def end(self) -> int:
        """Number of samples so far."""
        return self._offset + len(self._samples)

    def extend(self, samples: Samples) -> None:
        """Add the next samples."""
        self._samples = np.concatenate([self._samples, samples])

    def take(self, start: int, count: int) -> Samples:
        """Return samples from a place on, filled with silence where the recording has none."""
        taken = self._samples[start - self._offset :][:count]
        return np.pad(taken, (0, count - len(taken)))

    def forget(self, before: int) -> None:
        """Drop the samples before a place."""
        passed = min(max(0, before - self._offset), len(self._samples))
        self._samples = self._samples[passed:].copy()
        self._offset += passed


class Each(Protocol):
    """What ``map`` is: calls a function on every item, here possibly several at the same time."""

    def __call__(self, function: Callable[[A], B], items: Iterable[A], /) -> Iterable[B]:
        """Return the results in the order of the items."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chunk:
    """Ten seconds, and who speaks in them."""

    start: int
    """First sample."""
    activity: Activity
    """Shape ``(589, 3)``."""
    points: range
    """Moments of the chunk, `POINT_FRAMES` apart, at which the voice is described."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observed:
    """What is heard in a chunk."""

    embeddings: NDArray[np.float32]
    """Of the local speakers, shape ``(3, 256)``; a row of NaN where there is nothing to describe."""
    track: NDArray[np.float16]
    """Of the voice at each moment, shape ``(points, 256)``; NaN where not one person speaks."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Plan:
    """What one chunk needs."""

    blocks: NDArray[np.intp]
    masks: NDArray[np.bool_]
    """Frames that describe each speaker, shape ``(blocks, 25, speakers)``."""
    alone: NDArray[np.bool_]
    """Frames in which each speaks alone, shape ``(blocks, 25, speakers)``."""


class Observer:
    """Describes the local speakers of chunks.

    Parameters
    ----------
    encoder
        The network.
    tape
        Where the samples are. They are needed from two seconds before the chunks to `LOOKAHEAD` behind them.
    each
        Runs the network on several blocks; ``map`` takes one after another.
    """

    def __init__(self, encoder: VoiceEncoder, tape: Tape, *, each: Each) -> None:
        self._encoder = encoder
        self._tape = tape
        self._each = each
        self._features: dict[int, Features] = {}
        self._traces: dict[int, Trace] = {}

    def observe(self, chunks: Sequence[Chunk]) -> list[Observed]:
        """Describe the voices of the next chunks. How many come at once makes no difference to the result.

        Parameters
        ----------
        chunks
            In order.

        Returns
        -------
        list of Observed
            One for each.
        """
        wanted: dict[int, Features] = {}
        plans = [self._plan(chunk, wanted) for chunk in chunks]
        self._traces |= zip(wanted, self._each(self._encoder.trace, wanted.values()), strict=True)
        described = [self._describe(plan, chunk) for plan, chunk in zip(plans, chunks, strict=True)]
        self._forget(int(plans[-1].blocks[0]))
        self._last = plans[-1], chunks[-1]
        return described

    def track(self, points: range) -> NDArray[np.float16]:
        """Describe the voice at more moments of the last chunk; shape ``(points, 256)`` as in `Observed`."""
        plan, chunk = self._last
        return self._follow(plan, replace(chunk, points=points))

    def _plan(self, chunk: Chunk, wanted: dict[int, Features]) -> _Plan:
        """Find where each speaks; add blocks in which somebody speaks and that are new to ``wanted``."""
        blocks = np.arange(chunk.start // _BLOCK, (chunk.start + CHUNK - 1) // _BLOCK + 1)
        masks = _masks(blocks, chunk.start, _describing(chunk.activity))
        for block in blocks[masks.any(axis=(1, 2))].tolist():
            if block not in self._traces and block not in wanted:
                wanted[block] = self._normalised(block, blocks)
        return _Plan(blocks=blocks, masks=masks, alone=_masks(blocks, chunk.start, _alone(chunk.activity)))

    def _describe(self, plan: _Plan, chunk: Chunk) -> Observed:
        embeddings = np.full((chunk.activity.shape[1], VOICE_SIZE), np.nan, np.float32)
        for speaker in np.flatnonzero(plan.masks.any(axis=(0, 1))):
            embeddings[speaker] = self._embed(plan, plan.masks[:, :, speaker])
        return Observed(
            embeddings=embeddings,
            track=self._follow(plan, chunk),
        )

    def _follow(self, plan: _Plan, chunk: Chunk) -> NDArray[np.float16]:
        track = np.full((len(chunk.points), VOICE_SIZE), np.nan, np.float16)
        alone = _alone(chunk.activity)
        places = _places(plan.blocks, chunk.start)
        for row, point in enumerate(chunk.points):
            frame = point * POINT_FRAMES + POINT_FRAMES // 2
            near = np.abs(places - sample_of(frame)) <= _SPAN
            for speaker in np.flatnonzero(alone[frame]):
                mask = plan.alone[:, :, speaker] & near
                if mask.sum() >= _LEAST:
                    track[row] = self._embed(plan, mask)
        return track

    def _forget(self, before: int) -> None:
        for kept in (self._features, self._traces):
            for block in [block for block in kept if block < before]:
                del kept[block]

    def _embed(self, plan: _Plan, mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        rows = np.flatnonzero(mask.any(axis=1))
        trace = np.concatenate([self._traces[int(plan.blocks[row])] for row in rows], axis=1)
        return self._encoder.embed(trace, mask[rows].ravel())

    def _normalised(self, block: int, blocks: NDArray[np.intp]) -> Features:
        """Features of a block without the mean of the sound around it; silence past the end of the recording is 0."""
        around = np.concatenate([self._block(int(other)) for other in blocks])
        # A line that is muted holds exact zeros. Their logarithm is far from any sound's, and would move the mean.
        sound = around[around.max(axis=1) > fbank.NOTHING]
        if not len(sound):
            return np.zeros((_BLOCK_FRAMES, fbank.BANDS), np.float32)
        features = self._block(block) - sound.mean(axis=0, dtype=np.float64).astype(np.float32)
        return np.pad(features, ((0, _BLOCK_FRAMES - len(features)), (0, 0)))

    def _block(self, block: int) -> Features:
        if block not in self._features:
            start = block * _BLOCK
            length = min(_BLOCK + fbank.WINDOW - fbank.HOP, max(self._tape.end - start, 0))
            self._features[block] = log_mel_bank(self._tape.take(start, length))
        return self._features[block]


def _alone(activity: Activity) -> Activity:
    return activity & (activity.sum(axis=1) == 1)[:, None]


def _describing(activity: Activity) -> Activity:
    """Frames that describe each speaker: those without others, if there are any to speak of."""
    alone = _alone(activity)
    return np.where(alone.sum(axis=0) * HOP_SECONDS >= _ALONE, alone, activity)


def _places(blocks: NDArray[np.intp], start: int) -> NDArray[np.float64]:
    """Middle of each frame of the blocks' traces, in samples of the chunk; shape ``(blocks, 25)``."""
    middle = (np.arange(_TRACE_FRAMES) * STRIDE + (STRIDE - 1) / 2) * fbank.HOP + fbank.WINDOW / 2
    return blocks[:, None] * _BLOCK + middle - start


def _masks(blocks: NDArray[np.intp], start: int, activity: Activity) -> NDArray[np.bool_]:
    """Activity at the frames of traces, shape ``(blocks, 25, speakers)``."""
    frames = frame_at(_places(blocks, start))
    inside = (frames >= 0) & (frames < FRAMES)
    return activity[frames.clip(0, FRAMES - 1)] & inside[:, :, None]
