"""Who of up to three local speakers speaks in each frame of ten seconds.

Source: Plaquet & Bredin 2023, arXiv:2310.13025. The network chooses one of the seven sets of at most two out of three
speakers for each frame; the file already turns the set into three activities. Which number a speaker has changes from
chunk to chunk.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.protocol import Samples
from panglot.diarization.runtime import Network
from panglot.units import SAMPLE_RATE, Seconds

Activity = NDArray[np.bool_]
"""Shape ``(frames, speakers)``."""

CHUNK = 10 * SAMPLE_RATE
"""Samples that the network hears at once."""
FRAMES = 589
"""Frames of a chunk."""
LOCAL_SPEAKERS = 3
HOP = 270
"""Samples from one frame to the next."""
HOP_SECONDS: Seconds = HOP / SAMPLE_RATE

_FIELD = 991
"""Samples that one frame is computed from."""


class Segmenter:
    """The network, shared by all recordings.

    Parameters
    ----------
    path
        ``segmentation.ort``.

    Raises
    ------
    WeightsCorruptError
        If the file cannot be loaded.
    """

    def __init__(self, path: Path) -> None:
        self._network = Network(path, origin=path)

    def __call__(self, chunk: Samples) -> Activity:
        """Return who speaks in a chunk.

        Parameters
        ----------
        chunk
            Shape ``(160000,)``.

        Returns
        -------
        Activity
            Shape ``(589, 3)``.
        """
        if not chunk.any():
            return np.zeros((FRAMES, LOCAL_SPEAKERS), np.bool_)
        return self._network(chunk.reshape(1, 1, CHUNK))[0] > 0.5


def frame_at(sample: NDArray[np.float64] | float) -> NDArray[np.intp]:
    """Frame whose centre is nearest to a place in the chunk, in samples; may lie outside the chunk."""
    return np.rint((np.asarray(sample) - (_FIELD - 1) / 2) / HOP).astype(np.intp)


def sample_of(frame: int) -> float:
    """Centre of a frame, in samples of the chunk."""
    return frame * HOP + (_FIELD - 1) / 2


def boundary(frame: int) -> Seconds:
    """Time at which a frame takes over from the one before it: halfway between their centres."""
    return (frame * HOP + (_FIELD - HOP) / 2) / SAMPLE_RATE
