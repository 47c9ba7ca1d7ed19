"""How long to wait before the next try."""

from __future__ import annotations

from random import Random

from panglot.units import Seconds


def delay(attempt: int, *, first: Seconds, longest: Seconds, random: Random) -> Seconds:
    """Return how long to wait after a failed attempt.

    The bound doubles with each attempt up to ``longest``; the wait is drawn from all of zero to the bound ("full
    jitter"), so that many who failed together do not come back together.

    Parameters
    ----------
    attempt
        Attempts that have failed so far, at least 1.
    first
        Bound after the first one.
    longest
        Bound that is never exceeded.
    random
        Where the wait is drawn from.

    Returns
    -------
    Seconds
        At least zero.
    """
    doublings = min(attempt - 1, 64)  # beyond, a float of any sensible `first` is above any `longest`
    return random.uniform(0, min(longest, first * 2.0**doublings))
