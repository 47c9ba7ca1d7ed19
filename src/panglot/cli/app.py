"""The command ``panglot``: its subcommands, and what happens to errors."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer

from panglot import __version__
from panglot.cli import db, jobs, keys, models, options, speakers
from panglot.cli.console import CLOSED_PIPE, fail, say, use_utf8, write
from panglot.cli.detect import detect
from panglot.cli.diarize import diarize
from panglot.cli.doctor import doctor
from panglot.cli.eval import evaluate
from panglot.cli.help import Command, require_subcommand
from panglot.cli.label import label
from panglot.cli.languages import languages
from panglot.cli.precision import precision
from panglot.cli.problems import INTERRUPTED, exit_code, report
from panglot.cli.serve import serve
from panglot.cli.session import Session, session_of
from panglot.cli.train import train
from panglot.cli.transcribe import transcribe
from panglot.cli.worker import worker

app = typer.Typer(
    name="panglot",
    help="Speech-to-text for 99 languages, on your own machine.",
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    # Plain help: it appears in a fraction of the time that formatted help takes to load.
    rich_markup_mode=None,
)
app.command(cls=Command)(transcribe)
app.command(cls=Command)(diarize)
app.add_typer(speakers.app)
app.command(cls=Command)(detect)
app.command(cls=Command)(languages)
app.add_typer(models.app)
app.command(cls=Command)(serve)
app.command(cls=Command)(worker)
app.add_typer(jobs.app)
app.add_typer(keys.app)
app.add_typer(db.app)
app.command("eval", cls=Command)(evaluate)
app.command(cls=Command)(label)
app.command(cls=Command)(train)
app.command(cls=Command)(precision)
app.command(cls=Command)(doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        write(f"panglot {__version__}\n")
        raise typer.Exit


@app.callback()
def configure(
    context: typer.Context,
    home: options.Home = None,
    traceback: Annotated[bool, typer.Option("--traceback", hidden=True)] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Speech-to-text for 99 languages, on your own machine."""
    session = session_of(context)
    session.home = home
    session.traceback = traceback
    require_subcommand(context)


def run(arguments: Sequence[str], *, session: Session | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments
        What follows ``panglot`` on the command line.
    session
        Where models and voices come from, if not from the usual places.

    Returns
    -------
    int
        The exit code: 0 all is well, 1 something failed, 2 the command line is wrong, 130 interrupted, 141 nobody
        reads standard output any more.
    """
    use_utf8()
    session = session or Session()
    command: Any = typer.main.get_command(app)
    try:
        code = command.main(list(arguments), prog_name="panglot", standalone_mode=False, obj=session)
    except typer.TyperException as error:
        return _report_usage(error)
    except Exception as error:
        report(error, with_traceback=session.traceback)
        return exit_code(error)
    if code == INTERRUPTED:
        say("panglot: interrupted")
    return code or 0


def main(session: Session | None = None) -> NoReturn:
    """Run the command with the arguments of this process, and end it; see `run`."""
    code = run(sys.argv[1:], session=session)
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread() and not thread.daemon]
    if code in (INTERRUPTED, CLOSED_PIPE) and others:
        # They are inside a library and cannot be asked to stop; the interpreter would wait for them.
        sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def _report_usage(error: typer.TyperException) -> int:
    context: Any = getattr(error, "ctx", None)
    hint = f" See `{context.command_path} --help`." if context else ""
    message = error.format_message()
    fail(f"{message}{'' if message.endswith(('.', '?')) else '.'}{hint}")
    return error.exit_code
