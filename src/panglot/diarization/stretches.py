"""Stretches of a recording in which one voice speaks: what speakers are found from.

A chunk's local speakers are not it: where segmentation takes two people for one, an embedding describes both. So what
is heard from moment to moment is cut at pauses, where the voice changes, and before it gets long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.observation import POINT_FRAMES
from panglot.diarization.plda import unit
from panglot.diarization.protocol import VOICE_SIZE
from panglot.diarization.segmentation import HOP_SECONDS
from panglot.units import Seconds

_MOMENT: Seconds = POINT_FRAMES * HOP_SECONDS
_TELLING = 4
"""Moments, 1 s of speech, from which a stretch describes a voice."""
_MOST = 10
"""Moments of a stretch at most: where a change goes unnoticed, few seconds describe two people."""
_BESIDE = 3
"""Moments on either side of a place that are compared."""
_CHANGED = 0.7
"""Cosine of the two sides below which the voice may change; chosen on conversations of others' voices."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretches:
    """Embeddings of stretches, in the order of the recording."""

    embeddings: NDArray[np.float32]
    """Shape ``(n, 256)``, rows of length 1."""
    seconds: NDArray[np.float64]
    """Shape ``(n,)``: how long each is."""


def stretches_of(track: NDArray[np.float16]) -> Stretches:
    """Cut a recording into stretches.

    Parameters
    ----------
    track
        The voice at every moment, shape ``(moments, 256)``, `POINT_FRAMES` apart; NaN where not one person speaks.

    Returns
    -------
    Stretches
        Those long enough to describe a voice, or all if none is.
    """
    found = list(_pieces(track))
    least = _TELLING if any(count >= _TELLING for _, count in found) else 1
    telling = [(voice, count) for voice, count in found if count >= least]
    return Stretches(
        embeddings=np.array([voice for voice, _ in telling], np.float32).reshape(-1, VOICE_SIZE),
        seconds=np.array([count for _, count in telling], np.float64) * _MOMENT,
    )


def _pieces(track: NDArray[np.float16]) -> Iterator[tuple[NDArray[np.float32], int]]:
    """The voice of each stretch, and of how many moments it is."""
    known = np.flatnonzero(~np.isnan(track[:, 0]))
    for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
        if len(run):
            moments = unit(track[run].astype(np.float32))
            for voice in np.split(moments, _changes(moments)):
                for piece in np.array_split(voice, -(-len(voice) // _MOST)):
                    yield unit(piece.sum(axis=0)).astype(np.float32), len(piece)


def _changes(moments: NDArray[np.float64]) -> list[int]:
    """Places where the voice changes: those before and behind are least alike there, and not alike."""
    places = range(_BESIDE, len(moments) - _BESIDE + 1)
    if not places:
        return []
    sums = np.cumsum(np.pad(moments, ((1, 0), (0, 0))), axis=0)
    sides = sums[_BESIDE:] - sums[:-_BESIDE]
    alike = np.ones(len(moments) + 1)
    alike[places] = (unit(sides[:-_BESIDE]) * unit(sides[_BESIDE:])).sum(axis=1)
    return [
        place
        for place in places
        if alike[place] < _CHANGED and alike[place] == alike[max(0, place - _BESIDE) : place + _BESIDE + 1].min()
    ]
