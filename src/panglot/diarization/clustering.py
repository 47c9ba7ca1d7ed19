"""From embeddings of stretches to the voices of the recording.

VBx, as published, has a price for each further speaker that little speech cannot pay. So a second of speech counts more
here, which splits people at times, and clusters that are alike become one again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.agglomerative import agglomerate, cluster_sums, renumbered
from panglot.diarization.joining import joined
from panglot.diarization.plda import VoiceSpace, unit
from panglot.diarization.protocol import SpeakerBounds
from panglot.diarization.strangers import with_strangers
from panglot.diarization.stretches import Stretches
from panglot.diarization.vbx import vbx
from panglot.units import Seconds

_FIRST_WITHIN = 0.6
"""Distance of centroids in the first clusters (community-1)."""
_LITTLE: Seconds = 40.0
"""Less speech than this counts as much, so that it can pay the price of two speakers."""
_SHARE = 0.01
"""Of the time of all stretches, for a speaker to count: in a long recording, a cough is like nobody too."""
_SPEAKS: Seconds = 2.0
"""Speech of one who counts, where anybody has as much."""

_MOST = 1000
"""Points that are clustered at once."""
_PART = 10_000
"""Embeddings that are compared with voices at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Points:
    """What is clustered: means of embeddings of length 1."""

    means: NDArray[np.float64]
    weights: NDArray[np.float64]
    """Seconds that a point stands for."""

    @property
    def directions(self) -> NDArray[np.float64]:
        """The points, with length 1."""
        return unit(self.means)


def find_voices(
    stretches: Stretches, *, space: VoiceSpace, bounds: SpeakerBounds
) -> tuple[NDArray[np.float64], str | None]:
    """Find the speakers of a recording.

    Parameters
    ----------
    stretches
        At least one.
    space
        Where voices are compared.
    bounds
        How many speakers there may be.

    Returns
    -------
    voices, warning
        Shape ``(speakers, 256)``, rows of length 1; and a warning if there are fewer than were asked for.
    """
    points = _condensed(stretches)
    voices = _counting(points, _speakers(points, space))
    wanted = bounds.nearest(len(voices))
    if wanted != len(voices):
        possible = min(wanted, len(points.means))
        labels = agglomerate(points.directions, weights=points.weights, linkage="ward", least=possible)
        voices = unit(_means(points, labels))
    if len(voices) < bounds.minimum:
        return voices, (
            f"{bounds.minimum} or more speakers were asked for, but there is only enough speech to tell "
            f"{len(voices)} apart"
        )
    return voices, None


def similarities(embeddings: NDArray[np.floating], voices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cosine of the angle between embeddings and voices.

    Parameters
    ----------
    embeddings
        Shape ``(n, 256)``.
    voices
        Shape ``(speakers, 256)``, rows of length 1.

    Returns
    -------
    NDArray[np.float64]
        Shape ``(n, speakers)``.
    """
    found = np.empty((len(embeddings), len(voices)))
    # Part by part: all of a long recording at once would take hundreds of megabytes.
    for at in range(0, len(embeddings), _PART):
        # Not a matrix product, which would round differently on another number of threads.
        found[at : at + _PART] = np.einsum("nd,sd->ns", unit(embeddings[at : at + _PART]), voices)
    return found


def _condensed(stretches: Stretches) -> _Points:
    """As many points as can be clustered at once: neighbours in time are joined where they are most alike."""
    points = _Points(means=unit(stretches.embeddings), weights=stretches.seconds)
    while len(points.means) > _MOST:
        starts = range(0, len(points.means), _MOST)
        parts = [
            _quartered(_Points(means=points.means[at : at + _MOST], weights=points.weights[at : at + _MOST]))
            for at in starts
        ]
        points = _Points(
            means=np.concatenate([part.means for part in parts]),
            weights=np.concatenate([part.weights for part in parts]),
        )
    return points


def _quartered(points: _Points) -> _Points:
    least = -(-len(points.means) // 4)
    labels = agglomerate(points.directions, weights=points.weights, linkage="centroid", least=least)
    return _Points(means=_means(points, labels), weights=_times(points, labels))


def _speakers(points: _Points, space: VoiceSpace) -> NDArray[np.intp]:
    """Who speaks: agglomerative clusters where they are alike, refined, and those who are like nobody."""
    directions = points.directions
    close = agglomerate(directions, weights=points.weights, linkage="centroid", within=_FIRST_WITHIN)
    belief = vbx(
        space(directions.astype(np.float32)),
        weights=points.weights * max(1.0, _LITTLE / points.weights.sum()),
        spread=space.spread,
        labels=joined(points.means, close, weights=points.weights),
    )
    labels = with_strangers(directions, renumbered(belief.argmax(axis=1)), weights=points.weights)
    return joined(points.means, labels, weights=points.weights)


def _counting(points: _Points, labels: NDArray[np.intp]) -> NDArray[np.float64]:
    """Voices of those who speak enough to count."""
    times = _times(points, labels)
    least = min(max(_SPEAKS, _SHARE * times.sum()), times.max())
    return unit(_means(points, labels)[times >= least])


def _means(points: _Points, labels: NDArray[np.intp]) -> NDArray[np.float64]:
    return cluster_sums(points.means, labels, weights=points.weights) / _times(points, labels)[:, None]


def _times(points: _Points, labels: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.bincount(labels, weights=points.weights).astype(np.float64)
