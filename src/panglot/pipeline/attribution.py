"""Words to speakers: who spoke a word, from turns that were found without knowing any words.

A turn's edges are a few tenths of a second off, and so are a word's. So words are not looked up one by one: the
likeliest sequence of speakers is found (Viterbi 1967), in which a change must be worth its price.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from panglot.transcripts.records import Segment, Turn, Word
from panglot.transcripts.text import ending
from panglot.transcripts.words import cut_segment
from panglot.units import Seconds

_CHANGE = 1.0
"""Nats that a change of speaker costs between two words: two changes cost less than one word surely another's."""
_CHANGE_AT_PAUSE = 0.3
"""The same after a pause or the end of a sentence, where changes are common."""
_PAUSE: Seconds = 0.3
_FLOOR = 0.05
"""Evidence for a speaker who is silent during a word: turns are not always right."""
_REACH: Seconds = 0.5
"""How fast evidence fades with the distance from a turn, for words that lie in none."""
_SHORTEST: Seconds = 0.1
"""Words are taken to last at least this long."""


def attribute(segments: Sequence[Segment], turns: Sequence[Turn]) -> tuple[Segment, ...]:
    """Give every word and segment its speaker.

    Parameters
    ----------
    segments
        One channel's segments with their words, in order of time.
    turns
        Who speaks when on that channel, sorted by start; turns may overlap.

    Returns
    -------
    tuple of Segment
        The same words; a segment in which the speaker changes is cut there. Unchanged where nobody has a turn.
    """
    words = [word for segment in segments for word in segment.words]
    if not turns or not words:
        return tuple(segments)
    labels = iter(speakers_of(words, turns))
    spoken: list[Segment] = []
    for segment in segments:
        named = tuple(replace(word, speaker=next(labels)) for word in segment.words)
        spoken += cut_segment(replace(segment, words=named), lambda word, after: word.speaker != after.speaker)
    return tuple(spoken)


def speakers_of(words: Sequence[Word], turns: Sequence[Turn]) -> list[str]:
    """Label of each word's speaker; ``turns`` is not empty."""
    labels = sorted({turn.speaker for turn in turns})
    evidence = np.log(np.maximum(_evidence(words, turns, labels), _FLOOR))
    best = evidence[0]
    came_from = np.zeros(evidence.shape, np.int32)
    stay = np.arange(len(labels))
    for index in range(1, len(words)):
        likeliest = int(np.argmax(best))
        changed = best[likeliest] - _price(words[index - 1], words[index])
        came_from[index] = np.where(best >= changed, stay, likeliest)
        best = np.maximum(best, changed) + evidence[index]
    path = [int(np.argmax(best))]
    for row in came_from[:0:-1]:
        path.append(int(row[path[-1]]))
    return [labels[index] for index in reversed(path)]


def _price(word: Word, after: Word) -> float:
    pause = after.start - word.end >= _PAUSE or ending(word.text) == "sentence"
    return _CHANGE_AT_PAUSE if pause else _CHANGE


def _evidence(words: Sequence[Word], turns: Sequence[Turn], labels: Sequence[str]) -> npt.NDArray[np.float64]:
    """Share of each word in which each speaker speaks; for a word in no turn, how near each speaker's turns are.

    Shape ``(words, speakers)``.
    """
    columns = {label: _coverage(words, [turn for turn in turns if turn.speaker == label]) for label in labels}
    shares = np.stack([share for share, _ in columns.values()], axis=1)
    distances = np.stack([distance for _, distance in columns.values()], axis=1)
    outside = shares.sum(axis=1) == 0
    shares[outside] = np.exp(-distances[outside] / _REACH)
    lost = outside & (shares.max(axis=1) < _FLOOR)
    # Far from every turn the nearest one still decides: every word has a speaker when anyone speaks.
    shares[lost] = np.where(distances[lost] == distances[lost].min(axis=1, keepdims=True), 1.0, 0.0)
    return shares


def _coverage(words: Sequence[Word], turns: Sequence[Turn]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """For one speaker's turns, which do not overlap: share of each word inside them, and distance to the nearest."""
    starts = np.array([turn.start for turn in turns])
    ends = np.array([turn.end for turn in turns])
    middles = np.array([(word.start + word.end) / 2 for word in words])
    halves = np.maximum([(word.end - word.start) / 2 for word in words], _SHORTEST / 2)
    spoken = np.concatenate([[0.0], np.cumsum(ends - starts)])
    share = (_spoken_until(middles + halves, starts, spoken) - _spoken_until(middles - halves, starts, spoken)) / (
        2 * halves
    )
    before = np.searchsorted(starts, middles, side="right")
    to_previous = np.where(before > 0, middles - ends[before - 1], math.inf)
    to_next = np.where(before < len(starts), starts[np.minimum(before, len(starts) - 1)] - middles, math.inf)
    return share, np.maximum(np.minimum(to_previous, to_next), 0.0)


def _spoken_until(
    times: npt.NDArray[np.float64], starts: npt.NDArray[np.float64], spoken: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Seconds that a speaker has spoken until each time; ``spoken`` is that at the start of each turn, and at last."""
    turn = np.searchsorted(starts, times, side="right")
    last = np.maximum(turn - 1, 0)
    inside = np.minimum(times - starts[last], spoken[last + 1] - spoken[last])
    return np.where(turn > 0, spoken[last] + inside, 0.0)
