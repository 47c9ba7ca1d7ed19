"""Speakers whom the clustering left out: what is like nobody is somebody.

A further speaker has a price, which one who says little cannot pay, however different he sounds: he is counted with
others whom he is not at all like.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.agglomerative import cluster_sums, renumbered
from panglot.diarization.plda import unit

_LIKE = 0.35
"""Cosine from which a voice may be a speaker's; chosen on conversations of synthetic voices."""


def with_strangers(
    vectors: NDArray[np.float64], labels: NDArray[np.intp], *, weights: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Give those who are like nobody a label each.

    Parameters
    ----------
    vectors
        Shape ``(n, d)``: embeddings of length 1.
    labels
        Shape ``(n,)``: the speaker of each, numbered from 0.
    weights
        Shape ``(n,)``: time that each stands for.

    Returns
    -------
    NDArray[np.intp]
        Shape ``(n,)``, numbered from 0 in order of first appearance.
    """
    strangers = np.flatnonzero(_likeness(vectors, labels, weights) < _LIKE)
    found = labels.copy()
    found[strangers] = int(labels.max()) + 1 + np.arange(len(strangers))
    return renumbered(found)


def _likeness(
    vectors: NDArray[np.float64], labels: NDArray[np.intp], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Cosine of each to the speaker it is most like, without its own part in him; 1 for who is alone."""
    sums = cluster_sums(vectors, labels, weights=weights)
    # Not a matrix product, which would round differently on another number of threads.
    likeness = np.einsum("nd,sd->ns", vectors, unit(sums))
    others = sums[labels] - vectors * weights[:, None]
    lengths = np.linalg.norm(others, axis=1)
    accompanied = lengths > 1e-9
    mine = np.ones(len(vectors))
    mine[accompanied] = (others * vectors).sum(axis=1)[accompanied] / lengths[accompanied]
    likeness[np.arange(len(vectors)), labels] = mine
    return likeness.max(axis=1)
