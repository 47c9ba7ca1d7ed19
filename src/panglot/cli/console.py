"""Standard output and standard error: text goes to the one, everything else to the other."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import typer

from panglot.errors import OutputError

CLOSED_PIPE = 141
"""Exit code when the reader of standard output has gone, as for other programs: 128 and the number of SIGPIPE."""


def use_utf8() -> None:
    """Write UTF-8 whatever the locale says; what cannot be encoded is replaced rather than an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def write(text: str) -> None:
    """Write to standard output at once.

    Parameters
    ----------
    text
        Written as it is: no line end is added.

    Raises
    ------
    typer.Exit
        If nobody reads any more.
    OutputError
        If the text cannot be written for another reason, such as a full disk.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # The interpreter flushes once more when it ends, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise typer.Exit(CLOSED_PIPE) from None
        raise OutputError(
            f"standard output cannot be written: {error.strerror or error}. Send it somewhere else, or use --output."
        ) from error


def say(text: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def warn(text: str) -> None:
    """Write a warning to standard error, on one line."""
    say(f"panglot: warning: {one_line(text)}")


def fail(text: str) -> None:
    """Write an error to standard error, on one line."""
    say(f"panglot: error: {one_line(text)}")


def one_line(text: str) -> str:
    """Text without line breaks."""
    return " ".join(text.split())


def write_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table to standard output: fitted to a terminal, in one line a row anywhere else."""
    from rich.console import Console
    from rich.table import Table

    terminal = sys.stdout.isatty()
    console = Console(file=sys.stdout, width=None if terminal else 1_000, highlight=False, markup=False, emoji=False)
    table = Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for row in rows:
        table.add_row(*row)
    with console.capture() as captured:
        console.print(table)
    write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
