"""One channel's windows → parts in one language each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from panglot.engines import Encoded, Engine
from panglot.language.tracker import Evidence, LanguageTracker, Stretch
from panglot.pipeline.recogniser import Part, Recogniser
from panglot.pipeline.regions import Region
from panglot.pipeline.windows import Window
from panglot.units import Seconds

_AHEAD = 8
"""Windows that are being encoded while earlier ones are judged."""

_SHORTEST: Seconds = 2.5
"""Speech that is judged on its own; less says too little about its language."""

_STEP: Seconds = 0.02
"""One row of encoder output."""

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
    engine
        Knows languages from encoder output.
    recogniser
        Encodes windows.
    languages
        The languages that may occur; with one alone nothing is detected.
    """

    def __init__(self, engine: Engine, recogniser: Recogniser, *, languages: Sequence[str]) -> None:
        self._engine = engine
        self._recogniser = recogniser
        self._languages = tuple(languages)
        self._tracker = LanguageTracker(languages)
        self._encoding: deque[tuple[Window, Future[Encoded]]] = deque()
        self._heard: deque[_Heard] = deque()

    def feed(self, window: Window) -> Iterator[Part]:
        """Take the next window; yield the parts that are decided."""
        self._encoding.append((window, self._recogniser.encode(window)))
        while len(self._encoding) > _AHEAD or (self._encoding and self._encoding[0][1].done()):
            yield from self._judge()

    def finish(self) -> Iterator[Part]:
        """Yield the parts that are left at the end of the recording."""
        while self._encoding:
            yield from self._judge()
        for codes in self._tracker.finish():
            yield from self._parts(codes)

    def _judge(self) -> Iterator[Part]:
        window, future = self._encoding.popleft()
        encoded = future.result()
        if len(self._languages) == 1:
            code = self._languages[0]
            yield Part(window=window, language=code, probability=1.0, rivals=(), encoded=encoded)
            return
        groups = _groups(window)
        heard = _Heard(window=window, encoded=encoded, groups=groups, evidence=self._evidence(window, encoded, groups))
        self._heard.append(heard)
        for codes in self._tracker.feed(heard.evidence):
            yield from self._parts(codes)

    def _evidence(self, window: Window, encoded: Encoded, groups: Sequence[Sequence[Region]]) -> Evidence:
        if len(groups) == 1:
            whole = self._engine.detect([encoded])[0]
            return Evidence(whole=whole, stretches=(Stretch(duration=window.speech, probabilities=whole),))
        last = min(round(window.duration / _STEP), len(encoded))
        tail = encoded[last : last + _TAIL]
        memories = [encoded] + [
            np.concatenate([encoded[_step(window, group[0].start) : _step(window, group[-1].end)], tail])
            for group in groups
        ]
        whole, *others = self._engine.detect(memories)
        return Evidence(
            whole=whole,
            stretches=tuple(
                Stretch(duration=_speech(group), probabilities=found)
                for group, found in zip(groups, others, strict=True)
            ),
        )

    def _parts(self, codes: Sequence[str]) -> Iterator[Part]:
        heard = self._heard.popleft()
        whole = self._restricted(heard.evidence.whole)
        if len(set(codes)) == 1:
            yield _part(heard.window, codes[0], whole, encoded=heard.encoded)
            return
        rows = zip(codes, heard.groups, heard.evidence.stretches, strict=True)
        for code, run in groupby(rows, key=lambda row: row[0]):
            members = list(run)
            regions = tuple(region for _, group, _ in members for region in group)
            found = self._restricted(max(members, key=lambda row: row[2].duration)[2].probabilities)
            yield _part(heard.window.part(regions), code, found, encoded=None)

    def _restricted(self, probabilities: Mapping[str, float]) -> dict[str, float]:
        total = sum(probabilities.get(code, 0.0) for code in self._languages) or 1.0
        return {code: probabilities.get(code, 0.0) / total for code in self._languages}


def _groups(window: Window) -> tuple[tuple[Region, ...], ...]:
    """Neighbouring regions, together long enough to be judged."""
    groups: list[list[Region]] = []
    for region in window.regions:
        if groups and _speech(groups[-1]) < _SHORTEST:
            groups[-1].append(region)
        else:
            groups.append([region])
    if len(groups) > 1 and _speech(groups[-1]) < _SHORTEST:
        rest = groups.pop()
        groups[-1] += rest
    return tuple(map(tuple, groups))


def _speech(regions: Sequence[Region]) -> Seconds:
    return sum(region.end - region.start for region in regions)


def _step(window: Window, time: Seconds) -> int:
    return round(window.inside(time) / _STEP)


def _part(window: Window, code: str, found: Mapping[str, float], *, encoded: Encoded | None) -> Part:
    others = sorted((-probability, other) for other, probability in found.items() if other != code)
    rivals = tuple(other for minus, other in others if -minus >= _RIVAL)
    return Part(window=window, language=code, probability=found[code], rivals=rivals, encoded=encoded)
