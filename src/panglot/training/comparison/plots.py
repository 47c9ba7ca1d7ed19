"""Figures of a comparison, as SVG."""

from __future__ import annotations

import io
from typing import Any

from panglot.training.comparison.records import Comparison, Row
from panglot.training.comparison.stepping import PARTS

_MIB = 1 << 20


def draw(comparison: Comparison) -> list[str]:
    """Draw throughput, the parts of a step, memory and the loss curves.

    Parameters
    ----------
    comparison
        With its rows.

    Returns
    -------
    list of str
        SVG elements; none where nothing ran.
    """
    ran = [row for row in comparison.rows if row.ran]
    if not ran:
        return []
    return [_bars(comparison, ran), _curves(comparison)]


def _bars(comparison: Comparison, ran: list[Row]) -> str:
    figure, (speed, parts, memory) = _figure(3)
    names = [row.precision for row in ran]
    found = speed.bar(names, [comparison.speedup(row) or 0.0 for row in ran], color="#3566d6")
    speed.bar_label(found, fmt="%.2f")
    speed.set_title("Throughput, times IEEE fp32")
    _stack(
        parts, names, {part: [1000 * getattr(row.split, part) if row.split else 0.0 for row in ran] for part in PARTS}
    )
    parts.set_title("Parts of a step, ms")
    kinds = ("parameters", "gradients", "optimizer", "activations")
    _stack(
        memory,
        names,
        {kind: [getattr(row.memory, kind) / _MIB if row.memory else 0.0 for row in ran] for kind in kinds},
    )
    memory.set_title("Memory, MiB")
    return _svg(figure)


def _curves(comparison: Comparison) -> str:
    figure, (losses, scales) = _figure(2)
    for row in comparison.rows:
        if row.losses:
            losses.plot(range(1, len(row.losses) + 1), row.losses, label=row.precision)
            scales.plot(range(1, len(row.scales) + 1), row.scales, label=row.precision)
    losses.set_title("Loss by step")
    scales.set_title("Loss scale by step")
    scales.set_yscale("log", base=2)
    losses.legend()
    return _svg(figure)


def _stack(axes: Any, names: list[str], parts: dict[str, list[float]]) -> None:
    below = [0.0] * len(names)
    for part, values in parts.items():
        axes.bar(names, values, bottom=below, label=part)
        below = [low + value for low, value in zip(below, values, strict=True)]
    axes.legend(fontsize="small")


def _figure(columns: int) -> tuple[Any, Any]:
    # Without pyplot: it keeps figures, and looks for a screen.
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(4.5 * columns, 3.5), layout="constrained")
    return figure, figure.subplots(1, columns)


def _svg(figure: Any) -> str:
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None})
    text = written.getvalue()
    return text[text.index("<svg") :]
