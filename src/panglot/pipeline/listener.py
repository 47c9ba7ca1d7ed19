"""One channel's windows → parts in one language each."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from panglot.engines import Encoded
from panglot.language.tracker import Evidence, LanguageTracker, Stretch
from panglot.pipeline.recogniser import Part, Recogniser
from panglot.pipeline.regions import Region
from panglot.pipeline.windows import Window
from panglot.units import Seconds

_AHEAD = 8
"""Windows that are being encoded while earlier ones are judged."""

_TOGETHER = 4
"""Windows whose languages are heard in one call."""

_SHORTEST: Seconds = 1.0
"""Speech that is judged on its own; less says too little about its language."""

_STEP: Seconds = 0.02
"""One row of encoder output."""

_TELLING: Seconds = 2.0
_QUESTIONABLE = 0.2
"""Probability of the language decided below which a stretch of telling length may be in another one after all."""

_TAIL = 150
"""Rows of padding after the speech (3 s at most) that are heard with each stretch: they tell that it has ended."""

_RIVAL = 0.05
"""Probability that makes another language worth a try if the text turns out doubtful."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Heard:
    """A window that waits for its language."""

    window: Window
    encoded: Encoded
    groups: tuple[tuple[Region, ...], ...]
    evidence: Evidence


class Listener:
    """Finds the language of each stretch of a channel.

    Parameters
    ----------
    recogniser
        Encodes windows and hears their languages.
    languages
        The languages that may occur; with one alone nothing is detected.
    """

    def __init__(self, recogniser: Recogniser, *, languages: Sequence[str]) -> None:
        self._recogniser = recogniser
        self._languages = tuple(languages)
        self._tracker = LanguageTracker(languages)
        self._encoding: deque[tuple[Window, Future[Encoded]]] = deque()
        self._heard: deque[_Heard] = deque()
        self._tail: Encoded = np.zeros((0, 0), np.float32)
        """Encoder output of the longest silence after speech so far."""

    def feed(self, window: Window) -> Iterator[Part]:
        """Take the next window; yield the parts that are decided."""
        self._encoding.append((window, self._recogniser.encode(window)))
        if len(self._encoding) > _AHEAD:
            # Several at once: hearing one window's languages costs little more than hearing another in the same call.
            yield from self._judge(_TOGETHER)

    def finish(self) -> Iterator[Part]:
        """Yield the parts that are left at the end of the recording."""
        while self._encoding:
            yield from self._judge(min(_TOGETHER, len(self._encoding)))
        for codes in self._tracker.finish():
            yield from self._parts(codes)

    def _judge(self, count: int) -> Iterator[Part]:
        """Hear the next windows; wait until they are encoded."""
        windows = [self._encoding.popleft() for _ in range(count)]
        if len(self._languages) == 1:
            code = self._languages[0]
            for window, future in windows:
                yield Part(window=window, language=code, probability=1.0, rivals=(), encoded=future.result())
            return
        for heard in self._hear([(window, future.result()) for window, future in windows]):
            self._heard.append(heard)
            for codes in self._tracker.feed(heard.evidence):
                yield from self._parts(codes)

    def _hear(self, windows: Sequence[tuple[Window, Encoded]]) -> Iterator[_Heard]:
        memories: list[Encoded] = []
        for window, encoded in windows:
            memories += [encoded, *self._stretches(window, encoded)]
        found = iter(self._recogniser.detect(memories))
        for window, encoded in windows:
            whole = next(found)
            groups = _groups(window)
            each = [whole] if len(groups) == 1 else [next(found) for _ in groups]
            stretches = tuple(
                Stretch(duration=_speech(group), probabilities=probabilities)
                for group, probabilities in zip(groups, each, strict=True)
            )
            evidence = Evidence(whole=whole, stretches=stretches)
            yield _Heard(window=window, encoded=encoded, groups=groups, evidence=evidence)

    def _stretches(self, window: Window, encoded: Encoded) -> list[Encoded]:
        """Encoder output of each group of regions, each as if silence followed; nothing where there is one group."""
        last = min(round(window.duration / _STEP), len(encoded))
        own = encoded[last : last + _TAIL]
        # A window that is nearly full has little silence at its end: borrow that of an earlier one.
        self._tail = own if len(own) >= len(self._tail) else self._tail
        groups = _groups(window)
        if len(groups) == 1:
            return []
        bounds = [(_step(window, group[0].start), _step(window, group[-1].end)) for group in groups]
        return [np.concatenate([encoded[first:end], self._tail]) for first, end in bounds]

    def _parts(self, codes: Sequence[str]) -> Iterator[Part]:
        heard = self._heard.popleft()
        if len(set(codes)) == 1:
            yield replace(
                _part(heard.window, codes[0], self._restricted(heard.evidence.whole), encoded=heard.encoded),
                questionable=self._questionable(codes[0], heard.groups, heard.evidence.stretches),
            )
            return
        rows = zip(codes, heard.groups, heard.evidence.stretches, strict=True)
        for code, run in groupby(rows, key=lambda row: row[0]):
            _, groups, stretches = zip(*run, strict=True)
            window = heard.window.part(tuple(region for group in groups for region in group))
            longest = max(stretches, key=lambda stretch: stretch.duration)
            yield replace(
                _part(window, code, self._restricted(longest.probabilities), encoded=None),
                candidates=tuple(dict.fromkeys(codes)),
                questionable=self._questionable(code, groups, stretches),
            )

    def _questionable(
        self, code: str, groups: Sequence[Sequence[Region]], stretches: Sequence[Stretch]
    ) -> tuple[Region, ...]:
        """Regions that do not sound like the language decided, though they are long enough to tell."""
        return tuple(
            region
            for group, stretch in zip(groups, stretches, strict=True)
            if stretch.duration >= _TELLING and self._restricted(stretch.probabilities)[code] < _QUESTIONABLE
            for region in group
        )

    def _restricted(self, probabilities: Mapping[str, float]) -> dict[str, float]:
        total = sum(probabilities.get(code, 0.0) for code in self._languages) or 1.0
        return {code: probabilities.get(code, 0.0) / total for code in self._languages}


def _groups(window: Window) -> tuple[tuple[Region, ...], ...]:
    """Regions, each on its own where it is long enough to be judged, else with the neighbour across less of a pause."""
    groups: list[list[Region]] = [[region] for region in window.regions]
    while len(groups) > 1:
        index, shortest = min(enumerate(groups), key=lambda pair: _speech(pair[1]))
        if _speech(shortest) >= _SHORTEST:
            break
        before = shortest[0].start - groups[index - 1][-1].end if index else math.inf
        after = groups[index + 1][0].start - shortest[-1].end if index + 1 < len(groups) else math.inf
        first = index - 1 if before <= after else index
        groups[first : first + 2] = [groups[first] + groups[first + 1]]
    return tuple(map(tuple, groups))


def _speech(regions: Sequence[Region]) -> Seconds:
    return sum(region.end - region.start for region in regions)


def _step(window: Window, time: Seconds) -> int:
    return round(window.inside(time) / _STEP)


def _part(window: Window, code: str, found: Mapping[str, float], *, encoded: Encoded | None) -> Part:
    others = sorted((-probability, other) for other, probability in found.items() if other != code)
    rivals = tuple(other for minus, other in others if -minus >= _RIVAL)
    return Part(window=window, language=code, probability=found[code], rivals=rivals, encoded=encoded)
