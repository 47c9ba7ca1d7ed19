"""``panglot speakers``: people who are known by their voices."""

from __future__ import annotations

import shlex
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from panglot.cli import options
from panglot.cli.console import say, write_table
from panglot.cli.help import Command, require_subcommand
from panglot.cli.inputs import find_recordings
from panglot.cli.loading import load_diarizer
from panglot.cli.problems import FAILED, report
from panglot.cli.progress import Bars
from panglot.cli.session import session_of
from panglot.cli.work import in_order

if TYPE_CHECKING:
    from panglot.cli.inputs import Recording
    from panglot.diarization.voiceprints import Voice

app = typer.Typer(
    name="speakers",
    invoke_without_command=True,
    rich_markup_mode=None,
)

_Person = Annotated[str, typer.Argument(metavar="NAME", help="Name of the person.")]


@app.callback()
def configure(context: typer.Context) -> None:
    """Enroll, list and forget the voices of people."""
    require_subcommand(context)


@app.command(cls=Command)
def enroll(
    context: typer.Context,
    name: _Person,
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILES...", help="Recordings in which this person alone speaks, or patterns."),
    ],
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> None:
    """Keep the voice of a person, to be known again in later recordings.

    What is kept is a voiceprint: numbers that describe the voice. It is biometric data that identifies a person, so
    ask them first. It stays on this machine. Of several recordings the mean is kept; a voice of the same name is
    replaced.
    """
    from panglot.diarization.voiceprints import mean_voice

    session = session_of(context)
    kept = session.voices
    path = kept.path(name)
    recordings = find_recordings(files)
    stop = Event()
    with Bars(quiet=quiet) as bars:
        diarizer = load_diarizer(session, threads=threads, bars=bars)

        def hear(recording: Recording) -> Voice:
            from panglot.pipeline.diarize import voice_of

            with bars.recording(recording.name, stop=stop) as progress:
                return voice_of(recording.source(stop=stop), diarizer=diarizer, progress=progress)

        voices: list[Voice] = []
        with in_order(hear, recordings, threads=1, stop=stop) as results:
            for recording, future in results:
                error = future.exception()
                if error is None:
                    voices.append(future.result())
                else:
                    with bars.paused():
                        report(error, about=recording.name, with_traceback=session.traceback)
    if len(voices) < len(recordings):
        say(f"Nothing was kept of {name}.")
        raise typer.Exit(FAILED)
    kept.add(name, mean_voice(voices))
    if not quiet:
        say(f"{name}: the voiceprint is kept in {path}")
        say(
            "A voiceprint is biometric data: it identifies a person. It is kept on this machine only; "
            f"`panglot speakers remove {shlex.quote(name)}` deletes it."
        )


@app.command("list", cls=Command)
def list_voices(context: typer.Context) -> None:
    """List the people whose voices are enrolled."""
    kept = session_of(context).voices
    voices = kept.all()
    if voices:
        write_table(("NAME", "FILE"), [(voice.name, str(kept.path(voice.name))) for voice in voices])
    else:
        say(f"No voices are enrolled in {kept.folder}.")


@app.command(cls=Command)
def remove(context: typer.Context, name: _Person) -> None:
    """Forget the voice of a person."""
    session_of(context).voices.remove(name)
    say(f"{name}: the voiceprint was deleted")
