"""Turns too short to be anybody's: what is left over where two voices meet, or of a noise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from panglot.diarization.protocol import Turn
from panglot.units import Seconds

_TAKEN: Seconds = 0.3
"""Nobody takes the floor for less, without a pause before or behind; chosen on conversations of others' voices."""
_SAID: Seconds = 0.1
"""Nobody says anything in less."""


def without_fragments(turns: Sequence[Turn]) -> list[Turn]:
    """Give short turns to whoever speaks right before or behind, and leave out what is too short alone.

    Parameters
    ----------
    turns
        Any number, where one ends as another begins at exactly the same time.

    Returns
    -------
    list[Turn]
        Sorted by start, then speaker. Where it would leave nobody, the turns as they are.
    """
    left = list(_united(_given(turns)))
    spoken = [turn for turn in left if _length(turn) >= _SAID]
    return sorted(spoken or turns, key=lambda turn: (turn.start, turn.speaker))


def _given(turns: Sequence[Turn]) -> Iterator[Turn]:
    starting: defaultdict[Seconds, list[Turn]] = defaultdict(list)
    ending: defaultdict[Seconds, list[Turn]] = defaultdict(list)
    for turn in turns:
        starting[turn.start].append(turn)
        ending[turn.end].append(turn)
    for turn in turns:
        beside = [other for other in ending[turn.start] + starting[turn.end] if _length(other) > _length(turn)]
        if beside and _length(turn) < _TAKEN:
            yield replace(turn, speaker=max(beside, key=_length).speaker)
        else:
            yield turn


def _united(turns: Iterable[Turn]) -> Iterator[Turn]:
    """Turns of a speaker that meet are one."""
    last: dict[int, Turn] = {}
    for turn in sorted(turns, key=lambda turn: turn.start):
        before = last.get(turn.speaker)
        if before is not None and turn.start <= before.end:
            last[turn.speaker] = replace(before, end=max(before.end, turn.end))
            continue
        if before is not None:
            yield before
        last[turn.speaker] = turn
    yield from last.values()


def _length(turn: Turn) -> Seconds:
    return turn.end - turn.start
