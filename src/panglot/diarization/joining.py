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
    labels = renumbered(labels)
    times = np.bincount(labels, weights=weights).astype(np.float64)
    sums = cluster_sums(means, labels, weights=weights)
    # Not a matrix product, which would round differently on another number of threads.
    products = np.einsum("id,jd->ij", sums, sums)
    alone = np.bincount(labels, weights=np.square(weights) * np.square(means).sum(axis=1)).astype(np.float64)
    shares = np.bincount(labels, weights=np.square(weights)).astype(np.float64)
    while len(times) > 1:
        inside = _inside(np.diagonal(products) - alone, times, np.square(times) - shares)
        likeness = products / (times[:, None] * times) / np.sqrt(inside[:, None] * inside)
        np.fill_diagonal(likeness, -np.inf)
        kept, gone = divmod(int(likeness.argmax()), len(times))
        if likeness[kept, gone] < _ALIKE:
            break
        products = _added(_added(products, kept, gone).T, kept, gone)
        times, alone, shares = (_added(each, kept, gone) for each in (times, alone, shares))
        labels = np.where(labels == gone, kept, labels - (labels > gone))
    return labels


def _inside(
    products: NDArray[np.float64], times: NDArray[np.float64], pairs: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Cosine of two different stretches of each cluster, on average."""
    known = (times >= _ENOUGH) & (pairs > 1e-9)
    return np.where(known, np.clip(products / np.where(known, pairs, 1.0), *_RANGE), _USUAL)


def _added(rows: NDArray[np.float64], kept: int, gone: int) -> NDArray[np.float64]:
    """Add one row to another, which then holds both."""
    left = np.delete(rows, gone, axis=0)
    left[kept] += rows[gone]
    return left
