"""``panglot detect``: which languages are spoken, and when."""

from __future__ import annotations

from threading import Event

import typer

from panglot.cli import options
from panglot.cli.console import write, write_table
from panglot.cli.inputs import Recording, find_recordings
from panglot.cli.loading import Choice, load_model
from panglot.cli.outputs import describe_error, json_line
from panglot.cli.problems import FAILED, report
from panglot.cli.progress import Bars
from panglot.cli.session import session_of
from panglot.cli.times import parse_range
from panglot.cli.work import in_order
from panglot.language.codes import LANGUAGES
from panglot.transcripts import LanguageSpan


def detect(
    context: typer.Context,
    files: options.Files,
    model: options.Model = "base",
    languages: options.Languages = None,
    start: options.Start = "0",
    end: options.End = None,
    device: options.Device = "auto",
    compute: options.Compute = "auto",
    threads: options.Threads = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Tell which languages are spoken, and when.

    Several recordings come out in the order given. With --json, each takes one line.
    """
    first, last = parse_range(start, end)
    allowed = options.language_codes(languages)
    recordings = find_recordings(files)
    session = session_of(context)
    stop = Event()
    rows: list[tuple[str, ...]] = []
    failed = 0
    with Bars(quiet=quiet) as bars:
        choice = Choice(model=model, device=device, compute=compute, threads=threads)
        loaded = load_model(session, choice, bars=bars)

        def find(recording: Recording) -> tuple[LanguageSpan, ...]:
            with bars.recording(recording.name, stop=stop) as progress:
                return loaded.detect(
                    recording.source(stop=stop), languages=allowed, start=first, end=last, progress=progress
                )

        with in_order(find, recordings, threads=1, stop=stop) as results:
            for recording, future in results:
                error = future.exception()
                with bars.paused():
                    if error is not None:
                        failed += 1
                        report(error, about=recording.name, with_traceback=session.traceback)
                    if as_json:
                        result = _content(future.result()) if error is None else describe_error(error)
                        write(json_line({"file": recording.name, **result}))
                if error is None:
                    rows += _rows(recording, future.result())
        loaded.close()
    if rows and not as_json:
        write_table(("FILE", "START", "END", "LANGUAGE", "PROBABILITY"), rows)
    if failed:
        raise typer.Exit(FAILED)


def _content(spans: tuple[LanguageSpan, ...]) -> dict[str, object]:
    return {
        "languages": [
            {
                "start": round(span.start, 3),
                "end": round(span.end, 3),
                "language": span.language,
                "probability": round(span.probability, 4),
            }
            for span in spans
        ]
    }


def _rows(recording: Recording, spans: tuple[LanguageSpan, ...]) -> list[tuple[str, ...]]:
    if not spans:
        return [(recording.name, "-", "-", "no speech", "-")]
    return [
        (
            recording.name,
            f"{span.start:.1f} s",
            f"{span.end:.1f} s",
            f"{span.language} ({LANGUAGES[span.language].name})",
            f"{span.probability:.2f}",
        )
        for span in spans
    ]
