"""``report.html``: how a run went, in one file with its curves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from panglot.files import write_file
from panglot.training.logbook import read_log
from panglot.training.settings import Settings, write_settings

REPORT = "report.html"
_mpl: Any = mpl
_Curve = tuple[list[float], list[float]]
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse}td,th{padding:.2rem .9rem .2rem 0;text-align:left;border-bottom:1px solid #ddd}"
    "svg{max-width:100%;height:auto}pre{background:#f5f5f5;padding:1rem;overflow:auto}"
)


def write_report(folder: Path, settings: Settings, *, ending: str) -> Path:
    """Write the report of a run from its log.

    Parameters
    ----------
    folder
        Of the run.
    settings
        Of the run.
    ending
        How it ended, in words.

    Returns
    -------
    Path
        The page; it needs no other file and no network.
    """
    rows = read_log(folder)
    steps = [row for row in rows if row["kind"] == "step"]
    validations = [row for row in rows if row["kind"] == "validation"]
    parts = [
        f"<h1>Training of {escape(folder.name)}</h1>",
        f"<p>{escape(_summary(rows, steps, ending))}</p>",
        _error_table(validations),
        _figure(
            "Loss per token (nats)", {"training": _curve(steps, "loss"), "validation": _curve(validations, "loss")}
        ),
        _figure("Error rate (words; characters where a language has no spaces)", _by_language(validations)),
        _figure("Learning rate", {"": _curve(steps, "learning_rate")}),
        _figure("Gradient norm", {"": _curve(steps, "gradient_norm")}),
        _figure("Loss scale", {"": _curve(steps, "scale")}),
        _notes(rows),
        f"<h2>Settings</h2><pre>{escape(write_settings(settings))}</pre>",
    ]
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(folder.name)}</title>'
        f"<style>{_STYLE}</style>{''.join(parts)}</html>\n"
    )
    write_file(folder / REPORT, page)
    return folder / REPORT


def _summary(rows: Sequence[Mapping[str, Any]], steps: Sequence[Mapping[str, Any]], ending: str) -> str:
    plan = next((row for row in rows if row["kind"] == "began"), None)
    if plan is None or not steps:
        return ending
    last = steps[-1]
    return (
        f"{ending} From {plan['base']}, {plan['trained']:,} of {plan['weights']:,} weights trained in "
        f"{plan['precision']} on {plan['device']} ({plan['reason']}). {last['step']} steps, {last['skipped']} of them "
        f"skipped, with {sum(step['audio'] for step in steps) / 3_600:.2f} hours of audio in "
        f"{last['clock'] / 3_600:.2f} hours."
    )


def _error_table(validations: Sequence[Mapping[str, Any]]) -> str:
    if not validations:
        return "<p>No error rates were measured: there was no validation data.</p>"
    best = min(validations, key=lambda row: row["wer"] if row["wer"] is not None else float("inf"))
    first = {score["language"]: score for score in validations[0]["scores"]}
    lines = [
        f"<tr><td>{escape(score['language'])}<td>{score['samples']}<td>{first[score['language']]['wer']:.1%}"
        f"<td>{score['wer']:.1%}<td>{first[score['language']]['cer']:.1%}<td>{score['cer']:.1%}"
        for score in best["scores"]
    ]
    return (
        f"<h2>Error rates: step {validations[0]['step']}, and the best, step {best['step']}</h2><table><tr><th>Language"
        f"<th>Recordings<th>WER before<th>WER best<th>CER before<th>CER best{''.join(lines)}</table>"
        "<p>Greedy decoding. The best step was chosen on these very recordings: measure the model on others.</p>"
    )


def _by_language(validations: Sequence[Mapping[str, Any]]) -> dict[str, _Curve]:
    curves: defaultdict[str, _Curve] = defaultdict(lambda: ([], []))
    for row in validations:
        for score in row["scores"]:
            curves[score["language"]][0].append(row["step"])
            curves[score["language"]][1].append(score["wer"])
    return dict(curves)


def _curve(rows: Sequence[Mapping[str, Any]], name: str) -> _Curve:
    known = [row for row in rows if row[name] is not None]
    return [row["step"] for row in known], [row[name] for row in known]


def _figure(title: str, curves: Mapping[str, _Curve]) -> str:
    drawn = {label: curve for label, curve in curves.items() if curve[0]}
    if not drawn:
        return ""
    figure: Any = Figure(figsize=(9, 3), layout="constrained")
    axes = figure.subplots()
    for label, (steps, values) in drawn.items():
        axes.plot(steps, values, marker="o" if len(steps) < 20 else "", label=label)
    axes.set_xlabel("step")
    axes.grid(alpha=0.3)
    if any(drawn):
        axes.legend()
    drawing = StringIO()
    # No date, and names of parts that follow from the title: the same run gives the same page.
    with _mpl.rc_context({"svg.hashsalt": title}):
        figure.savefig(drawing, format="svg", metadata={"Date": None})
    svg = drawing.getvalue()
    return f"<h2>{escape(title)}</h2>{svg[svg.index('<svg') :]}"


def _notes(rows: Sequence[Mapping[str, Any]]) -> str:
    notes = [f"<li>Step {row['step']}: {escape(row['text'])}" for row in rows if row["kind"] == "note"]
    return f"<h2>Notes</h2><ul>{''.join(notes)}</ul>" if notes else ""
