"""Waveforms: how loud a recording is, fifty times a second, and fewer times for a picture of it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from panglot.units import SAMPLE_RATE

PEAKS_PER_SECOND: Final = 50
_STEP: Final = SAMPLE_RATE // PEAKS_PER_SECOND


class Peaks:
    """Collects the peaks of a recording, a byte each."""

    def __init__(self) -> None:
        self._found: list[NDArray[np.uint8]] = []
        self._rest = np.zeros(0, dtype=np.float32)

    def add(self, samples: NDArray[np.float32]) -> None:
        """Add samples at 16 kHz, full scale 1.0, shape ``(n,)``."""
        joined = np.concatenate((self._rest, samples))
        whole = len(joined) // _STEP * _STEP
        self._found.append(_bytes(np.abs(joined[:whole]).reshape(-1, _STEP).max(axis=1)))
        self._rest = joined[whole:]

    def finish(self) -> bytes:
        """Return all peaks; 255 is full scale."""
        if len(self._rest):
            self._found.append(_bytes(np.abs(self._rest).max(keepdims=True)))
            self._rest = np.zeros(0, dtype=np.float32)
        return b"".join(each.tobytes() for each in self._found)


def shrink(peaks: bytes, buckets: int) -> list[int]:
    """Return the highest peak of each of some stretches of like length; all peaks where there are not so many."""
    values = np.frombuffer(peaks, dtype=np.uint8)
    if len(values) <= buckets:
        return values.tolist()
    starts = np.linspace(0, len(values), buckets, endpoint=False).astype(np.intp)
    return np.maximum.reduceat(values, starts).tolist()


def _bytes(levels: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(np.clip(levels, 0.0, 1.0) * 255.0).astype(np.uint8)
