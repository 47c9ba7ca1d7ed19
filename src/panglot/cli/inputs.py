"""What was named on the command line → recordings to work on."""

from __future__ import annotations

import glob
import select
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import BinaryIO

from panglot.errors import AudioMissingError

STDIN = "-"
_PATIENCE_SECONDS = 0.2


class Interrupted(Exception):
    """The user has asked to stop; only worker threads see this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording named by the user."""

    argument: str
    is_pattern: bool = False
    """Whether it is a pattern that no file matches."""

    @property
    def name(self) -> str:
        """What messages call it."""
        return "stdin" if self.argument == STDIN else self.argument

    @property
    def stem(self) -> str:
        """Name of its transcripts, without the suffix."""
        return "stdin" if self.argument == STDIN else Path(self.argument).stem

    def source(self, *, stop: Event) -> str | StandardInput:
        """What the library is given; an `AudioMissingError` for a pattern that no file matches."""
        if self.is_pattern:
            raise AudioMissingError(f"no file matches the pattern '{self.argument}'. Check the folder and the pattern.")
        return StandardInput(sys.stdin.buffer, stop=stop) if self.argument == STDIN else self.argument


class StandardInput:
    """Standard input as a binary file that can be left while nothing comes."""

    name = "stdin"

    def __init__(self, stream: BinaryIO, *, stop: Event) -> None:
        self._stream = stream
        self._stop = stop

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes as soon as there are any; none at the end."""
        while not self._stop.is_set():
            if select.select([self._stream], [], [], _PATIENCE_SECONDS)[0]:
                # The unbuffered stream: what a buffer holds, `select` does not see.
                return getattr(self._stream, "raw", self._stream).read(size) or b""
        raise Interrupted


def find_recordings(arguments: Sequence[str]) -> list[Recording]:
    """Expand patterns and drop repetitions; the order of the command line is kept.

    Parameters
    ----------
    arguments
        Paths, patterns such as ``talks/**/*.mp3``, or ``-`` for standard input. What matches nothing is kept, so
        that it is reported when its turn comes.

    Returns
    -------
    list of Recording
        In the order given; the matches of a pattern in the order of their names.
    """
    return list(dict.fromkeys(recording for argument in arguments for recording in _expand(argument)))


def _expand(argument: str) -> Iterator[Recording]:
    if not glob.has_magic(argument) or Path(argument).exists():
        yield Recording(argument=argument)
        return
    # Not `Path.glob`, which refuses absolute patterns.
    found = glob.glob(argument, recursive=True)  # noqa: PTH207
    matches = sorted(match for match in found if Path(match).is_file())
    yield from [Recording(argument=match) for match in matches] or [Recording(argument=argument, is_pattern=True)]
