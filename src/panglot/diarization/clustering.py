"""From embeddings of local speakers to the voices of the recording.

VBx as published finds the right number of speakers where there are minutes of speech, and too few where there is less:
each further speaker has a fixed price, which little speech cannot pay. So with little speech, an embedding counts more,
and who sounds like nobody is a speaker whatever the price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.agglomerative import agglomerate, cluster_sums, renumbered
from panglot.diarization.plda import VoiceSpace, unit
from panglot.diarization.protocol import SpeakerBounds
from panglot.diarization.strangers import with_strangers
from panglot.diarization.vbx import ACOUSTIC_SCALE, vbx
from panglot.units import Seconds

SHORT: Seconds = 180.0
"""With less speech than this, an embedding counts more."""
_SHORT_SCALE = 0.1
"""How much one embedding counts then; chosen on conversations of synthetic voices."""

_FIRST_WITHIN = 0.6
"""Distance of the clusters that VBx starts from (community-1)."""

_TELLING: Seconds = 2.0
"""Speech alone that an embedding needs to found a speaker (community-1: a fifth of the chunk)."""

_MOST = 1000
"""Points that are clustered at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """Embeddings of local speakers."""

    embeddings: NDArray[np.float32]
    """Shape ``(n, 256)``."""
    alone: NDArray[np.float32]
    """Shape ``(n,)``: seconds of speech without others."""
    interval: Seconds
    """Time from one chunk to the next."""
    speech: Seconds
    """Time during which somebody speaks."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Points:
    """What is clustered: embeddings of length 1, each standing for some time."""

    vectors: NDArray[np.float64]
    weights: NDArray[np.float64]
    """Embeddings, one a second, that a point stands for."""


def find_voices(
    evidence: Evidence, *, space: VoiceSpace, bounds: SpeakerBounds
) -> tuple[NDArray[np.float64], str | None]:
    """Find the speakers of a recording.

    Parameters
    ----------
    evidence
        At least one embedding.
    space
        Where voices are compared.
    bounds
        How many speakers there may be.

    Returns
    -------
    voices, warning
        Shape ``(speakers, 256)``, rows of length 1; and a warning if there are fewer than were asked for.
    """
    points = _condensed(_telling(evidence), evidence.interval)
    labels = _speakers(points, space, _SHORT_SCALE if evidence.speech < SHORT else ACOUSTIC_SCALE)
    found = int(labels.max()) + 1
    wanted = bounds.nearest(found)
    if wanted != found:
        possible = min(wanted, len(points.vectors))
        labels = agglomerate(points.vectors, weights=points.weights, linkage="ward", least=possible)
    voices = _centroids(points, labels)
    if len(voices) < bounds.minimum:
        return voices, (
            f"{bounds.minimum} or more speakers were asked for, but there is only enough speech to tell "
            f"{len(voices)} apart"
        )
    return voices, None


def similarities(embeddings: NDArray[np.float32], voices: NDArray[np.float64]) -> NDArray[np.float64]:
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
    # Not a matrix product, which would round differently on another number of threads.
    return np.einsum("nd,sd->ns", unit(embeddings), voices)


def _telling(evidence: Evidence) -> NDArray[np.float64]:
    """Embeddings that found speakers: those with enough speech, or the best there are."""
    enough = min(_TELLING, float(evidence.alone.max()))
    return unit(evidence.embeddings[evidence.alone >= enough])


def _condensed(vectors: NDArray[np.float64], interval: Seconds) -> _Points:
    """As many points as can be clustered at once: neighbours in time are joined where they are most alike."""
    points = _Points(vectors=vectors, weights=np.full(len(vectors), interval))
    while len(points.vectors) > _MOST:
        starts = range(0, len(points.vectors), _MOST)
        parts = [_quartered(points.vectors[at : at + _MOST], points.weights[at : at + _MOST]) for at in starts]
        points = _Points(
            vectors=np.concatenate([part.vectors for part in parts]),
            weights=np.concatenate([part.weights for part in parts]),
        )
    return points


def _quartered(vectors: NDArray[np.float64], weights: NDArray[np.float64]) -> _Points:
    least = -(-len(vectors) // 4)
    labels = agglomerate(vectors, weights=weights, linkage="centroid", least=least)
    points = _Points(vectors=vectors, weights=weights)
    return _Points(vectors=_centroids(points, labels), weights=np.bincount(labels, weights=weights).astype(np.float64))


def _speakers(points: _Points, space: VoiceSpace, acoustic_scale: float) -> NDArray[np.intp]:
    first = agglomerate(points.vectors, weights=points.weights, linkage="centroid", within=_FIRST_WITHIN)
    belief = vbx(
        space(points.vectors.astype(np.float32)),
        weights=points.weights,
        spread=space.spread,
        labels=first,
        acoustic_scale=acoustic_scale,
    )
    return with_strangers(points.vectors, renumbered(belief.argmax(axis=1)), weights=points.weights)


def _centroids(points: _Points, labels: NDArray[np.intp]) -> NDArray[np.float64]:
    return unit(cluster_sums(points.vectors, labels, weights=points.weights))
