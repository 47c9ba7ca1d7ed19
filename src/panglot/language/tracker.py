"""Which language is spoken when: noisy evidence per stretch of speech → a decision that changes only for a reason.

A hidden Markov model with one state per language and a price for every change (Viterbi 1967), decided with a fixed
lag, so that a long recording can be decided while it is still being read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panglot.units import Seconds

SWITCH_COST = 3.0
"""Nats that a change of language must be worth; set, like the rest here, as decision 10 in docs/adr says."""

_NEW_COST = 4.0
"""What a change costs on top to a language that nothing in the recording has clearly been in so far."""

_CLEAR = 0.8
_CLEAR_DURATION: Seconds = 2.0
"""A stretch of this length and probability makes its language one of the recording's."""

_STRETCH_FLOOR = 1e-4
"""Probability below which a stretch's evidence gets no stronger: the network is sometimes sure and wrong."""

_WINDOW_FLOOR = 0.1
"""The same for a whole window: where it holds two languages, it names one and excludes the other, so it says little."""

_FULL_WEIGHT: Seconds = 4.0
"""Speech of this length counts in full; what is shorter says less than its probabilities claim."""

_LAG = 2
"""Windows that are heard before one is decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Evidence from one stretch of speech inside a window."""

    duration: Seconds
    probabilities: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Evidence from one window: from the whole of it, and from each of its stretches in order."""

    whole: Mapping[str, float]
    stretches: tuple[Stretch, ...]


class LanguageTracker:
    """Decides the language of every stretch of a recording, in order.

    Parameters
    ----------
    languages
        The languages that may occur.
    """

    def __init__(self, languages: Sequence[str]) -> None:
        self._languages = tuple(languages)
        self._scores = np.zeros(len(languages))
        self._costs = np.full(len(languages), SWITCH_COST + _NEW_COST)
        """Price of a change to each language."""
        self._sources: list[npt.NDArray[np.intp]] = []
        """For each stretch that is not decided, and each language in it, the best language of the stretch before."""
        self._lengths: deque[int] = deque()
        """Number of stretches of each window that is not decided."""

    def feed(self, evidence: Evidence) -> Iterator[tuple[str, ...]]:
        """Take the next window; yield the languages of the stretches of an earlier window, once it is decided."""
        whole = self._log(evidence.whole, _WINDOW_FLOOR) / len(evidence.stretches)
        for stretch in evidence.stretches:
            self._get_to_know(stretch)
        for stretch in evidence.stretches:
            weight = min(max(stretch.duration / _FULL_WEIGHT, 0.25), 1.0)
            self._advance(whole + weight * self._log(stretch.probabilities, _STRETCH_FLOOR))
        self._lengths.append(len(evidence.stretches))
        if len(self._lengths) > _LAG:
            yield self._decide()

    def finish(self) -> Iterator[tuple[str, ...]]:
        """Decide the windows that are left at the end of the recording."""
        while self._lengths:
            yield self._decide()

    def _advance(self, emission: npt.NDArray[np.float64]) -> None:
        best = int(np.argmax(self._scores))
        changed = self._scores[best] - self._costs
        self._sources.append(np.where(self._scores >= changed, np.arange(len(self._languages)), best))
        self._scores = np.maximum(self._scores, changed) + emission
        self._scores -= self._scores.max()

    def _get_to_know(self, stretch: Stretch) -> None:
        if stretch.duration < _CLEAR_DURATION:
            return
        for index, language in enumerate(self._languages):
            if stretch.probabilities.get(language, 0.0) >= _CLEAR:
                self._costs[index] = SWITCH_COST

    def _decide(self) -> tuple[str, ...]:
        """Follow the best path back to the oldest window that is open, and close that."""
        state = int(np.argmax(self._scores))
        path = [state]
        for source in self._sources[:0:-1]:
            path.append(int(source[path[-1]]))
        path.reverse()
        length = self._lengths.popleft()
        self._sources = self._sources[length:]
        return tuple(self._languages[index] for index in path[:length])

    def _log(self, probabilities: Mapping[str, float], floor: float) -> npt.NDArray[np.float64]:
        values = np.array([probabilities.get(language, 0.0) for language in self._languages])
        return np.log(np.maximum(values / max(values.sum(), 1e-12), floor))
