"""Figures of reports, as SVG that stands inside a page."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from io import StringIO
from typing import Any

from panglot.evaluation.comparison import Comparison
from panglot.evaluation.recognition import Evaluation, Measure, Result
from panglot.evaluation.reports.document import language_name, printable

_COLOURS = ("#1f5fa8", "#d9822b")
_KINDS = (("substituted", "#1f5fa8"), ("deleted", "#c0392b"), ("inserted", "#d9a62b"))
_WIDTH_INCHES = 9.0
_ROW_INCHES = 0.34
_LONGEST = 2.0
"""Error rates are drawn up to here; loops can have much higher ones, beside which nothing else could be seen."""


def error_rates(evaluations: Sequence[Evaluation]) -> str:
    """One point with its interval for each language and system."""
    codes = _codes(evaluations[0])
    figure, axes = _figure(len(codes))
    for number, evaluation in enumerate(evaluations):
        offset = 0.16 * (2 * number - len(evaluations) + 1)
        found = {_label(result): result.words for result in evaluation.languages}
        for row, code in enumerate(codes):
            if (measure := found.get(code)) is not None:
                _point(axes, measure, row + offset, colour=_COLOURS[number])
        axes.plot([], [], "o", color=_COLOURS[number], label=_plain(evaluation.system.name))
    axes.set_xlabel("error rate, %")
    axes.set_xlim(left=0)
    _finish(axes, codes)
    if len(evaluations) > 1:
        _legend(axes)
    return _svg(figure, "rates")


def error_kinds(evaluation: Evaluation) -> str:
    """One bar for each language, made of words substituted, deleted and inserted."""
    codes = _codes(evaluation)
    figure, axes = _figure(len(codes))
    found = {_label(result): result.words for result in evaluation.languages}
    for row, code in enumerate(codes):
        errors = found[code].errors  # pyright: ignore[reportOptionalMemberAccess] - `_codes` has only measured ones
        left = 0.0
        counts = (errors.substitutions, errors.deletions, errors.insertions)
        for count, (_, colour) in zip(counts, _KINDS, strict=True):
            share = 100 * count / max(errors.reference, 1)
            axes.barh(row, share, left=left, color=colour, height=0.6)
            left += share
    for name, colour in _KINDS:
        axes.barh(0, 0, color=colour, label=name)
    axes.set_xlabel("errors per 100 words or characters")
    axes.set_xlim(0, min(axes.get_xlim()[1], 100 * _LONGEST))
    _finish(axes, codes)
    _legend(axes)
    return _svg(figure, "kinds")


def differences(comparison: Comparison) -> str:
    """The difference in each language with its interval, and a line at none."""
    tested = [one for one in comparison.languages if one.difference]
    rows = [*tested, comparison.overall] if len(tested) > 1 and comparison.overall.difference else tested
    figure, axes = _figure(len(rows))
    axes.axvline(0, color="#6b7685", linewidth=1)
    for row, one in enumerate(rows):
        assert one.difference
        shown = one.verdict in ("better", "worse")
        ends = [100 * one.difference.low, 100 * one.difference.high]
        colour = _COLOURS[0] if shown else "#8d98a7"
        axes.plot(ends, [row, row], color=colour, linewidth=2)
        axes.plot([100 * one.difference.estimate], [row], "o", color=colour)
    axes.set_xlabel("difference in error rate, percentage points (grey: no difference shown)")
    names = ["all" if one is comparison.overall else language_name(one.language) for one in rows]
    _finish(axes, names)
    return _svg(figure, "differences")


def _codes(evaluation: Evaluation) -> list[str]:
    return [_label(result) for result in evaluation.languages if result.words]


def _label(result: Result) -> str:
    return language_name(result.language)


def _plain(name: str) -> str:
    # The font of figures has Latin letters. Dollar signs would begin a formula, and a leading underscore hides a name.
    latin = printable(name).encode("latin-1", "replace").decode("latin-1")
    return latin.replace("$", r"\$").lstrip("_") or "system"


def _point(axes: Any, measure: Measure, row: float, *, colour: str) -> None:
    rate = min(measure.rate, _LONGEST)
    if measure.interval:
        ends = [100 * min(end, _LONGEST) for end in (measure.interval.low, measure.interval.high)]
        axes.plot(ends, [row, row], color=colour, linewidth=2)
    axes.plot(
        [100 * rate],
        [row],
        ">" if measure.rate > _LONGEST else "o",
        color=colour,
        markerfacecolor=colour if measure.interval else "white",
    )


def _figure(rows: int) -> tuple[Any, Any]:
    # Not pyplot, which keeps every figure and asks for a screen. Loaded here, as its import takes a second.
    library: Any = import_module("matplotlib.figure")
    figure = library.Figure(figsize=(_WIDTH_INCHES, 0.9 + _ROW_INCHES * max(rows, 2)), layout="constrained")
    return figure, figure.subplots()


def _legend(axes: Any) -> None:
    # Above the axes, where it hides nothing.
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0)


def _finish(axes: Any, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="x", color="#e3e6eb")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _svg(figure: Any, name: str) -> str:
    library: Any = import_module("matplotlib")
    target = StringIO()
    # One salt a figure: names inside them are the same at every run, and differ between the figures of a page.
    with library.rc_context({"svg.hashsalt": name, "svg.fonttype": "path"}):
        empty = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(target, format="svg", metadata=empty)
    text = target.getvalue()
    # A page has no place for the XML declaration and the document type, which names an address.
    return text[text.index("<svg") :].strip()
