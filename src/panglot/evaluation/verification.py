"""Whether a new model may take the place of another: no if it is shown to be worse, or if nothing can be shown."""

from __future__ import annotations

from collections.abc import Iterator

from panglot.evaluation.comparison import Comparison, Contrast
from panglot.evaluation.recognition import FEWEST
from panglot.language import LANGUAGES


def objections(comparison: Comparison, *, worse_by: float = 0.0) -> tuple[str, ...]:
    """Say what speaks against the first system of a comparison.

    Parameters
    ----------
    comparison
        The new model against its parent.
    worse_by
        Difference in error rate that is put up with, as a share.

    Returns
    -------
    tuple of str
        A sentence with numbers for all together, and for each language, where the new model is significantly worse and
        its interval lies above what is put up with; or one that says that there are too few utterances. Empty where
        nothing speaks against it.
    """
    if comparison.overall.difference is None:
        return (f"{comparison.overall.utterances} utterances are too few to verify it; at least {FEWEST} are needed",)
    return tuple(_objections(comparison, worse_by))


def _objections(comparison: Comparison, worse_by: float) -> Iterator[str]:
    if _worse(comparison.overall, worse_by):
        yield _sentence(comparison.overall, "in all", comparison)
    for one in comparison.languages if len(comparison.languages) > 1 else ():
        if _worse(one, worse_by):
            name = LANGUAGES[one.language].name if one.language else "recordings of unknown language"
            yield _sentence(one, f"in {name}", comparison)


def _worse(one: Contrast, worse_by: float) -> bool:
    return one.verdict == "worse" and one.difference is not None and one.difference.low > worse_by


def _sentence(one: Contrast, where: str, comparison: Comparison) -> str:
    assert one.difference and one.adjusted is not None
    low, high = 100 * one.difference.low, 100 * one.difference.high
    return (
        f"{where} it has {100 * one.first.rate:.1f} % errors, {comparison.second} {100 * one.second.rate:.1f} % "
        f"(worse by {low:.1f} to {high:.1f} points, p {one.adjusted:.4f}, {one.utterances} utterances)"
    )
