"""Where transcripts go: to standard output, or into a folder."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from panglot.cli.console import one_line, warn, write
from panglot.cli.inputs import Recording
from panglot.cli.summary import clock
from panglot.errors import OptionError, OutputError, PanglotError
from panglot.transcripts import FORMATS, Format, Segment, Transcript
from panglot.transcripts.formats import find_format
from panglot.transcripts.formats.txt import Lines
from panglot.units import Seconds

STDOUT = "-"
_JOINABLE = ("txt", "md", "json", "ctm", "rttm")
"""Formats of which several can follow one another in one stream."""
_PARTED_BY_BLANK_LINE = ("txt", "md")


class Output(Protocol):
    """Takes one transcript after another, in the order of the recordings."""

    @property
    def follows(self) -> bool:
        """Whether it wants the segments of a recording before its transcript."""
        ...

    def add(self, recording: Recording, segment: Segment) -> None:
        """Take the next segment of the recording in hand."""
        ...

    def write(self, recording: Recording, transcript: Transcript) -> None:
        """Write the transcript of a recording."""
        ...

    def fail(self, recording: Recording, error: BaseException) -> None:
        """Note that a recording has no transcript."""
        ...


def choose_output(
    where: str, *, formats: Sequence[str], recordings: Sequence[Recording], words: bool, separate: bool
) -> Output:
    """Check that everything can be written as asked, before any work is done.

    Parameters
    ----------
    where
        A folder, made if it is not there, or ``-`` for standard output.
    formats
        Names of formats.
    recordings
        What is going to be transcribed.
    words
        Whether captions show one word at a time.
    separate
        Whether channels are transcribed separately: their segments are in order only when all are known.

    Returns
    -------
    Output
        Ready to be written to.

    Raises
    ------
    OptionError
        If there is no such format, formats or recordings cannot share standard output, or two recordings would write
        the same file.
    OutputError
        If the folder cannot be made or written to.
    """
    chosen = [find_format(name) for name in dict.fromkeys(name.lower() for name in formats)]
    if not chosen:
        raise OptionError(f"--format names no format. Give some of {', '.join(FORMATS)}.")
    if where == STDOUT:
        return _standard_output(chosen, recordings, words=words, separate=separate)
    return _folder(Path(where).expanduser(), chosen, recordings, words=words)


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

    def write(self, recording: Recording, transcript: Transcript) -> None:  # noqa: ARG002
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


class StandardOutput:
    """One format, one transcript after another; JSON takes one line for each recording, failed ones too."""

    follows = False

    def __init__(self, chosen: Format, *, words: bool) -> None:
        self._format = chosen
        self._words = words
        self._parted = True

    def add(self, recording: Recording, segment: Segment) -> None:
        """Wait for the transcript."""

    def write(self, recording: Recording, transcript: Transcript) -> None:
        """Write the transcript of a recording."""
        text = self._format.render(transcript, **_options(self._format, recording, words=self._words))
        if self._format.name == "json":
            text = json_line({"file": recording.name, **json.loads(text)})
        elif self._format.name in _PARTED_BY_BLANK_LINE:
            text = text if self._parted or not text else f"\n{text}"
            self._parted = self._parted and not text
        write(text)

    def fail(self, recording: Recording, error: BaseException) -> None:
        """Note that a recording has no transcript."""
        if self._format.name == "json":
            write(json_line({"file": recording.name, **describe_error(error)}))


class Folder:
    """A file for each recording and format: ``<stem>.<format>``."""

    follows = False

    def __init__(self, path: Path, formats: Sequence[Format], *, words: bool) -> None:
        self._path = path
        self._formats = formats
        self._words = words

    def add(self, recording: Recording, segment: Segment) -> None:
        """Wait for the transcript: a file is complete or not there."""

    def write(self, recording: Recording, transcript: Transcript) -> None:
        """Write the transcript of a recording; files that are there are replaced."""
        for chosen in self._formats:
            options = _options(chosen, recording, words=self._words)
            # Not `with_suffix`: a stem may have dots of its own.
            transcript.save(self._path / f"{recording.stem}.{chosen.name}", format=chosen.name, **options)

    def fail(self, recording: Recording, error: BaseException) -> None:
        """Note that a recording has no transcript; nothing is written."""


def _standard_output(
    chosen: Sequence[Format], recordings: Sequence[Recording], *, words: bool, separate: bool
) -> Output:
    if len(chosen) > 1:
        names = ", ".join(each.name for each in chosen)
        raise OptionError(f"{names} cannot share standard output. Write them into a folder with --output DIR.")
    name = chosen[0].name
    if len(recordings) > 1 and name not in _JOINABLE:
        raise OptionError(
            f"{len(recordings)} recordings cannot share standard output as {name}. "
            f"Write them into a folder with --output DIR, or use one of {', '.join(_JOINABLE)}."
        )
    return Text() if name == "txt" and not separate else StandardOutput(chosen[0], words=words)


def _folder(path: Path, formats: Sequence[Format], recordings: Sequence[Recording], *, words: bool) -> Folder:
    if path.suffix[1:].lower() in FORMATS and not path.is_dir():
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
    return Folder(path, formats, words=words)


def _refuse_collisions(recordings: Sequence[Recording]) -> None:
    # Some file systems do not tell upper from lower case.
    seen: dict[str, Recording] = {}
    for recording in recordings:
        other = seen.setdefault(recording.stem.casefold(), recording)
        if other is not recording:
            raise OptionError(
                f"'{other.name}' and '{recording.name}' would write the same files, {recording.stem}.*. "
                "Transcribe them in two calls with different folders."
            )


def _options(chosen: Format, recording: Recording, *, words: bool) -> dict[str, object]:
    known: dict[str, object] = {"words": words, "recording": recording.stem}
    return {name: value for name, value in known.items() if name in chosen.options}


def json_line(content: dict[str, object]) -> str:
    """JSON on one line, for standard output."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


def describe_error(error: BaseException) -> dict[str, object]:
    """What stands in JSON in place of a result."""
    code = error.code if isinstance(error, PanglotError) else "unexpected"
    return {"error": {"code": code, "message": one_line(str(error)) or type(error).__name__}}
