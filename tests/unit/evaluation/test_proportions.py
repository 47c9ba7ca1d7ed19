"""Wilson intervals against published values."""

import pytest

from panglot.errors import OptionError
from panglot.evaluation.proportions import proportion


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_known_values(successes, trials, low, high):
    result = proportion(successes, trials)
    assert (result.low, result.high) == pytest.approx((low, high), abs=5e-5)
    assert result.rate == successes / trials


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (2, 1), (-1, 3)])
def test_impossible_counts_are_refused(successes, trials):
    with pytest.raises(OptionError, match="not a share"):
        proportion(successes, trials)
