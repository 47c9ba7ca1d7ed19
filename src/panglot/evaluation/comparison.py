"""Whether one system is better than another: paired tests on the utterances that both have written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from panglot.errors import OptionError
from panglot.evaluation.bootstrap import Difference, difference
from panglot.evaluation.recognition import FEWEST, Evaluation
from panglot.evaluation.words import ErrorRate, pooled

SIGNIFICANCE = 0.05
"""A p-value below this counts as a difference."""

Verdict = Literal["better", "worse", "no difference shown", "too few"]

Pair = tuple[ErrorRate, ErrorRate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Both systems in one language, or in all together."""

    language: str | None
    """None stands for everything together, or for utterances whose language is not known."""
    utterances: int
    first: ErrorRate
    second: ErrorRate
    difference: Difference | None
    """First minus second, so negative where the first is better; None below `FEWEST` utterances."""
    adjusted: float | None = None
    """The p-value, raised for there being several languages (Holm 1979); that of the test itself for all together."""

    @property
    def verdict(self) -> Verdict:
        """What is shown of the first, as against the second."""
        if self.difference is None or self.adjusted is None:
            return "too few"
        if self.adjusted >= SIGNIFICANCE or not self.difference.estimate:
            return "no difference shown"
        return "better" if self.difference.estimate < 0 else "worse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two systems on the same utterances."""

    first: str
    second: str
    overall: Contrast
    languages: tuple[Contrast, ...]
    left_out: int
    """Utterances that only one of them has written down."""


def compare(first: Evaluation, second: Evaluation) -> Comparison:
    """Test the difference of two evaluations, in all and per language.

    Parameters
    ----------
    first
        The system that is asked about.
    second
        What it is held against.

    Returns
    -------
    Comparison
        Differences are of the word error rate (characters for languages without spaces), first minus second.

    Raises
    ------
    OptionError
        If they share no utterance with a reference text.

    Notes
    -----
    Paired bootstrap over utterances: Bisani & Ney 2004. With several languages the smallest p-value tends to be small
    by chance, so those per language are raised by the step-down method of Holm 1979, "A simple sequentially rejective
    multiple test procedure".
    """
    others = {one.id: one for one in second.scored}
    groups: dict[str | None, list[Pair]] = {}
    for one in first.scored:
        other = others.get(one.id)
        if other is None or one.words is None or other.words is None:
            continue
        if one.reference != other.reference:
            raise OptionError(f"{one.id} has another reference text in the second evaluation; evaluate the same corpus")
        groups.setdefault(one.language, []).append((one.words, other.words))
    pairs = [pair for group in groups.values() for pair in group]
    if not pairs:
        raise OptionError(
            f"{first.system.name} and {second.system.name} have no utterance in common; "
            "evaluate both on the same corpus"
        )
    whole = _contrast(None, pairs)
    codes = sorted(groups, key=lambda code: (code is None, code or ""))
    return Comparison(
        first=first.system.name,
        second=second.system.name,
        overall=replace(whole, adjusted=whole.difference and whole.difference.p_value),
        languages=_adjusted([_contrast(code, groups[code]) for code in codes]),
        left_out=len({one.id for one in first.scored} ^ set(others)),
    )


def _contrast(language: str | None, pairs: Sequence[Pair]) -> Contrast:
    first, second = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return Contrast(
        language=language,
        utterances=len(pairs),
        first=pooled(first),
        second=pooled(second),
        difference=difference(first, second) if len(pairs) >= FEWEST else None,
    )


def _adjusted(contrasts: Sequence[Contrast]) -> tuple[Contrast, ...]:
    tested = sorted(
        (one.difference.p_value, number) for number, one in enumerate(contrasts) if one.difference is not None
    )
    raised = list(contrasts)
    floor = 0.0
    for rank, (p_value, number) in enumerate(tested):
        floor = max(floor, min(1.0, p_value * (len(tested) - rank)))
        raised[number] = replace(raised[number], adjusted=floor)
    return tuple(raised)
