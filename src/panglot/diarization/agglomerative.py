"""Agglomerative clustering: the two closest clusters become one, until none are close enough or few enough are left.

Source: the update formulas of Lance & Williams 1967, for squared Euclidean distances.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Linkage = Literal["centroid", "ward"]
"""How far apart clusters are: their centroids; or how much closer all points are to two centroids than to one."""


def agglomerate(
    points: NDArray[np.float64],
    *,
    weights: NDArray[np.float64],
    linkage: Linkage,
    within: float = np.inf,
    least: int = 1,
) -> NDArray[np.intp]:
    """Cluster points.

    Parameters
    ----------
    points
        Shape ``(n, d)``. Time grows with the cube of ``n``, memory with the square.
    weights
        Shape ``(n,)``: how many observations each point stands for.
    linkage
        What distance means.
    within
        Clusters further apart than this are left apart.
    least
        No fewer clusters than this.

    Returns
    -------
    NDArray[np.intp]
        Shape ``(n,)``: the cluster of each point, numbered from 0 in order of first appearance.
    """
    sizes = weights.astype(np.float64)
    distances = _squared_distances(points)
    if linkage == "ward":
        distances *= 2.0 * sizes[:, None] * sizes / (sizes[:, None] + sizes)
    np.fill_diagonal(distances, np.inf)
    labels = np.arange(len(points))
    for _ in range(len(points) - least):
        kept, gone = divmod(int(distances.argmin()), len(points))
        closest = distances[kept, gone]
        if closest > within**2:
            break
        merged = _merged(distances, sizes, kept, gone, linkage)
        distances[kept], distances[:, kept] = merged, merged
        distances[gone], distances[:, gone] = np.inf, np.inf
        sizes[kept] += sizes[gone]
        labels[labels == gone] = kept
    return renumbered(labels)


def _squared_distances(points: NDArray[np.float64]) -> NDArray[np.float64]:
    # Not a matrix product, which would round differently on another number of threads.
    products = np.einsum("id,jd->ij", points, points)
    norms = np.diagonal(products)
    return np.maximum(norms[:, None] + norms - 2.0 * products, 0.0)


def _merged(
    distances: NDArray[np.float64], sizes: NDArray[np.float64], first: int, second: int, linkage: Linkage
) -> NDArray[np.float64]:
    """Squared distances of all clusters from the union of two."""
    a, b, between = sizes[first], sizes[second], distances[first, second]
    if linkage == "centroid":
        row = (a * distances[first] + b * distances[second]) / (a + b) - a * b * between / (a + b) ** 2
    else:
        row = ((sizes + a) * distances[first] + (sizes + b) * distances[second] - sizes * between) / (sizes + a + b)
    row[[first, second]] = np.inf
    return row


def cluster_sums(
    points: NDArray[np.float64], labels: NDArray[np.intp], *, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Add up the points of each cluster, each as often as it counts; shape ``(clusters, d)``."""
    sums = np.zeros((int(labels.max()) + 1, points.shape[1]))
    np.add.at(sums, labels, points * weights[:, None])
    return sums


def renumbered(labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number clusters from 0 in order of first appearance, leaving out none."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    order = np.empty(len(first), np.intp)
    order[np.argsort(first)] = np.arange(len(first))
    return order[inverse]
