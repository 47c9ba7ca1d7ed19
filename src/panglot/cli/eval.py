"""``panglot eval``: how well a model writes down recordings whose texts are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panglot.cli import options
from panglot.cli.console import fail, write
from panglot.cli.evaluating import corpus_of, evaluate_model, evaluate_peer
from panglot.cli.help import RESULT, SPEECH
from panglot.cli.loading import Choice
from panglot.cli.problems import FAILED
from panglot.cli.progress import Bars
from panglot.cli.session import Session, session_of
from panglot.errors import OptionError
from panglot.files import write_file

if TYPE_CHECKING:
    from panglot.evaluation.reports.evaluation import Report

Data = Annotated[
    Path,
    typer.Argument(
        metavar="DATA",
        help="Recordings and their texts: a JSONL, CSV or TSV manifest, or a folder with a .txt beside each recording.",
    ),
]
_HOW = ("auto", "given")


def evaluate(
    context: typer.Context,
    data: Data,
    model: options.Model = "base",
    against: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A second model, or faster-whisper with the same weights, and a test of the difference.",
            rich_help_panel=RESULT,
        ),
    ] = None,
    language: Annotated[
        str,
        typer.Option(
            "--language",
            "-l",
            metavar="HOW",
            help="auto has the language detected, given tells it from the data.",
            autocompletion=lambda: list(_HOW),
            rich_help_panel=SPEECH,
        ),
    ] = "auto",
    limit: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Only so many recordings of each language.",
            show_default="all",
            rich_help_panel=SPEECH,
        ),
    ] = None,
    worst: Annotated[
        int, typer.Option(metavar="N", min=0, help="Show so many of the worst utterances.", rich_help_panel=RESULT)
    ] = 8,
    json_path: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write everything here as JSON.", rich_help_panel=RESULT),
    ] = None,
    markdown_path: Annotated[
        Path | None,
        typer.Option("--markdown", metavar="FILE", help="Write the report here as Markdown.", rich_help_panel=RESULT),
    ] = None,
    html_path: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write the report with figures here.", rich_help_panel=RESULT),
    ] = None,
    require: Annotated[
        str | None,
        typer.Option(
            metavar="BOUNDS",
            help="Exit with 1 unless these are kept, such as wer<=0.2,cer.de<=5%,difference<=0.",
            rich_help_panel=RESULT,
        ),
    ] = None,
    device: options.Device = "auto",
    compute: options.Compute = "auto",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> None:
    """Measure how well a model writes down recordings whose texts are known.

    Per language: word and character error rates with intervals, how often the language was found, speed, and errors
    about who speaks where the data names RTTM files. Rows that cannot be used are listed and left out.
    """
    from panglot.evaluation.bounds import parse_bounds, unmet
    from panglot.evaluation.requirements import values

    if language not in _HOW:
        raise OptionError(f"--language {language!r} is not known here. Give one of {', '.join(_HOW)}.")
    bounds = parse_bounds(require) if require else ()
    choice = Choice(model=model, device=device, compute=compute, threads=threads)
    with Bars(quiet=quiet) as bars:
        report = _report(session_of(context), data, choice, against, given=language == "given", limit=limit, bars=bars)
    write(_rendered(report, "text", worst=worst))
    for form, path in {"json": json_path, "markdown": markdown_path, "html": html_path}.items():
        if path:
            write_file(path, _rendered(report, form, worst=worst))
    failures = unmet(bounds, values(report.first, report.comparison))
    for failure in failures:
        fail(failure)
    if failures:
        raise typer.Exit(FAILED)


def _report(
    session: Session, data: Path, choice: Choice, against: str | None, *, given: bool, limit: int | None, bars: Bars
) -> Report:
    from panglot.evaluation.comparison import compare
    from panglot.evaluation.peers import PEERS
    from panglot.evaluation.reports.evaluation import Report

    corpus = corpus_of(data, limit=limit)
    first, info = evaluate_model(session, choice, corpus, given=given, bars=bars)
    if against is None:
        return Report(first=first)
    if against in PEERS:
        second = evaluate_peer(session, info, corpus, given=given, bars=bars)
    else:
        second, _ = evaluate_model(session, replace(choice, model=against), corpus, given=given, bars=bars)
    return Report(first=first, second=second, comparison=compare(first, second))


def _rendered(report: Report, form: str, *, worst: int) -> str:
    from importlib import import_module

    renderer: Any = import_module(f"panglot.evaluation.reports.{form}")
    if form == "json":
        return renderer.render(report)
    from panglot.evaluation.reports.evaluation import report_document

    return renderer.render(report_document(report, worst=worst))
