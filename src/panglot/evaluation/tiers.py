"""Tiers of accuracy: words for error rates, defined here and nowhere else.

The bounds are those that hosted services publish their languages under, so that tiers can be read side by side. They
are of the word error rate, and of the character error rate in languages that are written without spaces.
"""

from __future__ import annotations

from panglot.evaluation.recognition import Measure

TIERS = (("high", 0.10), ("good", 0.25), ("moderate", 0.50), ("low", float("inf")))
"""Name and largest error rate of each tier, best first."""

TOO_FEW = "too few"
"""Stands in place of a tier where there are so few utterances that no interval can be given."""


def tier(rate: float) -> str:
    """Name the tier of an error rate.

    Parameters
    ----------
    rate
        Errors per word or character.

    Returns
    -------
    str
        ``high``, ``good``, ``moderate`` or ``low``.

    Examples
    --------
    >>> tier(0.1), tier(0.101)
    ('high', 'good')
    """
    return next(name for name, bound in TIERS if rate <= bound)


def measured_tier(measure: Measure) -> str:
    """Name the tiers that a measured error rate may belong to: one, or a range where its interval crosses a bound.

    Parameters
    ----------
    measure
        Error rate with its interval.

    Returns
    -------
    str
        Such as ``good`` or ``good to moderate``; `TOO_FEW` where there is no interval.
    """
    if measure.interval is None:
        return TOO_FEW
    best, worst = tier(measure.interval.low), tier(measure.interval.high)
    return best if best == worst else f"{best} to {worst}"
