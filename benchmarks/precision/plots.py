"""Plots as PNG, where matplotlib is installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any


def bars(path: Path, title: str, groups: dict[str, dict[str, float]]) -> None:
    """Draw bars side by side: from group to label to value."""
    if not groups or find_spec("matplotlib") is None:
        return
    labels = list(dict.fromkeys(label for values in groups.values() for label in values))
    figure, axes = _figure(title)
    width = 0.8 / len(groups)
    for number, (group, values) in enumerate(groups.items()):
        places = [place + number * width for place in range(len(labels))]
        drawn = axes.bar(places, [values.get(label, 0.0) for label in labels], width=width, label=group)
        axes.bar_label(drawn, fmt="%.2g", fontsize="x-small")
    axes.set_xticks([place + 0.4 - width / 2 for place in range(len(labels))], labels)
    axes.legend()
    _write(figure, path)


def curves(path: Path, title: str, rows: dict[str, dict[int, float]], *, x: str, logarithmic: bool = False) -> None:
    """Draw lines: from name to place to value."""
    if find_spec("matplotlib") is None:
        return
    figure, axes = _figure(title)
    for name, values in rows.items():
        if values:
            axes.plot(list(values), list(values.values()), marker="o", label=name)
    axes.set_xlabel(x)
    if logarithmic:
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
    axes.legend()
    _write(figure, path)


def _figure(title: str) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes


def _write(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
