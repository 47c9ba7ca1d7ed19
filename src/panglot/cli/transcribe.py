"""``panglot transcribe``: recordings → transcripts."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from panglot.cli import options
from panglot.cli.console import say, warn
from panglot.cli.help import RESULT, SPEECH
from panglot.cli.inputs import Recording, find_recordings
from panglot.cli.loading import Choice, load_model
from panglot.cli.outputs import STDOUT, Output, choose_output
from panglot.cli.problems import FAILED, report
from panglot.cli.progress import Bars
from panglot.cli.session import session_of
from panglot.cli.summary import summarise, summarise_all
from panglot.cli.times import parse_range
from panglot.cli.work import in_order
from panglot.errors import OptionError, OutputError
from panglot.language.codes import normalise
from panglot.transcripts import Segment, Transcript
from panglot.units import Seconds

if TYPE_CHECKING:
    from panglot.pipeline.transcription import Progress

_CHANNELS = ("mix", "separate")
_AT_ONCE = 4
"""Recordings in hand at the same time: enough to fill each other's batches and to decode ahead."""

_Recognise = Callable[[Recording, Callable[["Progress"], None], Callable[[Segment], None]], Transcript]
"""Transcribes a recording, telling how far it is, and giving away segments as they come."""


def transcribe(
    context: typer.Context,
    files: options.Files,
    model: options.Model = "base",
    language: options.Language = "auto",
    languages: options.Languages = None,
    formats: options.Format = ["txt"],  # noqa: B006 - the interface of Typer; never changed
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Folder to write to; - is standard output.", rich_help_panel=RESULT
        ),
    ] = STDOUT,
    words: Annotated[
        bool,
        typer.Option(
            "--words",
            help="Caption word by word in srt and vtt; json and ctm always time words.",
            rich_help_panel=RESULT,
        ),
    ] = False,
    start: options.Start = "0",
    end: options.End = None,
    channels: Annotated[
        str,
        typer.Option(
            metavar="HOW",
            help="mix hears all channels as one, separate hears each by itself.",
            autocompletion=lambda: list(_CHANNELS),
            rich_help_panel=SPEECH,
        ),
    ] = "mix",
    prompt: Annotated[
        str,
        typer.Option(metavar="TEXT", help="Text that names, terms and style are taken from.", rich_help_panel=SPEECH),
    ] = "",
    keyterms: Annotated[
        list[str] | None,
        typer.Option(metavar="TERMS", help="Names and terms to expect, with commas between.", rich_help_panel=SPEECH),
    ] = None,
    translate: Annotated[
        bool, typer.Option("--translate", help="Write English, whatever is spoken.", rich_help_panel=RESULT)
    ] = False,
    device: options.Device = "auto",
    compute: options.Compute = "auto",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> None:
    """Write down what is said in recordings.

    The transcripts go to standard output, everything else to standard error. After each recording one line tells its
    languages, how much speech has no text and how much text no speech.

    Several recordings come out in the order given. One that fails does not stop the others; the exit code is then 1.
    """
    first, last = parse_range(start, end)
    if "," in language:
        raise OptionError(f"--language takes one language. Give several as --languages {language}.")
    only = None if language.casefold() == "auto" else normalise(language)
    allowed = options.language_codes(languages)
    if only and allowed:
        raise OptionError("--language and --languages exclude each other. Give one of them.")
    if channels not in _CHANNELS:
        raise OptionError(f"--channels {channels!r} is not known. Give one of {', '.join(_CHANNELS)}.")
    terms = tuple(options.split(keyterms))
    recordings = find_recordings(files)
    target = choose_output(
        output,
        formats=options.split(formats),
        recordings=recordings,
        words=words,
        separate=channels == "separate",
    )
    session = session_of(context)
    stop = Event()
    with Bars(quiet=quiet) as bars:
        choice = Choice(model=model, device=device, compute=compute, threads=threads)
        loaded = load_model(session, choice, bars=bars)

        def recognise(
            recording: Recording, progress: Callable[[Progress], None], take: Callable[[Segment], None]
        ) -> Transcript:
            with loaded.stream(
                recording.source(stop=stop),
                language=only,
                languages=allowed,
                start=first,
                end=last,
                channels=channels,
                prompt=prompt,
                keyterms=terms,
                translate=translate,
                progress=progress,
            ) as transcription:
                for segment in transcription:
                    take(segment)
                return transcription.transcript

        run = _Run(target, bars, stop=stop, quiet=quiet, with_traceback=session.traceback)
        failed = run.transcribe(recordings, recognise)
        loaded.close()
    if failed:
        raise typer.Exit(FAILED)


class _Run:
    """Several recordings at the same time, and one output after the other."""

    def __init__(self, target: Output, bars: Bars, *, stop: Event, quiet: bool, with_traceback: bool) -> None:
        self._target = target
        self._bars = bars
        self._stop = stop
        self._quiet = quiet
        self._with_traceback = with_traceback
        self._segments: dict[Recording, SimpleQueue[Segment | None]] = {}

    def transcribe(self, recordings: list[Recording], recognise: _Recognise) -> int:
        """Transcribe all and return how many failed."""
        failed = 0
        duration = 0.0
        began = monotonic()
        threads = min(len(recordings), _AT_ONCE)
        self._segments = {recording: SimpleQueue() for recording in recordings}
        with in_order(
            lambda recording: self._recognise(recording, recognise), recordings, threads=threads, stop=self._stop
        ) as results:
            for recording, future in results:
                self._follow(recording)
                error = future.exception()
                with self._bars.paused():
                    if error is None:
                        transcript, elapsed = future.result()
                        duration += transcript.duration
                        alone = len(recordings) == 1
                        failed += not self._finish(recording, transcript, elapsed if alone else None)
                    else:
                        failed += 1
                        self._fail(recording, error)
        if len(recordings) > 1 and not self._quiet:
            elapsed = monotonic() - began
            say(summarise_all(recordings=len(recordings), failed=failed, duration=duration, elapsed=elapsed))
        return failed

    def _recognise(self, recording: Recording, recognise: _Recognise) -> tuple[Transcript, Seconds]:
        began = monotonic()
        segments = self._segments[recording]

        def take(segment: Segment) -> None:
            if self._target.follows:
                segments.put(segment)

        try:
            with self._bars.recording(recording.name, stop=self._stop) as progress:
                return recognise(recording, progress, take), monotonic() - began
        finally:
            segments.put(None)

    def _follow(self, recording: Recording) -> None:
        """Hand over the segments of a recording as they come, until it is done."""
        for segment in iter(self._segments[recording].get, None):
            with self._bars.paused():
                self._target.add(recording, segment)

    def _finish(self, recording: Recording, transcript: Transcript, elapsed: Seconds | None) -> bool:
        try:
            self._target.write(recording, transcript)
        except OutputError as error:
            report(error, about=recording.name, with_traceback=self._with_traceback)
            return False
        if not self._quiet:
            for warning in transcript.warnings:
                warn(warning if recording.name in warning else f"{recording.name}: {warning}")
            say(summarise(recording.name, transcript, elapsed=elapsed))
        return True

    def _fail(self, recording: Recording, error: BaseException) -> None:
        report(error, about=recording.name, with_traceback=self._with_traceback)
        self._target.fail(recording, error)
