"""``panglot label``: training data from recordings that nobody wrote down."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from panglot.cli import options
from panglot.cli.console import say
from panglot.cli.help import RESULT
from panglot.cli.inputs import STDIN, Recording, find_recordings
from panglot.cli.loading import Choice, load_model
from panglot.cli.problems import FAILED, report
from panglot.cli.progress import Bars
from panglot.cli.session import session_of
from panglot.cli.work import in_order
from panglot.errors import OptionError
from panglot.language.codes import normalise

if TYPE_CHECKING:
    from panglot.corpora import Sample
    from panglot.training.labelling import Labelled

Manifest = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="Manifest to write, JSONL.", rich_help_panel=RESULT)
]
MinConfidence = Annotated[
    float,
    typer.Option(
        metavar="P",
        help="Keep segments whose words have this mean probability.",
        min=0.0,
        max=1.0,
        rich_help_panel=RESULT,
    ),
]
AuditClean = Annotated[
    bool, typer.Option("--audit-clean", help="Leave out what the audit doubts.", rich_help_panel=RESULT)
]


def label(
    context: typer.Context,
    files: options.Files,
    output: Manifest,
    min_confidence: MinConfidence = 0.8,
    audit_clean: AuditClean = False,
    language: options.Language = "auto",
    languages: options.Languages = None,
    model: options.Model = "base",
    device: options.Device = "auto",
    compute: options.Compute = "auto",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> None:
    """Make training data from recordings without texts.

    They are transcribed and cut into samples of at most 30 s. Samples that the model is sure of go to the manifest,
    which points into the recordings: keep them where they are.
    """
    from panglot.corpora import write_corpus
    from panglot.training.labelling import label as label_transcript

    spoken = None if language == "auto" else normalise(language)
    allowed = options.language_codes(languages)
    recordings = find_recordings(files)
    if any(recording.argument == STDIN for recording in recordings):
        raise OptionError("standard input cannot be labelled: the manifest points into files. Save it to one first.")
    session = session_of(context)
    stop = Event()
    samples: list[Sample] = []
    results: list[Labelled] = []
    failed = 0
    with Bars(quiet=quiet) as bars:
        choice = Choice(model=model, device=device, compute=compute, threads=threads)
        loaded = load_model(session, choice, bars=bars)

        def work(recording: Recording) -> Labelled:
            with bars.recording(recording.name, stop=stop) as progress:
                transcript = loaded.transcribe(
                    recording.source(stop=stop), language=spoken, languages=allowed, progress=progress
                )
            return label_transcript(
                transcript, Path(recording.argument), min_confidence=min_confidence, audit_clean=audit_clean
            )

        with in_order(work, recordings, threads=1, stop=stop) as futures:
            for recording, future in futures:
                error = future.exception()
                if error is not None:
                    failed += 1
                    with bars.paused():
                        report(error, about=recording.name, with_traceback=session.traceback)
                else:
                    results.append(future.result())
                    samples += results[-1].samples
        loaded.close()
    if results:
        write_corpus(_unique(samples), output)
    if results and not quiet:
        say(_summary(results, output))
    if failed:
        raise typer.Exit(FAILED)


def _unique(samples: list[Sample]) -> list[Sample]:
    """Recordings of one name in different folders give samples of one id: number those."""
    seen: dict[str, int] = {}
    unique: list[Sample] = []
    for sample in samples:
        seen[sample.id] = seen.get(sample.id, 0) + 1
        count = seen[sample.id]
        unique.append(sample if count == 1 else replace(sample, id=f"{sample.id}#{count}"))
    return unique


def _summary(results: list[Labelled], output: Path) -> str:
    kept, unsure, doubted = (
        sum(getattr(result, name) for result in results) / 60 for name in ("kept", "unsure", "doubted")
    )
    count = sum(len(result.samples) for result in results)
    return (
        f"{output}: {count} samples, {kept:.1f} min. "
        f"Left out: {unsure:.1f} min that the model was not sure of, {doubted:.1f} min that the audit doubts."
    )
