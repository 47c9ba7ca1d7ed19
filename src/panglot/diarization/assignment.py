"""Which speaker of the recording each local speaker of a chunk is."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

NOBODY = -1


def assign(similarities: NDArray[np.float64]) -> NDArray[np.intp]:
    """Give the local speakers of one chunk to speakers of the recording, so that all together fit best.

    Two local speakers are different people, so they get different speakers as long as there are enough.

    Parameters
    ----------
    similarities
        Shape ``(local speakers, speakers)``; rows of NaN are left out.

    Returns
    -------
    NDArray[np.intp]
        Shape ``(local speakers,)``: the speaker of each, or `NOBODY`.
    """
    labels = np.full(len(similarities), NOBODY)
    rows = np.flatnonzero(~np.isnan(similarities).any(axis=1))
    known = similarities[rows]
    if len(rows) > known.shape[1]:
        labels[rows] = known.argmax(axis=1)
        return labels
    # With so few rows, the best assignment only uses the first choices of each.
    choices = np.argsort(-known, axis=1, kind="stable")[:, : len(rows)]
    options = [option for option in product(*choices.tolist()) if len(set(option)) == len(rows)]
    totals = [sum(row[speaker] for row, speaker in zip(known, option, strict=True)) for option in options]
    labels[rows] = options[int(np.argmax(totals))]
    return labels
