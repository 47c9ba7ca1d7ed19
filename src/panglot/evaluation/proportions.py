"""How sure a share is: so many right out of so many."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from panglot.errors import OptionError


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """A share with its counts and its Wilson interval."""

    rate: float
    low: float
    high: float
    successes: int
    trials: int
    confidence: float


def proportion(successes: int, trials: int, *, confidence: float = 0.95) -> Proportion:
    """Share of successes with its Wilson score interval.

    Parameters
    ----------
    successes
        Not above ``trials``.
    trials
        At least 1.
    confidence
        Share of such intervals that hold the truth.

    Returns
    -------
    Proportion
        The share and its interval, both between 0 and 1.

    Raises
    ------
    OptionError
        If the counts are impossible.

    Notes
    -----
    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference". It stays inside 0 to 1
    and is honest at the ends, where the usual formula gives a width of zero.

    Examples
    --------
    >>> share = proportion(10, 10)
    >>> round(share.low, 3), share.high
    (0.722, 1.0)
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise OptionError(f"{successes} of {trials} is not a share; give 0 <= successes <= trials and trials >= 1")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / trials
    centre = (rate + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    return Proportion(
        rate=rate,
        low=max(0.0, min(rate, centre - half)),
        high=min(1.0, max(rate, centre + half)),
        successes=successes,
        trials=trials,
        confidence=confidence,
    )
