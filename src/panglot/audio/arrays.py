"""Samples that are in memory already: checked, scaled, and cut into the blocks that files give."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panglot.audio.protocol import BLOCK_SAMPLES, AudioInfo
from panglot.audio.timeline import Samples
from panglot.errors import AudioFormatError
from panglot.units import SAMPLE_RATE

Array = NDArray[Any]

_SCALES = {"int8": 128.0, "int16": 32768.0, "int32": 2147483648.0}
_FLOATS = ("float16", "float32", "float64")
_LOUDEST = 8.0
"""Floats beyond this are not samples with full scale 1.0 that overshoot, but on another scale."""
_UNKNOWN_SIZE = 0xFFFFFFFF


def check(array: Array, *, channels: int, rate: int) -> Array:
    """Array of shape ``(channels, n)``, not copied.

    Parameters
    ----------
    array
        Samples of shape ``(n,)`` or ``(channels, n)``.
    channels
        The most channels that are allowed.
    rate
        Samples per second, 1000 to 1000000 Hz.

    Returns
    -------
    Array
        The same samples, shape ``(channels, n)``.

    Raises
    ------
    AudioFormatError
        If the shape, type, scale or rate cannot be that of samples.
    """
    if array.ndim not in (1, 2):
        raise AudioFormatError(f"samples have shape {array.shape}; give (n,) or (channels, n).")
    samples = array[None] if array.ndim == 1 else array
    if not samples.shape[1]:
        raise AudioFormatError("the array has no samples. Check how it was read or cut.")
    if not 1 <= samples.shape[0] <= channels:
        raise AudioFormatError(
            f"samples have shape {array.shape}, which is {samples.shape[0]} channels; 1 to {channels} are allowed. "
            "Samples as (n, channels) must be transposed."
        )
    if not 1_000 <= rate <= 1_000_000:
        raise AudioFormatError(f"sample_rate is {rate}; 1000 to 1000000 Hz are possible.")
    _check_values(samples)
    return samples


def describe(samples: Array, rate: int) -> AudioInfo:
    """Describe samples as a file with them would describe itself."""
    return AudioInfo(
        name="<array>",
        container="array",
        codec=samples.dtype.name,
        sample_rate=rate,
        channels=samples.shape[0],
        duration=samples.shape[1] / rate,
    )


def blocks(samples: Array, *, start: int, end: int | None, separate_channels: bool) -> Iterator[Samples]:
    """Blocks of a checked array at 16 kHz."""
    stop = samples.shape[1] if end is None else min(end, samples.shape[1])
    for at in range(start, stop, BLOCK_SAMPLES):
        block = np.clip(to_float(samples[:, at : min(at + BLOCK_SAMPLES, stop)]), -1.0, 1.0)
        yield block if separate_channels else block.mean(axis=0, keepdims=True)


def to_float(samples: Array) -> Samples:
    """Full scale 1.0, float32; what is no number becomes silence."""
    if samples.dtype.name == "uint8":
        return (samples.astype(np.float32) - np.float32(128)) / np.float32(128)
    if scale := _SCALES.get(samples.dtype.name):
        return samples.astype(np.float32) / np.float32(scale)
    return np.nan_to_num(samples.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def wav_chunks(samples: Array, rate: int) -> Iterator[bytes]:
    """Write the array as a float32 WAV file, piece by piece."""
    channels, count = samples.shape
    size = min(count * channels * 4, _UNKNOWN_SIZE)
    yield b"RIFF" + struct.pack("<I", min(size + 36, _UNKNOWN_SIZE)) + b"WAVEfmt "
    yield struct.pack("<IHHIIHH", 16, 3, channels, rate, rate * channels * 4, channels * 4, 32)
    yield b"data" + struct.pack("<I", size)
    for at in range(0, count, SAMPLE_RATE * 60):
        yield np.ascontiguousarray(to_float(samples[:, at : at + SAMPLE_RATE * 60]).T).tobytes()


def has_gaps(samples: Array) -> bool:
    """Whether some samples are no numbers."""
    return samples.dtype.kind == "f" and not bool(np.isfinite(samples.sum(dtype=np.float64)))


def _check_values(samples: Array) -> None:
    name = samples.dtype.name
    if name not in _FLOATS:
        if name in _SCALES or name == "uint8":
            return
        raise AudioFormatError(
            f"samples are of type {name}; float32 with full scale 1.0, float16, float64, int16, int32, int8 and uint8 "
            "are understood. Convert them."
        )
    with np.errstate(invalid="ignore"):
        finite = samples[np.isfinite(samples)] if has_gaps(samples) else samples
    loudest = max(float(finite.max(initial=0.0)), -float(finite.min(initial=0.0)))
    if loudest > _LOUDEST:
        raise AudioFormatError(
            f"samples reach {loudest:g}, but floats must be between -1 and 1. "
            "Divide by full scale (32768 for 16-bit samples), or give integers."
        )
