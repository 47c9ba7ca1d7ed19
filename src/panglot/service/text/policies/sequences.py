"""Long numbers that nothing else claims."""

from __future__ import annotations

from collections.abc import Iterator

from panglot.service.text.policies.passage import Found, Passage

_SHORTEST = 5
"""Digits: more than a year or the time of day has."""

_SHORTEST_OVER_STOPS = 9
"""Digits of a number that goes on after a full stop: else it is the end of one sentence and the start of the next."""


def find_sequences(passage: Passage) -> Iterator[Found]:
    """Find numbers of five digits and more that are not written as quantities."""
    for run in passage.numbers:
        if run.parts[0].is_amount:
            continue
        whole = len(run.digits) >= _SHORTEST_OVER_STOPS
        for numbers in [run] if whole else passage.between_stops(run):
            if len(numbers.digits) >= _SHORTEST:
                yield Found(start=numbers.start, end=numbers.end, policy="number_sequence")
