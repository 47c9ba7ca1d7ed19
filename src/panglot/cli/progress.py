"""Progress bars on standard error, where that is a terminal; nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Event, Lock
from typing import TYPE_CHECKING, Self

from panglot.cli.inputs import Interrupted
from panglot.cli.summary import clock
from panglot.units import Seconds

if TYPE_CHECKING:
    from panglot.pipeline.transcription import Progress

_NAME_COLUMNS = 28


def describe_recording(progress: Progress, *, elapsed: Seconds) -> str:
    """What stands beside the bar of a recording: ``0:31/1:02 · 14.2x real time · 0:03 left · de``."""
    done, total = progress.seconds_done, progress.seconds_total
    parts = [f"{clock(done)}/{clock(total)}" if total else clock(done)]
    speed = done / elapsed if elapsed > 0 else 0.0
    if speed > 0:
        parts.append(f"{speed:.1f}x real time")
        if total:
            parts.append(f"{clock(max(total - done, 0.0) / speed)} left")
    if progress.language:
        parts.append(progress.language)
    return " · ".join(parts)


def describe_bytes(done: int, total: int) -> str:
    """What stands beside the bar of a download."""
    return f"{done / 1e6:.0f}/{total / 1e6:.0f} MB"


class Bars:
    """One bar for each thing in hand; they disappear when it is done.

    Parameters
    ----------
    quiet
        Show nothing even on a terminal.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn
        from rich.progress import Progress as Display

        console = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)
        self._enabled = not quiet and sys.stderr.isatty() and not console.is_dumb_terminal
        self._display = Display(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[state]}", markup=False),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not self._enabled,
        )
        self._shown = False
        self._paused = False
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._hide()

    @contextmanager
    def paused(self) -> Generator[None]:
        """Take the bars away while something else is written to the terminal."""
        with self._lock:
            self._paused = True
            self._hide()
        try:
            yield
        finally:
            with self._lock:
                self._paused = False
                self._show()

    @contextmanager
    def loading(self, name: str) -> Generator[Callable[[int, int, str], None]]:
        """Show a bar while a model is brought here and loaded; gives what the store wants to be told."""
        with self._bar(name) as update:

            def progress(done: int, total: int, _: str) -> None:
                # The last byte is not the end: then the model is verified and loaded.
                state = describe_bytes(done, total) if done < total else "loading"
                update(done, total, state)

            update(0, None, "getting ready")
            yield progress

    @contextmanager
    def recording(self, name: str, *, stop: Event) -> Generator[Callable[[Progress], None]]:
        """Show a bar while a recording is worked on; gives what a model wants to be told, which ends it at ``stop``."""
        from time import monotonic

        began = monotonic()
        with self._bar(name) as update:

            def progress(now: Progress) -> None:
                if stop.is_set():
                    raise Interrupted
                state = describe_recording(now, elapsed=monotonic() - began)
                update(now.seconds_done, now.seconds_total, state)

            yield progress

    @contextmanager
    def _bar(self, name: str) -> Generator[Callable[[float, float | None, str], None]]:
        task = self._display.add_task(_shorten(name), total=None, state="")
        with self._lock:
            self._show()
        try:
            yield lambda done, total, state: self._display.update(task, completed=done, total=total, state=state)
        finally:
            self._display.remove_task(task)

    def _show(self) -> None:
        if self._enabled and not self._shown and not self._paused and self._display.tasks:
            self._display.start()
            self._shown = True

    def _hide(self) -> None:
        if self._shown:
            self._display.stop()
            self._shown = False


def _shorten(name: str) -> str:
    return name if len(name) <= _NAME_COLUMNS else f"…{name[1 - _NAME_COLUMNS :]}"
