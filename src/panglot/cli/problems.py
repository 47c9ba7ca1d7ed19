"""Errors → one line on standard error and an exit code."""

from __future__ import annotations

import traceback

from panglot.cli.console import fail, say
from panglot.errors import ModelUnknownError, OptionError, PanglotError

FAILED = 1
USAGE = 2
INTERRUPTED = 130


def exit_code(error: BaseException) -> int:
    """2 for what is wrong on the command line, 1 for anything else."""
    return USAGE if isinstance(error, OptionError | ModelUnknownError) else FAILED


def report(error: BaseException, *, about: str = "", with_traceback: bool = False) -> None:
    """Say what went wrong, on one line unless more is asked for.

    Parameters
    ----------
    error
        One of Panglot's, or one that nobody foresaw.
    about
        The recording, which stands before a message that does not name it.
    with_traceback
        Whether the place in the code is shown first.
    """
    if with_traceback:
        say("".join(traceback.format_exception(error)).rstrip())
    message = str(error) if isinstance(error, PanglotError) else _unexpected(error)
    fail(f"{about}: {message}" if about and about not in message else message)


def _unexpected(error: BaseException) -> str:
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return (
        f"unexpected {reason}. This is a fault in Panglot: please report it, "
        "with what the same command prints after `panglot --traceback`"
    )
