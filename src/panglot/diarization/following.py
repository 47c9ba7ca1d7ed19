"""Who speaks from moment to moment, by the voice: the last word where segmentation took two people for one.

A person speaks on rather than changes at every moment, so the most likely course of speakers is sought, not the most
likely speaker of each moment (Viterbi 1967).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.assignment import NOBODY

_CHANGE = 0.3
"""What a change of speaker costs between two moments in a row, as a cosine; chosen on synthetic voices."""


def follow(similarities: NDArray[np.float64]) -> NDArray[np.intp]:
    """Find the speaker of each moment.

    Parameters
    ----------
    similarities
        Shape ``(moments, speakers)``: how much the voice is like each speaker's, as a cosine; rows of NaN where nothing
        is known.

    Returns
    -------
    NDArray[np.intp]
        Shape ``(moments,)``: the speaker, or `NOBODY` where nothing is known.
    """
    labels = np.full(len(similarities), NOBODY)
    known = np.flatnonzero(~np.isnan(similarities).any(axis=1))
    if not len(known):
        return labels
    # After a pause anybody may speak next.
    costs = np.where(np.diff(known, prepend=known[0]) == 1, _CHANGE, 0.0)
    labels[known] = _course(similarities[known], costs)
    return labels


def _course(likeness: NDArray[np.float64], costs: NDArray[np.float64]) -> NDArray[np.intp]:
    """Speakers, one a row, with the largest sum of likeness less the costs of changes."""
    everybody = np.arange(likeness.shape[1], dtype=np.intp)
    before = np.empty(likeness.shape, np.intp)
    best = np.zeros(likeness.shape[1])
    for row, (gain, cost) in enumerate(zip(likeness, costs, strict=True)):
        leader = int(best.argmax())
        stays = best >= best[leader] - cost
        before[row] = np.where(stays, everybody, leader)
        best = np.where(stays, best, best[leader] - cost) + gain
    course = np.empty(len(likeness), np.intp)
    speaker = int(best.argmax())
    for row in range(len(likeness) - 1, -1, -1):
        course[row] = speaker
        speaker = int(before[row, speaker])
    return course
