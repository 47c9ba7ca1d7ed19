"""The language card of a model: for each of the 99 languages its tier as measured, or that it was not measured."""

from __future__ import annotations

from dataclasses import dataclass

from panglot.evaluation.recognition import Evaluation, Result
from panglot.evaluation.tiers import measured_tier
from panglot.language import LANGUAGES

NOT_MEASURED = "not measured"
NOT_KNOWN = "not in this model"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """One language."""

    language: str
    tier: str
    """A tier or range of tiers, or why there is none."""
    utterances: int = 0
    unit: str = ""
    """``word`` or ``character``: what ``rate`` counts."""
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    character_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageCard:
    """What is known about a model's languages, from one evaluation."""

    model: str
    sha256: str
    settings: str
    corpus: str
    date: str
    given: bool
    """Whether the language was given in the evaluation."""
    rows: tuple[CardRow, ...]
    """All 99, measured ones first, each by code."""

    @property
    def measured(self) -> tuple[CardRow, ...]:
        """Languages with a measured error rate."""
        return tuple(row for row in self.rows if row.rate is not None)


def make_card(evaluation: Evaluation, *, model: str) -> LanguageCard:
    """Write the card of a model from an evaluation of it.

    Parameters
    ----------
    evaluation
        Of this model.
    model
        Its name, where that is not what the evaluation calls it.

    Returns
    -------
    LanguageCard
        Error rates only for languages with utterances; for few of them a rate without a tier.
    """
    measured = [_measured(result) for result in evaluation.languages if result.language and result.words]
    done = {row.language for row in measured}
    known = evaluation.system.languages
    others = [
        CardRow(language=code, tier=NOT_MEASURED if code in known else NOT_KNOWN)
        for code in sorted(LANGUAGES)
        if code not in done
    ]
    return LanguageCard(
        model=model,
        sha256=evaluation.system.sha256,
        settings=evaluation.system.settings,
        corpus=evaluation.corpus,
        date=evaluation.date,
        given=evaluation.given,
        rows=(*measured, *others),
    )


def _measured(result: Result) -> CardRow:
    assert result.language and result.words
    bounds = result.words.interval
    return CardRow(
        language=result.language,
        tier=measured_tier(result.words),
        utterances=result.utterances,
        unit=result.words.errors.unit,
        rate=result.words.rate,
        low=bounds and bounds.low,
        high=bounds and bounds.high,
        character_rate=result.characters and result.characters.rate,
    )
