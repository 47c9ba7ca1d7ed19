"""Intervals: exact where they can be counted, sensible where they cannot."""

import pytest

from panglot.errors import OptionError
from panglot.evaluation.bootstrap import difference, interval
from panglot.evaluation.words import ErrorRate


def rate(errors, reference=10):
    return ErrorRate(
        hits=reference - min(errors, reference),
        substitutions=min(errors, reference),
        deletions=0,
        insertions=max(0, errors - reference),
        unit="word",
    )


def test_equal_utterances_leave_no_doubt():
    result = interval([rate(2)] * 7)
    assert (result.estimate, result.low, result.high) == pytest.approx((0.2, 0.2, 0.2))
    assert result.utterances == 7


def test_interval_of_a_fair_coin_matches_the_binomial():
    # 100 one-word utterances, half of them wrong: standard error 0.05, so 95 % lie within 1.96 of them.
    result = interval([rate(1, 1), rate(0, 1)] * 50)
    assert result.estimate == 0.5
    assert result.low == pytest.approx(0.5 - 1.96 * 0.05, abs=0.015)
    assert result.high == pytest.approx(0.5 + 1.96 * 0.05, abs=0.015)


def test_long_utterances_weigh_more():
    assert interval([rate(0, 90), rate(10, 10)]).estimate == pytest.approx(0.1)


def test_same_seed_same_interval_and_other_seed_another():
    rates = [rate(errors) for errors in (0, 1, 5, 2, 9, 3)]
    assert interval(rates, resamples=501) == interval(rates, resamples=501)
    assert interval(rates, resamples=501) != interval(rates, resamples=501, seed=1)


def test_higher_confidence_is_wider():
    rates = [rate(errors) for errors in (0, 1, 5, 2, 9, 3)]
    narrow, wide = interval(rates, confidence=0.5), interval(rates, confidence=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_a_system_does_not_differ_from_itself():
    rates = [rate(errors) for errors in (0, 1, 5, 2)]
    result = difference(rates, rates)
    assert (result.estimate, result.low, result.high, result.p_value) == (0.0, 0.0, 0.0, 1.0)


def test_pairing_sees_a_small_constant_gain_that_plain_intervals_hide():
    first = [rate(errors) for errors in range(0, 40, 2)]
    second = [rate(errors + 1) for errors in range(0, 40, 2)]
    result = difference(first, second)
    assert (result.estimate, result.low, result.high) == pytest.approx((-0.1, -0.1, -0.1))
    assert result.p_value < 0.001
    assert interval(first).high > interval(second).low


def test_difference_turns_round_with_its_arguments():
    first, second = [rate(1), rate(4), rate(2)], [rate(2), rate(3), rate(5)]
    forward, back = difference(first, second), difference(second, first)
    assert forward.low == pytest.approx(-back.high)
    assert forward.p_value == back.p_value


def test_an_even_contest_is_not_significant():
    first, second = [rate(1), rate(3)] * 20, [rate(3), rate(1)] * 20
    assert difference(first, second).p_value > 0.5


def test_an_utterance_without_reference_may_be_drawn_alone():
    assert interval([rate(0, 0), rate(1, 2)]).estimate == 0.5


@pytest.mark.parametrize("rates", [[], [rate(0, 0)]])
def test_no_reference_is_refused(rates):
    with pytest.raises(OptionError, match="at least one"):
        interval(rates)


def test_unpaired_systems_are_refused():
    with pytest.raises(OptionError, match="2 utterances of the first"):
        difference([rate(1)] * 2, [rate(1)] * 3)
