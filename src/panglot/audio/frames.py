"""Decoded frames → float32 samples, many frames at a time. Runs in the decoder process only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from panglot.audio.timeline import Piece
from panglot.units import Seconds

_BATCH: Seconds = 0.5
_JITTER: Seconds = 0.05


@dataclass(frozen=True, slots=True)
class _Format:
    """How a sample format becomes float32: subtract, then divide."""

    dtype: str
    offset: float
    scale: float


_SAMPLE_FORMATS = {
    "u8": _Format("u1", 128.0, 128.0),
    "s16": _Format("i2", 0.0, 32768.0),
    "s32": _Format("i4", 0.0, 2147483648.0),
    "s64": _Format("i8", 0.0, 9223372036854775808.0),
    "flt": _Format("f4", 0.0, 1.0),
    "dbl": _Format("f8", 0.0, 1.0),
}


class Batch:
    """Frames that follow one another, converted together: frames are short, and Python is slow for each of them."""

    def __init__(self) -> None:
        self.frames: list[AudioFrame] = []
        self._time: Seconds | None = None
        self._count = 0
        self._rate = 0
        self._kind: tuple[str, int, int] | None = None

    def takes(self, frame: AudioFrame, time: Seconds | None) -> bool:
        """Whether a frame continues the batch."""
        if not self.frames:
            return True
        if self._count >= self._rate * _BATCH or self._kind != _kind(frame):
            return False
        if time is None or self._time is None:
            return time is self._time
        return abs(time - self._time - self._count / self._rate) < _JITTER

    def add(self, frame: AudioFrame, time: Seconds | None) -> None:
        """Append a frame."""
        if not self.frames:
            self._time, self._rate, self._kind = time, frame.sample_rate, _kind(frame)
        self.frames.append(frame)
        self._count += frame.samples

    def piece(self) -> Piece:
        """All frames as one piece of float32 samples."""
        samples = np.concatenate([_raw(frame) for frame in self.frames], axis=1)
        layout = _SAMPLE_FORMATS[self.frames[0].format.packed.name]
        with np.errstate(over="ignore", invalid="ignore"):
            converted = samples.astype(np.float32, copy=False)
        if layout.scale != 1.0:
            converted -= np.float32(layout.offset)
            converted *= np.float32(1.0 / layout.scale)
        return Piece(time=self._time, rate=self._rate, samples=converted)


def _kind(frame: AudioFrame) -> tuple[str, int, int]:
    return frame.format.name, frame.sample_rate, frame.layout.nb_channels


def _raw(frame: AudioFrame) -> NDArray[Any]:
    """View of a frame's samples, shape ``(channels, n)``, read from its planes: PyAV converts no 64-bit integers."""
    dtype = _SAMPLE_FORMATS[frame.format.packed.name].dtype
    channels, count = frame.layout.nb_channels, frame.samples
    # PyAV counts planes up to the first null pointer, which with 8 channels and more lies behind the last plane
    planes = [np.frombuffer(cast("Any", plane), dtype) for plane in frame.planes[:channels]]
    if not frame.format.is_planar:
        return planes[0][: count * channels].reshape(count, channels).T
    return planes[0][None, :count] if channels == 1 else np.stack([plane[:count] for plane in planes])
