"""``panglot transcribe``: recordings → transcripts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from panglot.cli import options
from panglot.cli.batch import Batch
from panglot.cli.counts import parse_count
from panglot.cli.help import RESULT, SPEECH
from panglot.cli.inputs import Recording, find_recordings
from panglot.cli.loading import Choice, fetch_diarizer, load_model
from panglot.cli.names import read_names, with_names
from panglot.cli.outputs import STDOUT, choose_transcript_output
from panglot.cli.problems import FAILED
from panglot.cli.progress import Bars
from panglot.cli.session import session_of
from panglot.cli.summary import summarise
from panglot.cli.times import parse_range
from panglot.cli.voices import enrolled_voices
from panglot.errors import OptionError
from panglot.language.codes import normalise
from panglot.transcripts import Segment, Transcript

if TYPE_CHECKING:
    from panglot.pipeline.transcription import Progress

_AT_ONCE = 4
"""Recordings in hand at the same time: enough to fill each other's batches and to decode ahead."""


def transcribe(
    context: typer.Context,
    files: options.Files,
    model: options.Model = "base",
    language: options.Language = "auto",
    languages: options.Languages = None,
    formats: options.Format = ["txt"],  # noqa: B006 - the interface of Typer; never changed
    output: options.Output = STDOUT,
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
    channels: options.Channels = "mix",
    speakers: options.Speakers = None,
    speaker_names: Annotated[
        Path | None,
        typer.Option(
            "--speaker-names",
            metavar="FILE",
            help='JSON file with names for speakers, such as {"A": "Ada"}.',
            rich_help_panel=RESULT,
        ),
    ] = None,
    no_voices: options.NoVoices = False,
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
    """Write down what is said in recordings, and who says it.

    The transcripts go to standard output, everything else to standard error. After each recording one line tells its
    languages, its speakers, how much speech has no text and how much text no speech.

    Several recordings come out in the order given. One that fails does not stop the others; the exit code is then 1.
    """
    first, last = parse_range(start, end)
    if "," in language:
        raise OptionError(f"--language takes one language. Give several as --languages {language}.")
    only = None if language.casefold() == "auto" else normalise(language)
    allowed = options.language_codes(languages)
    if only and allowed:
        raise OptionError("--language and --languages exclude each other. Give one of them.")
    count = parse_count(speakers)
    if speaker_names and count is None and options.check_channels(channels) == "mix":
        raise OptionError("--speaker-names needs speakers. Add --speakers, or --channels separate.")
    names = read_names(speaker_names) if speaker_names else {}
    session = session_of(context)
    voices = enrolled_voices(session, quiet=quiet) if count and not no_voices else ()
    terms = tuple(options.split(keyterms))
    recordings = find_recordings(files)
    target = choose_transcript_output(
        output,
        formats=options.split(formats),
        recordings=recordings,
        words=words,
        whole=count is not None or options.check_channels(channels) == "separate",
    )
    stop = Event()
    with Bars(quiet=quiet) as bars:
        choice = Choice(model=model, device=device, compute=compute, threads=threads)
        loaded = load_model(session, choice, bars=bars)
        if count:
            fetch_diarizer(session, bars=bars)

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
                min_speakers=count and count.least,
                max_speakers=count and count.most,
                voices=voices,
                progress=progress,
            ) as transcription:
                for segment in transcription:
                    take(segment)
                return with_names(transcription.transcript, names)

        batch = Batch(
            target,
            bars,
            stop=stop,
            quiet=quiet,
            with_traceback=session.traceback,
            threads=_AT_ONCE,
            summarise=lambda name, transcript, elapsed: summarise(name, transcript, elapsed=elapsed),
        )
        failed = batch.run(recordings, recognise)
        loaded.close()
    if failed:
        raise typer.Exit(FAILED)
