"""How a training run is going, on standard error: a bar on a terminal, a line now and then anywhere else."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from panglot.cli.console import one_line, say, warn
from panglot.cli.summary import clock

if TYPE_CHECKING:
    from panglot.corpora import Rejected
    from panglot.training.listener import Plan, Step, Validation

_ROWS_SHOWN = 20
_TELL_EVERY = 0.1
"""Share of the run between two lines, where there is no terminal."""


def describe_step(step: Step) -> str:
    """What stands beside the bar: ``step 120 · loss 1.234 · scale 65536 · 2 skipped · 0.31 h/s · 0:12 left``."""
    parts = [f"step {step.step}", f"loss {step.loss:.3f}", f"scale {step.scale:g}", f"{step.skipped} skipped"]
    if step.rate > 0:
        parts.append(f"{step.rate:.2g} audio-hours/s")
    if step.left is not None:
        parts.append(f"{clock(step.left)} left")
    return " · ".join(parts)


def describe_validation(validation: Validation) -> str:
    """One line for all languages."""
    rates = ", ".join(f"{one.language} WER {one.wer:.1%} CER {one.cer:.1%}" for one in validation.scores)
    best = " (best so far)" if validation.best else ""
    return f"step {validation.step}: {rates}, loss {validation.loss:.3f}{best}"


class Display:
    """Tells somebody at a terminal how a run is going.

    Parameters
    ----------
    quiet
        Say only what is wrong.
    """

    def __init__(self, *, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn
        from rich.progress import Progress as Bar

        self._quiet = quiet
        self._console = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)
        self._is_terminal = sys.stderr.isatty() and not self._console.is_dumb_terminal and not quiet
        self._bar = Bar(
            SpinnerColumn(),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:3.0f} % {task.fields[state]}", markup=False),
            console=self._console,
            transient=True,
            disable=not self._is_terminal,
        )
        self._task = self._bar.add_task("", total=1.0, state="getting ready")
        self._told = 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def began(self, plan: Plan) -> None:
        """Say what is going to be trained, how, and why so."""
        if self._quiet:
            return
        data = "" if plan.samples is None else f" on {plan.samples} recordings ({clock(plan.audio or 0.0)})"
        start = f", going on from step {plan.step}" if plan.step else ""
        self._say(
            f"{plan.base}: training {plan.trained:,} of {plan.weights:,} weights{data} on {plan.device} in "
            f"{plan.precision} ({plan.reason}){start}"
        )

    def rejected(self, rows: tuple[Rejected, ...]) -> None:
        """Show the rows that are left out, as one table."""
        if self._quiet:
            return
        from rich.table import Table

        table = Table("ROW", "WHY IT IS LEFT OUT", box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for row in rows[:_ROWS_SHOWN]:
            table.add_row(row.where, one_line(row.reason))
        self._console.print(table)
        more = len(rows) - _ROWS_SHOWN
        self._say(f"{len(rows)} rows are left out{f', {more} of them not shown' if more > 0 else ''}: rejected.jsonl")

    def stepped(self, step: Step) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=step.progress, state=describe_step(step))
        if not (self._quiet or self._is_terminal) and step.progress - self._told >= _TELL_EVERY:
            self._told = step.progress
            say(describe_step(step))

    def validated(self, validation: Validation) -> None:
        """Write a line that stays."""
        if not self._quiet:
            self._say(describe_validation(validation))

    def noted(self, text: str) -> None:
        """Write a warning."""
        if self._is_terminal:
            self._console.print(f"panglot: warning: {one_line(text)}", soft_wrap=True)
        else:
            warn(text)

    def _say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)
