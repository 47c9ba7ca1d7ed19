from random import Random

from hypothesis import given
from hypothesis import strategies as st

from panglot.jobs.backoff import delay


class Highest(Random):
    """Draws the upper end of every range."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_the_bound_doubles_up_to_the_longest():
    bounds = [delay(attempt, first=2, longest=60, random=Highest()) for attempt in range(1, 9)]
    assert bounds == [2, 4, 8, 16, 32, 60, 60, 60]


@given(st.integers(1, 10**6), st.integers(0, 2**32))
def test_waits_are_drawn_between_zero_and_the_bound(attempt: int, seed: int):
    bound = delay(attempt, first=0.5, longest=30, random=Highest())
    assert 0 <= delay(attempt, first=0.5, longest=30, random=Random(seed)) <= bound <= 30


def test_those_who_failed_together_come_back_apart():
    waits = {delay(3, first=1, longest=60, random=Random(seed)) for seed in range(100)}
    assert min(waits) < 1 < 3 < max(waits)
