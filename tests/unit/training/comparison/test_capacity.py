"""The largest batch that fits."""

from __future__ import annotations

import pytest

from panglot.training.comparison.capacity import LARGEST, largest_batch


@pytest.mark.parametrize("largest", [0, 1, 2, 7, 64, 1000, 20_000])
@pytest.mark.parametrize("start", [1, 8, 500])
def test_it_fits_and_one_a_sixteenth_larger_does_not(largest: int, start: int) -> None:
    found = largest_batch(lambda size: size <= largest, start=start)
    assert found <= largest
    assert found + max(1, found // 16) >= largest


def test_the_search_ends() -> None:
    asked: list[int] = []
    assert largest_batch(lambda size: not asked.append(size), start=3) == LARGEST
    assert len(asked) < 20
