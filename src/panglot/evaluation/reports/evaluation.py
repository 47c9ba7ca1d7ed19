"""The report of an evaluation, and of a comparison of two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from panglot.corpora import Rejected
from panglot.evaluation.comparison import SIGNIFICANCE, Comparison, Contrast
from panglot.evaluation.recognition import FEWEST, Evaluation, Measure, Result, Scored
from panglot.evaluation.reports import plots
from panglot.evaluation.reports.document import (
    Block,
    Document,
    Example,
    Heading,
    Paragraph,
    Plot,
    Table,
    duration,
    language_name,
    p_value,
    percent,
    points,
    spread,
)
from panglot.evaluation.tiers import TIERS, measured_tier
from panglot.language import LANGUAGES

WORST = 8
"""Utterances shown word by word."""

_SHOWN = 3
"""Places named for each reason why rows are left out."""

_COLUMNS = (
    "Error rate",
    "95 % interval",
    "Of",
    "Substituted",
    "Deleted",
    "Inserted",
    "CER (interval)",
    "Language right",
    "Tier",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One evaluation, or two on the same corpus and their comparison."""

    first: Evaluation
    second: Evaluation | None = None
    comparison: Comparison | None = None

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """Those there are."""
        return (self.first, self.second) if self.second else (self.first,)


def report_document(report: Report, *, worst: int = WORST) -> Document:
    """Lay out a report.

    Parameters
    ----------
    report
        What was found.
    worst
        How many of the worst utterances of the first system are shown.

    Returns
    -------
    Document
        For `panglot.evaluation.reports.text` and its neighbours.
    """
    first = report.first
    against = f" against {report.second.system.name}" if report.second else ""
    blocks = [block for evaluation in report.evaluations for block in _evaluation(evaluation)]
    blocks += _comparison(report.comparison) if report.comparison else []
    blocks += _plots(report)
    blocks += _examples(first, worst)
    blocks += _rejected(report.evaluations)
    blocks += _reading()
    return Document(title=f"{first.system.name}{against} on {first.corpus}", blocks=tuple(blocks))


def _evaluation(evaluation: Evaluation) -> Iterator[Block]:
    overall, languages = evaluation.overall, evaluation.languages
    yield Heading(text=evaluation.system.name)
    yield Paragraph(text=_facts(evaluation))
    rows = [_row(result, language_name(result.language)) for result in languages]
    if len(languages) > 1:
        mixed = len({result.words.errors.unit for result in languages if result.words}) > 1
        rows.append(_row(overall, "All", unit="unit" if mixed else ""))
    yield Table(
        columns=("Language", "Utterances", *_COLUMNS),
        rows=tuple(rows),
        numbers=frozenset(range(1, 9)),
    )
    if missed := _misheard(evaluation.scored):
        yield Paragraph(text=f"Taken for another language: {missed}.")
    if overall.speakers:
        parts = overall.speakers
        told = sum(one.speakers is not None for one in evaluation.scored)
        yield Paragraph(
            text=f"Who spoke when, {told} recording{'s' if told > 1 else ''}: diarization error rate "
            f"{percent(parts.rate)} of {parts.total:.0f} s "
            f"(missed {parts.missed:.1f} s, false alarm {parts.false_alarm:.1f} s, confusion {parts.confusion:.1f} s; "
            "no collar, overlaps counted)."
        )


def _facts(evaluation: Evaluation) -> str:
    overall = evaluation.overall
    known = [result for result in evaluation.languages if result.language]
    language = "language given" if evaluation.given else "language detected"
    if len(evaluation.system.languages) == 1:
        language = f"knows {language_name(evaluation.system.languages[0])} only"
    count = f"{len(known)} language{'s' if len(known) != 1 else ''}"
    speeds = [
        f"Real-time factor {speed.real_time_factor:.3f} ({speed.at_once} recording"
        f"{'s' if speed.at_once > 1 else ''} at a time{', with speakers' if speed.speakers else ''})"
        for speed in evaluation.speeds
    ]
    sentences = [
        f"{evaluation.date}: {len(evaluation.scored)} recordings, {duration(overall.seconds)} min, in {count}, "
        f"{language}",
        *speeds,
        evaluation.system.settings,
        f"Weights {evaluation.system.sha256[:12]}",
    ]
    return ". ".join(sentences) + "."


def _row(result: Result, name: str, *, unit: str = "") -> tuple[str, ...]:
    words = result.words
    counts = words.errors if words else None
    return (
        name,
        str(result.utterances),
        percent(words and words.rate),
        spread(words and words.interval),
        f"{counts.reference} {unit or counts.unit}s" if counts else "–",
        str(counts.substitutions) if counts else "–",
        str(counts.deletions) if counts else "–",
        str(counts.insertions) if counts else "–",
        _with_interval(result.characters),
        _right(result),
        _tier(words) if result.language else "–",
    )


def _with_interval(measure: Measure | None) -> str:
    if measure is None or measure.interval is None:
        return percent(measure and measure.rate)
    return f"{percent(measure.rate)} ({spread(measure.interval)})"


def _right(result: Result) -> str:
    right = result.detection
    if right is None:
        return "–"
    count = f"{right.successes} of {right.trials}"
    return count if right.trials < FEWEST else f"{count} ({100 * right.low:.0f} to {100 * right.high:.0f} %)"


def _tier(words: Measure | None) -> str:
    return measured_tier(words) if words else "–"


def _misheard(scored: Sequence[Scored]) -> str:
    counts: dict[tuple[str, str], int] = {}
    for one in scored:
        if one.detected and one.language and one.heard != one.language:
            pair = (one.language, one.heard or "nothing")
            counts[pair] = counts.get(pair, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "; ".join(
        f"{_spoken(said)} as {_spoken(heard)}{f', {count} times' if count > 1 else ''}"
        for (said, heard), count in ordered
    )


def _spoken(code: str) -> str:
    return LANGUAGES[code].name if code in LANGUAGES else code


def _comparison(comparison: Comparison) -> Iterator[Block]:
    yield Heading(text=f"{comparison.first} against {comparison.second}")
    yield Paragraph(text=verdict(comparison))
    rows = [_contrast(one, language_name(one.language)) for one in comparison.languages]
    if len(rows) > 1:
        rows.append(_contrast(comparison.overall, "All"))
    yield Table(
        columns=(
            "Language", "Utterances", comparison.first, comparison.second,
            "Difference, points", "p", "p, Holm", "Shown",
        ),
        rows=tuple(rows),
        numbers=frozenset(range(1, 7)),
    )  # fmt: skip
    if comparison.left_out:
        yield Paragraph(text=f"{comparison.left_out} utterances that only one of them has written down are left out.")


def verdict(comparison: Comparison) -> str:
    """Say in a sentence what a comparison shows of all utterances together."""
    one = comparison.overall
    if one.difference is None:
        return f"{one.utterances} utterances are too few to compare: at least {FEWEST} are needed."
    numbers = (
        f"{percent(one.first.rate)} and {percent(one.second.rate)}, difference {points(one.difference)} points, "
        f"p {p_value(one.difference.p_value)}, {one.utterances} utterances"
    )
    if one.verdict == "no difference shown":
        return f"No difference is shown between {comparison.first} and {comparison.second}: {numbers}."
    return f"{comparison.first} is {one.verdict} than {comparison.second}: {numbers}."


def _contrast(one: Contrast, name: str) -> tuple[str, ...]:
    return (
        name,
        str(one.utterances),
        percent(one.first.rate),
        percent(one.second.rate),
        points(one.difference) if one.difference else "–",
        p_value(one.difference and one.difference.p_value),
        p_value(one.adjusted),
        one.verdict,
    )


def _plots(report: Report) -> Iterator[Block]:
    measured = [result for result in report.first.languages if result.words]
    if not measured:
        return
    yield Heading(text="Figures")
    yield Plot(
        caption="Error rate by language, with 95 % intervals where there are enough utterances",
        draw=lambda: plots.error_rates(report.evaluations),
    )
    yield Plot(
        caption=f"What the errors of {report.first.system.name} are, per 100 words or characters of the reference",
        draw=lambda: plots.error_kinds(report.first),
    )
    comparison = report.comparison
    if comparison and any(one.difference for one in comparison.languages):
        yield Plot(
            caption=f"{comparison.first} minus {comparison.second}: left of the line {comparison.first} is better",
            draw=lambda: plots.differences(comparison),
        )


def _examples(evaluation: Evaluation, count: int) -> Iterator[Block]:
    worst = evaluation.worst(count)
    if not worst:
        return
    yield Heading(text=f"Worst utterances of {evaluation.system.name}")
    for one in worst:
        assert one.words
        taken = f", taken for {one.heard or 'nothing'}" if one.detected and one.heard != one.language else ""
        title = (
            f"{one.id}: {percent(one.words.rate)}, {one.words.errors} errors of "
            f"{one.words.reference} {one.words.unit}s, {one.language or 'language not known'}{taken}"
        )
        yield Example(title=title, edits=one.words.alignment)


def _rejected(evaluations: Sequence[Evaluation]) -> Iterator[Block]:
    rows = list(dict.fromkeys(row for evaluation in evaluations for row in evaluation.rejected))
    if rows:
        yield Heading(text=f"Left out: {len(rows)} row{'s' if len(rows) > 1 else ''}")
        yield rejected_table(rows)


def rejected_table(rows: Sequence[Rejected]) -> Table:
    """Rows that could not be used, gathered by the reason."""
    places: dict[str, list[str]] = {}
    for row in rows:
        places.setdefault(row.reason, []).append(row.where)
    return Table(
        columns=("Rows", "Reason", "Where"),
        rows=tuple(
            (str(len(found)), reason, ", ".join([*found[:_SHOWN], *(["…"] if len(found) > _SHOWN else [])]))
            for reason, found in places.items()
        ),
        numbers=frozenset({0}),
    )


def _reading() -> Iterator[Block]:
    bounds = ", ".join(f"{name} up to {100 * bound:.0f} %" for name, bound in TIERS[:-1])
    yield Heading(text="How to read this")
    yield Paragraph(
        text="The error rate counts words, and characters in languages without spaces, after Whisper's text rules; "
        "of several languages together it adds up both. "
        "Intervals are drawn by bootstrap over utterances, those of languages by Wilson's formula. "
        f"Below {FEWEST} utterances there is neither interval nor test. "
        f"Tiers: {bounds}, {TIERS[-1][0]} above; two tiers where the interval crosses a bound. "
        f"A difference is shown where p, after Holm's correction for the number of languages, is below {SIGNIFICANCE}."
    )
