"""Tiers and language cards: what is claimed, and what is not."""

from __future__ import annotations

import pytest
from test_comparison import evaluation, scored

from panglot.evaluation.bootstrap import Interval
from panglot.evaluation.card import NOT_KNOWN, NOT_MEASURED, make_card
from panglot.evaluation.recognition import Measure
from panglot.evaluation.tiers import TIERS, TOO_FEW, measured_tier, tier
from panglot.evaluation.words import ErrorRate
from panglot.language import LANGUAGES


def measure(low: float, high: float) -> Measure:
    rate = ErrorRate(hits=1, substitutions=0, deletions=0, insertions=0, unit="word")
    return Measure(
        errors=rate,
        interval=Interval(estimate=(low + high) / 2, low=low, high=high, confidence=0.95, utterances=9),
    )


@pytest.mark.parametrize(
    ("rate", "name"), [(0.0, "high"), (0.25, "good"), (0.2501, "moderate"), (0.51, "low"), (7.0, "low")]
)
def test_bounds_belong_to_the_better_tier(rate: float, name: str) -> None:
    assert tier(rate) == name


def test_tiers_go_from_best_to_worst() -> None:
    assert [bound for _, bound in TIERS] == sorted(bound for _, bound in TIERS)


def test_an_interval_over_a_bound_names_both_tiers() -> None:
    assert measured_tier(measure(0.01, 0.09)) == "high"
    assert measured_tier(measure(0.09, 0.3)) == "high to moderate"


def test_a_card_has_every_language_once_and_claims_only_what_was_measured() -> None:
    utterances = [scored(f"a{number}", 1, "de") for number in range(6)] + [scored("b", 0, "en")]
    card = make_card(evaluation(*utterances), model="mine")
    assert sorted(row.language for row in card.rows) == sorted(LANGUAGES)
    assert [(row.language, row.tier, row.utterances) for row in card.measured] == [
        ("de", "high", 6),
        ("en", TOO_FEW, 1),
    ]
    others = {row.tier for row in card.rows if row.language not in ("de", "en")}
    assert others == {NOT_KNOWN}, "the system knows German and English only"
    assert all(row.rate is None for row in card.rows if row.tier == NOT_KNOWN)


def test_languages_of_the_model_without_utterances_are_not_measured() -> None:
    card = make_card(evaluation(scored("b", 0, "en")), model="mine")
    assert [row.language for row in card.rows if row.tier == NOT_MEASURED] == ["de"]
