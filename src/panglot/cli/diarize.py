"""``panglot diarize``: who speaks, and when."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from panglot.cli import options
from panglot.cli.batch import Batch
from panglot.cli.counts import Count, parse_count
from panglot.cli.help import RESULT
from panglot.cli.inputs import Recording, find_recordings
from panglot.cli.loading import load_diarizer
from panglot.cli.outputs import STDOUT, choose_output, render_timeline
from panglot.cli.problems import FAILED
from panglot.cli.progress import Bars
from panglot.cli.session import session_of
from panglot.cli.summary import summarise_speakers
from panglot.cli.times import parse_range
from panglot.cli.voices import enrolled_voices
from panglot.transcripts import Segment, SpeakerTimeline

if TYPE_CHECKING:
    from panglot.pipeline.transcription import Progress

_FORMATS = ("rttm", "json")


def diarize(
    context: typer.Context,
    files: options.Files,
    speakers: options.Speakers = None,
    formats: Annotated[
        list[str],
        typer.Option(
            "--format",
            "-f",
            metavar="NAMES",
            help=f"Formats: some of {', '.join(_FORMATS)}.",
            autocompletion=lambda: list(_FORMATS),
            rich_help_panel=RESULT,
        ),
    ] = ["rttm"],  # noqa: B006 - the interface of Typer; never changed
    output: options.Output = STDOUT,
    start: options.Start = "0",
    end: options.End = None,
    channels: options.Channels = "mix",
    no_voices: options.NoVoices = False,
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> None:
    """Tell who speaks, and when, without writing down what is said.

    It works for every language. Several recordings come out in the order given. One that fails does not stop the
    others; the exit code is then 1.
    """
    first, last = parse_range(start, end)
    count = parse_count(speakers) or Count()
    how = options.check_channels(channels)
    session = session_of(context)
    voices = () if no_voices else enrolled_voices(session, quiet=quiet)
    recordings = find_recordings(files)
    target = choose_output(
        output, formats=options.split(formats), known=_FORMATS, recordings=recordings, render=render_timeline
    )
    stop = Event()
    with Bars(quiet=quiet) as bars:
        diarizer = load_diarizer(session, threads=threads, bars=bars)

        def find(
            recording: Recording, progress: Callable[[Progress], None], _: Callable[[Segment], None]
        ) -> SpeakerTimeline:
            import panglot

            return panglot.diarize(
                recording.source(stop=stop),
                min_speakers=count.least,
                max_speakers=count.most,
                start=first,
                end=last,
                channels=how,
                voices=voices,
                progress=progress,
                diarizer=diarizer,
            )

        batch = Batch(
            target,
            bars,
            stop=stop,
            quiet=quiet,
            with_traceback=session.traceback,
            threads=1,
            summarise=lambda name, timeline, elapsed: summarise_speakers(name, timeline, elapsed=elapsed),
        )
        failed = batch.run(recordings, find)
    if failed:
        raise typer.Exit(FAILED)
