"""Clusters that are one person: as alike as a person's own stretches are.

How alike that is depends on the person, on how long the stretches are, and on the line or room that all are heard
through. So the likeness of two clusters is measured by the likeness inside each.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.agglomerative import cluster_sums, renumbered
from panglot.units import Seconds

_ALIKE = 0.57
"""Likeness of two clusters, as a share of that inside them, from which they are one person."""
_ENOUGH: Seconds = 6.0
"""Speech of a cluster that tells how alike a person's stretches are."""
_USUAL = 0.5
"""Cosine of two stretches of a person, where too few are known."""
_RANGE = 0.3, 0.6
"""Where it lies otherwise: who says the same thing again is more like himself than people are."""


def joined(means: NDArray[np.float64], labels: NDArray[np.intp], *, weights: NDArray[np.float64]) -> NDArray[np.intp]:
    """Join clusters, the most alike first, until none are alike.

    Parameters
    ----------
    means
        Shape ``(n, d)``: means of stretches of length 1.
    labels
        Shape ``(n,)``: the cluster of each, numbered from 0.
    weights
        Shape ``(n,)``: seconds of each.

    Returns
    -------
    NDArray[np.intp]
        Shape ``(n,)``, numbered from 0 in order of first appearance.
    """
    labels = labels.copy()
    while True:
        labels = renumbered(labels)
        likeness = _likeness(means, labels, weights)
        kept, gone = divmod(int(likeness.argmax()), len(likeness))
        if likeness[kept, gone] < _ALIKE:
            return labels
        labels[labels == gone] = kept


def _likeness(
    means: NDArray[np.float64], labels: NDArray[np.intp], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of each two clusters, shape ``(clusters, clusters)``; less than any of a cluster to itself."""
    times = np.bincount(labels, weights=weights).astype(np.float64)
    sums = cluster_sums(means, labels, weights=weights)
    # Not a matrix product, which would round differently on another number of threads.
    products = np.einsum("id,jd->ij", sums, sums)
    inside = _inside(np.diagonal(products), times, np.square(weights), np.square(means).sum(axis=1), labels)
    likeness = products / (times[:, None] * times) / np.sqrt(inside[:, None] * inside)
    np.fill_diagonal(likeness, -np.inf)
    return likeness


def _inside(
    squares: NDArray[np.float64],
    times: NDArray[np.float64],
    shares: NDArray[np.float64],
    lengths: NDArray[np.float64],
    labels: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Cosine of two different stretches of each cluster, on average."""
    alone = np.bincount(labels, weights=shares * lengths)
    pairs = np.square(times) - np.bincount(labels, weights=shares)
    known = (times >= _ENOUGH) & (pairs > 1e-9)
    return np.where(known, np.clip((squares - alone) / np.where(known, pairs, 1.0), *_RANGE), _USUAL)
