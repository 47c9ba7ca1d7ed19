"""A comparison as text: tables in Markdown, plain JSON, and one HTML file with its figures inside."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from panglot.training.comparison import plots
from panglot.training.comparison.records import Comparison, Row
from panglot.training.comparison.verdict import figures, verdict

Table = tuple[str, tuple[str, ...], list[list[str]]]
"""Title, headings and rows."""

_OPERATORS = 12
"""Of each precision that are shown."""
_MIB = 1 << 20


def tables(comparison: Comparison) -> list[Table]:
    """Return the figures as tables of text.

    Parameters
    ----------
    comparison
        With its rows.

    Returns
    -------
    list of Table
        Those that have rows.
    """
    ran = [row for row in comparison.rows if row.ran]
    found: list[Table] = [
        ("Speed (baseline: IEEE fp32)", _SPEED, [_speed(comparison, row) for row in comparison.rows]),
        ("Where a step's time goes, ms", _SPLIT, [_split(row) for row in ran if row.split]),
        ("Memory, MiB", _MEMORY, [_memory(row) for row in ran if row.memory]),
        ("Learning (compared with IEEE fp32)", _LEARNING, [_learning(comparison, row) for row in comparison.rows]),
        ("Operators, longest first", _OPERATOR, [line for row in ran for line in _operators(row)]),
        (
            "Matrix products of sizes that tensor cores take only in part",
            ("precision", "shape", "calls", "ms"),
            [
                [row.precision, each.shape, str(each.calls), f"{1000 * each.seconds:.2f}"]
                for row in ran
                for each in row.misaligned[:_OPERATORS]
            ],
        ),
    ]
    return [table for table in found if table[2]]


def to_json(comparison: Comparison) -> str:
    """Write everything, with the verdict and the figures that `--require` knows."""
    plain = asdict(comparison) | {"figures": figures(comparison), "verdict": list(verdict(comparison))}
    return json.dumps(_finite(plain), ensure_ascii=False, indent=1) + "\n"


def to_markdown(comparison: Comparison) -> str:
    """Write the verdict and the tables."""
    lines = [f"# {_title(comparison)}", "", *(line for text in verdict(comparison) for line in (text, ""))]
    for title, headings, rows in tables(comparison):
        lines += [f"## {title}", "", _line(headings), _line(["---"] * len(headings)), *map(_line, rows), ""]
    lines += ["## How it was measured", "", *(f"- {name}: {value}" for name, value in comparison.environment.items())]
    return "\n".join(lines) + "\n"


def to_html(comparison: Comparison) -> str:
    """Write a page that needs nothing else: tables, and plots as SVG."""
    parts = [f"<h1>{html.escape(_title(comparison))}</h1>"]
    parts += [f"<p>{html.escape(text)}</p>" for text in verdict(comparison)]
    parts += [f"<figure>{plot}</figure>" for plot in plots.draw(comparison)]
    for title, headings, rows in tables(comparison):
        head = "".join(f"<th>{html.escape(each)}</th>" for each in headings)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        parts.append(f"<h2>{html.escape(title)}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    facts = "".join(f"<li>{html.escape(f'{name}: {value}')}</li>" for name, value in comparison.environment.items())
    parts.append(f"<h2>How it was measured</h2><ul>{facts}</ul>")
    return _PAGE.format(title=html.escape(_title(comparison)), style=_STYLE, body="\n".join(parts))


def _title(comparison: Comparison) -> str:
    compiled = ", compiled" if comparison.compiled else ""
    return f"Precisions: {comparison.workload} on {comparison.device}{compiled}"


_SPEED = ("precision", "batch", "ms a step", "samples/s", "times fp32", "largest batch", "remark")


def _speed(comparison: Comparison, row: Row) -> list[str]:
    if not row.ran:
        return [row.precision, _number(row.batch_size), "", "", "", "", row.reason]
    speedup = comparison.speedup(row)
    return [
        row.precision,
        str(row.batch_size),
        f"{1000 * row.step:.1f}",
        f"{row.samples_per_second:.2f}",
        "" if speedup is None else f"{speedup:.2f}",
        "" if row.largest_batch is None else str(row.largest_batch),
        row.remark,
    ]


_SPLIT = ("precision", "data", "forward", "backward", "optimizer", "synchronisation")


def _split(row: Row) -> list[str]:
    split = row.split
    assert split is not None
    parts = (split.data, split.forward, split.backward, split.optimizer, split.synchronisation)
    return [row.precision, *(f"{1000 * part:.1f}" for part in parts)]


_MEMORY = ("precision", "parameters", "gradients", "optimizer state", "activations", "peak")


def _memory(row: Row) -> list[str]:
    memory = row.memory
    assert memory is not None
    parts = (memory.parameters, memory.gradients, memory.optimizer, memory.activations, memory.peak)
    return [row.precision, *(f"{part / _MIB:.1f}" for part in parts)]


_LEARNING = (
    "precision",
    "first loss",
    "last loss",
    "difference",
    "gradient cosine",
    "skipped",
    "loss scale at the end",
)


def _learning(comparison: Comparison, row: Row) -> list[str]:
    difference = comparison.loss_difference(row)
    return [
        row.precision,
        f"{row.losses[0]:.4f}" if row.losses else "",
        f"{row.losses[-1]:.4f}" if row.losses else "",
        "" if difference is None else f"{100 * difference:.2f} %",
        "" if row.parity is None else f"{row.parity:.5f}",
        str(row.skipped) if row.losses else "",
        f"{row.scales[-1]:g}" if row.scales else "",
    ]


_OPERATOR = ("precision", "operator", "computed in", "calls", "share")


def _operators(row: Row) -> list[list[str]]:
    whole = sum(each.seconds for each in row.operators)
    return [
        [row.precision, each.name, each.dtype, str(each.calls), f"{100 * each.seconds / whole:.1f} %"]
        for each in row.operators[:_OPERATORS]
    ]


def _number(value: int) -> str:
    return str(value) if value else ""


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _finite(value: Any) -> Any:
    """Numbers that JSON does not have become text."""
    if isinstance(value, float) and value not in (float("inf"), float("-inf")) and value == value:
        return value
    if isinstance(value, float):
        return str(value)
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    return value


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1c2330}"
    "table{border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums}"
    "th,td{padding:.25rem .75rem;border-bottom:1px solid #d5dae3;text-align:left}"
    "figure{margin:1rem 0;overflow-x:auto}svg{max-width:100%;height:auto}"
)
_PAGE = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    "<style>{style}</style></head><body>\n{body}\n</body></html>\n"
)
