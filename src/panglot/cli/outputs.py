"""Where results go: to standard output, or into a folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from panglot.cli.console import one_line, warn, write
from panglot.cli.inputs import Recording
from panglot.cli.summary import clock
from panglot.errors import OptionError, OutputError, PanglotError
from panglot.files import write_file
from panglot.transcripts import FORMATS, Segment, SpeakerTimeline, Transcript
from panglot.transcripts.formats.txt import Lines
from panglot.units import Seconds

STDOUT = "-"
_JOINABLE = ("txt", "md", "json", "ctm", "rttm")
"""Formats of which several can follow one another in one stream."""
_PARTED_BY_BLANK_LINE = ("txt", "md")


_Result = TypeVar("_Result")
_Taken = TypeVar("_Taken", contravariant=True)

Render = Callable[[_Result, str, Recording], str]
"""Writes the result for a recording in the format of a name."""


class Output(Protocol[_Taken]):
    """Takes one result after another, in the order of the recordings."""

    @property
    def follows(self) -> bool:
        """Whether it wants the segments of a recording before its transcript."""
        ...

    def add(self, recording: Recording, segment: Segment) -> None:
        """Take the next segment of the recording in hand."""
        ...

    def write(self, recording: Recording, result: _Taken) -> None:
        """Write the result for a recording."""
        ...

    def fail(self, recording: Recording, error: BaseException) -> None:
        """Note that a recording has no result."""
        ...


def choose_transcript_output(
    where: str, *, formats: Sequence[str], recordings: Sequence[Recording], words: bool, whole: bool
) -> Output[Transcript]:
    """Check that transcripts can be written as asked, before any work is done.

    Parameters
    ----------
    where
        As for `choose_output`.
    formats
        As for `choose_output`.
    recordings
        As for `choose_output`.
    words
        Whether captions show one word at a time.
    whole
        Whether segments are in order, and have their speakers, only when all are known.

    Returns
    -------
    Output of Transcript
        Ready to be written to.

    Raises
    ------
    OptionError
        As for `choose_output`.
    OutputError
        As for `choose_output`.
    """

    def render(transcript: Transcript, name: str, recording: Recording) -> str:
        known: dict[str, object] = {"words": words, "recording": recording.stem}
        chosen = FORMATS[name]
        return chosen.render(transcript, **{key: value for key, value in known.items() if key in chosen.options})

    output = choose_output(where, formats=formats, known=tuple(FORMATS), recordings=recordings, render=render)
    follows = isinstance(output, StandardOutput) and output.format == "txt" and not whole
    return Text() if follows else output


def render_timeline(timeline: SpeakerTimeline, name: str, recording: Recording) -> str:
    """Write who speaks when in the format of a name."""
    return timeline.to(name, recording=recording.stem)


def choose_output(
    where: str,
    *,
    formats: Sequence[str],
    known: Sequence[str],
    recordings: Sequence[Recording],
    render: Render[_Result],
) -> StandardOutput[_Result] | Folder[_Result]:
    """Check that everything can be written as asked, before any work is done.

    Parameters
    ----------
    where
        A folder, made if it is not there, or ``-`` for standard output.
    formats
        Names of formats.
    known
        The formats there are.
    recordings
        What is going to be worked on.
    render
        Writes a result in one of the formats.

    Returns
    -------
    StandardOutput or Folder
        Ready to be written to.

    Raises
    ------
    OptionError
        If there is no such format, formats or recordings cannot share standard output, or two recordings would write
        the same file.
    OutputError
        If the folder cannot be made or written to.
    """
    chosen = list(dict.fromkeys(name.lower() for name in formats))
    if not chosen:
        raise OptionError(f"--format names no format. Give some of {', '.join(known)}.")
    for name in chosen:
        if name not in known:
            raise OptionError(f"there is no format {name!r}. Formats: {', '.join(known)}.")
    if where == STDOUT:
        _refuse_mixture(chosen, recordings)
        return StandardOutput(chosen[0], render)
    path = Path(where).expanduser()
    _make_folder(path, known, recordings)
    return Folder(path, chosen, render)


class Text:
    """Plain text on standard output, each segment as soon as it is known."""

    follows = True

    def __init__(self) -> None:
        self._lines = Lines()
        self._written: Seconds | None = None
        """How far the text of the recording in hand reaches."""
        self._parted = True

    def add(self, recording: Recording, segment: Segment) -> None:  # noqa: ARG002 - the same for all outputs
        """Write the next segment of the recording in hand."""
        if not (text := self._lines.feed(segment)):
            return
        write(text if self._parted else f"\n{text}")
        self._parted = True
        self._written = segment.end

    def write(self, recording: Recording, result: Transcript) -> None:  # noqa: ARG002
        """Go on to the next recording: all segments have been written."""
        self._next()

    def fail(self, recording: Recording, error: BaseException) -> None:  # noqa: ARG002
        """Say that the text of a recording breaks off, if some of it has been written."""
        if self._written is not None:
            warn(f"{recording.name}: the text breaks off at {clock(self._written)}")
        self._next()

    def _next(self) -> None:
        self._parted = self._parted and self._written is None
        self._lines = Lines()
        self._written = None


class StandardOutput(Generic[_Result]):
    """One format, one result after another; JSON takes one line for each recording, failed ones too."""

    follows = False

    def __init__(self, name: str, render: Render[_Result]) -> None:
        self.format = name
        self._render = render
        self._parted = True

    def add(self, recording: Recording, segment: Segment) -> None:
        """Wait for the transcript."""

    def write(self, recording: Recording, result: _Result) -> None:
        """Write the result for a recording."""
        text = self._render(result, self.format, recording)
        if self.format == "json":
            text = json_line({"file": recording.name, **json.loads(text)})
        elif self.format in _PARTED_BY_BLANK_LINE:
            text = text if self._parted or not text else f"\n{text}"
            self._parted = self._parted and not text
        write(text)

    def fail(self, recording: Recording, error: BaseException) -> None:
        """Note that a recording has no result."""
        if self.format == "json":
            write(json_line({"file": recording.name, **describe_error(error)}))


class Folder(Generic[_Result]):
    """A file for each recording and format: ``<stem>.<format>``."""

    follows = False

    def __init__(self, path: Path, formats: Sequence[str], render: Render[_Result]) -> None:
        self._path = path
        self._formats = formats
        self._render = render

    def add(self, recording: Recording, segment: Segment) -> None:
        """Wait for the transcript: a file is complete or not there."""

    def write(self, recording: Recording, result: _Result) -> None:
        """Write the result for a recording; files that are there are replaced."""
        for name in self._formats:
            # Not `with_suffix`: a stem may have dots of its own.
            write_file(self._path / f"{recording.stem}.{name}", self._render(result, name, recording))

    def fail(self, recording: Recording, error: BaseException) -> None:
        """Note that a recording has no result; nothing is written."""


def _refuse_mixture(chosen: Sequence[str], recordings: Sequence[Recording]) -> None:
    if len(chosen) > 1:
        raise OptionError(
            f"{', '.join(chosen)} cannot share standard output. Write them into a folder with --output DIR."
        )
    if len(recordings) > 1 and chosen[0] not in _JOINABLE:
        raise OptionError(
            f"{len(recordings)} recordings cannot share standard output as {chosen[0]}. "
            f"Write them into a folder with --output DIR, or use one of {', '.join(_JOINABLE)}."
        )


def _make_folder(path: Path, known: Sequence[str], recordings: Sequence[Recording]) -> None:
    if path.suffix[1:].lower() in known and not path.is_dir():
        raise OptionError(
            f"--output {str(path)!r} looks like a file, but it names a folder. "
            f"For one file, write to standard output: --format {path.suffix[1:].lower()} > {path.name}"
        )
    _refuse_collisions(recordings)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OutputError(f"'{path}' is a file. Give a folder to --output.") from error
    except OSError as error:
        raise OutputError(f"the folder '{path}' cannot be made: {error.strerror}. Choose another one.") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise OutputError(f"there is no permission to write into '{path}'. Choose another folder.")


def _refuse_collisions(recordings: Sequence[Recording]) -> None:
    # Some file systems do not tell upper from lower case.
    seen: dict[str, Recording] = {}
    for recording in recordings:
        other = seen.setdefault(recording.stem.casefold(), recording)
        if other is not recording:
            raise OptionError(
                f"'{other.name}' and '{recording.name}' would write the same files, {recording.stem}.*. "
                "Take them in two calls with different folders."
            )


def json_line(content: dict[str, object]) -> str:
    """JSON on one line, for standard output."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


def describe_error(error: BaseException) -> dict[str, object]:
    """What stands in JSON in place of a result."""
    code = error.code if isinstance(error, PanglotError) else "unexpected"
    return {"error": {"code": code, "message": one_line(str(error)) or type(error).__name__}}
