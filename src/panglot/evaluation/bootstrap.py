"""How sure a word error rate is: intervals by drawing the utterances again and again.

Source: Bisani & Ney 2004, "Bootstrap estimates for confidence intervals in ASR performance evaluation" (percentile
interval over utterances; both systems judged on the same draws).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panglot.errors import OptionError
from panglot.evaluation.words import ErrorRate, pooled

Counts = npt.NDArray[np.float64]
"""One number per utterance, shape ``(n,)``."""

_BLOCK = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate and where it may lie."""

    estimate: float
    low: float
    high: float
    confidence: float
    utterances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Error rate of the first system minus that of the second, on the same utterances."""

    estimate: float
    low: float
    high: float
    p_value: float
    """Two-sided: twice the share of draws in which the better system was not the better one."""
    confidence: float
    utterances: int


def interval(
    rates: Sequence[ErrorRate], *, resamples: int = 10_000, confidence: float = 0.95, seed: int = 0
) -> Interval:
    """Interval of the pooled error rate.

    Parameters
    ----------
    rates
        One per utterance; utterances are taken to be independent.
    resamples
        Draws of as many utterances as there are, with replacement.
    confidence
        Share of draws inside the interval.
    seed
        Same seed, same interval.

    Returns
    -------
    Interval
        The estimate and both ends, in errors per reference unit.

    Raises
    ------
    OptionError
        If there is no utterance with a reference.
    """
    errors, references = _counts(rates)
    drawn = np.concatenate(
        [
            _ratio(weights @ errors, weights @ references)
            for weights in _draws(len(rates), resamples=resamples, seed=seed)
        ]
    )
    low, high = _percentiles(drawn, confidence)
    return Interval(estimate=pooled(rates).rate, low=low, high=high, confidence=confidence, utterances=len(rates))


def difference(
    first: Sequence[ErrorRate],
    second: Sequence[ErrorRate],
    *,
    resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Difference:
    """Paired difference of two systems' pooled error rates: negative where the first is better.

    Parameters
    ----------
    first
        Rates of the first system, one per utterance.
    second
        Rates of the second system for the same utterances in the same order.
    resamples
        Draws of as many utterances as there are, with replacement.
    confidence
        Share of draws inside the interval.
    seed
        Same seed, same interval.

    Returns
    -------
    Difference
        The estimate and both ends, in errors per reference unit: first minus second.

    Raises
    ------
    OptionError
        If the two differ in length, or there is no utterance with a reference.
    """
    if len(first) != len(second):
        raise OptionError(
            f"{len(first)} utterances of the first system and {len(second)} of the second cannot be paired; "
            "give both systems' rates for the same utterances in the same order"
        )
    errors, references = _counts(first)
    other_errors, other_references = _counts(second)
    drawn = np.concatenate(
        [
            _ratio(weights @ errors, weights @ references) - _ratio(weights @ other_errors, weights @ other_references)
            for weights in _draws(len(first), resamples=resamples, seed=seed)
        ]
    )
    low, high = _percentiles(drawn, confidence)
    tail = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    return Difference(
        estimate=pooled(first).rate - pooled(second).rate,
        low=low,
        high=high,
        p_value=min(1.0, 2 * (tail + 1) / (resamples + 1)),
        confidence=confidence,
        utterances=len(first),
    )


def _counts(rates: Sequence[ErrorRate]) -> tuple[Counts, Counts]:
    references = np.array([rate.reference for rate in rates], np.float64)
    if not references.any():
        raise OptionError(
            f"an interval cannot be drawn from {len(rates)} utterances without reference text; give at least one"
        )
    return np.array([rate.errors for rate in rates], np.float64), references


def _draws(utterances: int, *, resamples: int, seed: int) -> Iterator[Counts]:
    """How often each utterance was drawn, in blocks of shape ``(draws, n)``."""
    random = np.random.default_rng(seed)
    shares = np.full(utterances, 1 / utterances)
    for start in range(0, resamples, _BLOCK):
        yield random.multinomial(utterances, shares, size=min(_BLOCK, resamples - start)).astype(np.float64)


def _ratio(errors: Counts, references: Counts) -> Counts:
    # A draw may hold only utterances without reference text; it says nothing of the rate and counts as no error.
    return np.divide(errors, references, out=np.zeros_like(errors), where=references > 0)


def _percentiles(drawn: Counts, confidence: float) -> tuple[float, float]:
    outside = (1 - confidence) / 2
    low, high = np.quantile(drawn, [outside, 1 - outside])
    return float(low), float(high)
