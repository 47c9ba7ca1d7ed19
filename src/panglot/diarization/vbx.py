"""How many speakers a set of embeddings speaks for, and which is whose: VBx without its model of turn taking.

Source: Landini et al. 2022, arXiv:2012.14952, equations 16 to 25, with equal transitions. Speakers that explain nothing
fade during the iterations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ACOUSTIC_SCALE = 0.25
"""F_A: how much a second counts. Community-1 has 0.07; chosen on conversations of others' voices."""
SPEAKER_SCALE = 0.8
"""F_B of community-1: how much a further speaker has to explain."""

_CERTAINTY = 7.0
"""How firmly the first labels are believed, in nats."""
_ITERATIONS = 20
_PRECISION = 1e-4
_FADED = 1e-7
"""Share of the points below which a speaker is gone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Speakers:
    """Posterior of each speaker's mean: Gaussian, with diagonal covariance."""

    means: NDArray[np.float64]
    variances: NDArray[np.float64]


def vbx(
    points: NDArray[np.float64],
    *,
    weights: NDArray[np.float64],
    spread: NDArray[np.float64],
    labels: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Refine a clustering, and drop the clusters that the others explain as well.

    Parameters
    ----------
    points
        Shape ``(n, d)``, in a space where speakers have covariance 1 within.
    weights
        Shape ``(n,)``: seconds that each point stands for.
    spread
        Shape ``(d,)``: variance between speakers.
    labels
        Shape ``(n,)``: a first clustering; the number of speakers is at most that of its clusters.

    Returns
    -------
    NDArray[np.float64]
        Shape ``(n, speakers)``: how likely each point belongs to each speaker that is left.
    """
    first = labels[:, None] == np.arange(int(labels.max()) + 1)
    belief = np.exp(_CERTAINTY * first.astype(np.float64))
    belief /= belief.sum(axis=1, keepdims=True)
    shares = np.full(belief.shape[1], 1.0 / belief.shape[1])
    previous = -np.inf
    for _ in range(_ITERATIONS):
        speakers = _update_speakers(points, belief * weights[:, None], spread)
        scores = np.log(shares + 1e-300) + ACOUSTIC_SCALE * _log_likelihood(points, speakers, spread)
        top = scores.max(axis=1, keepdims=True)
        evidence = top + np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
        belief = np.exp(scores - evidence)
        shares = (belief * weights[:, None]).sum(axis=0) / weights.sum()
        bound = float((weights * evidence[:, 0]).sum()) + _complexity(speakers)
        if bound - previous < _PRECISION:
            break
        previous = bound
    return belief[:, shares > _FADED]


def _update_speakers(
    points: NDArray[np.float64], counts: NDArray[np.float64], spread: NDArray[np.float64]
) -> _Speakers:
    ratio = ACOUSTIC_SCALE / SPEAKER_SCALE
    variances = 1.0 / (1.0 + ratio * counts.sum(axis=0)[:, None] * spread)
    # Here and below not a matrix product, which would round differently on another number of threads.
    sums = np.einsum("ns,nd->sd", counts, points * np.sqrt(spread))
    return _Speakers(means=ratio * variances * sums, variances=variances)


def _log_likelihood(
    points: NDArray[np.float64], speakers: _Speakers, spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Expected log likelihood of each point for each speaker, but for what is the same for all speakers."""
    fit = np.einsum("nd,sd->ns", points * np.sqrt(spread), speakers.means)
    cost = 0.5 * ((speakers.variances + speakers.means**2) * spread).sum(axis=1)
    return fit - cost


def _complexity(speakers: _Speakers) -> float:
    terms = np.log(speakers.variances) - speakers.variances - speakers.means**2 + 1.0
    return SPEAKER_SCALE * 0.5 * float(terms.sum())
