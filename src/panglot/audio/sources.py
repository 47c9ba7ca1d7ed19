"""Whatever the user calls a recording → a regular file that the decoder process can open."""

from __future__ import annotations

import errno
import os
import re
import select
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from panglot.errors import AudioFormatError, AudioLimitError, AudioMissingError
from panglot.units import Seconds

_CHUNK_BYTES = 1 << 20


class Readable(Protocol):
    """A file object opened in binary mode."""

    def read(self, size: int, /) -> bytes | None:
        """At most ``size`` bytes; none at the end."""
        ...


Source = str | os.PathLike[str] | bytes | bytearray | memoryview | Readable
"""A path, the bytes of a file, or a file object opened in binary mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A regular file, and what messages call it."""

    path: str
    name: str
    temporary: bool = False

    def forget(self) -> None:
        """Remove the file if it is our own copy."""
        if self.temporary:
            with suppress(FileNotFoundError):
                Path(self.path).unlink()


def locate(source: Source, *, stall: Seconds) -> Located:
    """File to decode: the one named, or a temporary copy of bytes, a file object or a pipe.

    Parameters
    ----------
    source
        A path, the bytes of a file, or a file object opened in binary mode.
    stall
        How long a pipe may deliver nothing, in seconds.

    Returns
    -------
    Located
        Call its ``forget`` when done: it removes a temporary copy.

    Raises
    ------
    AudioMissingError
        If there is no readable file, or the file object cannot be read.
    AudioFormatError
        If there is nothing in it, or ``source`` is of a wrong type.
    AudioLimitError
        If there is no room for the copy, or a pipe delivers nothing for ``stall`` seconds.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _spool(iter([memoryview(source).cast("B")]), name="<bytes>")
    if isinstance(source, (str, os.PathLike)):
        return _locate_path(os.fspath(source), stall=stall)
    if hasattr(source, "read"):
        name = getattr(source, "name", None)
        return _spool(_chunks(source), name=name if isinstance(name, str) else "<stream>")
    raise AudioFormatError(
        f"a recording cannot be given as {type(source).__name__}. "
        "Give a path, bytes, a file opened in binary mode, or a numpy array of samples."
    )


def spool(chunks: Iterable[bytes | memoryview], *, name: str) -> Located:
    """Temporary file with these bytes."""
    return _spool(iter(chunks), name=name)


def _locate_path(path: str, *, stall: Seconds) -> Located:
    if re.match(r"[a-z][a-z0-9+.-]+://", path):
        raise AudioMissingError(f"'{path}' is an address, and nothing is fetched from the network. Download it first.")
    try:
        status = Path(path).stat()
        if stat.S_ISFIFO(status.st_mode):
            return _spool(_pipe_chunks(path, stall=stall), name=path)
        if stat.S_ISDIR(status.st_mode):
            raise AudioMissingError(f"'{path}' is a directory. Give the files in it.")
        if not stat.S_ISREG(status.st_mode):
            raise AudioMissingError(f"'{path}' is a device, not a file. Record it to a file first.")
        with Path(path).open("rb"):
            pass
    except FileNotFoundError as error:
        raise AudioMissingError(f"'{path}' does not exist. Check the path.") from error
    except PermissionError as error:
        raise AudioMissingError(f"'{path}' may not be read. Change its permissions or use another account.") from error
    except (OSError, ValueError) as error:
        raise AudioMissingError(f"'{path}' cannot be opened: {error}. Check the path.") from error
    if not status.st_size:
        raise _empty(path)
    return Located(path=str(Path(path).absolute()), name=path)


def _spool(chunks: Iterator[bytes | memoryview], *, name: str) -> Located:
    try:
        number, path = tempfile.mkstemp(prefix="panglot-", suffix=_suffix(name))
    except OSError as error:
        raise _no_room(error) from error
    located = Located(path=path, name=name, temporary=True)
    try:
        with os.fdopen(number, "wb") as file:
            size = _write(file, chunks)
    except BaseException:
        located.forget()
        raise
    if not size:
        located.forget()
        raise _empty(name)
    return located


def _write(file: BinaryIO, chunks: Iterator[bytes | memoryview]) -> int:
    size = 0
    for chunk in chunks:
        try:
            size += file.write(chunk)
        except OSError as error:
            raise _no_room(error) from error
    return size


def _chunks(source: Readable) -> Iterator[bytes]:
    name = getattr(source, "name", "<stream>")
    while True:
        try:
            chunk = source.read(_CHUNK_BYTES)
        except (OSError, ValueError) as error:
            raise AudioMissingError(f"the file object {name!r} cannot be read: {error}. Open it again.") from error
        if isinstance(chunk, str):
            raise AudioFormatError(f"the file object {name!r} gives text. Open it in binary mode, with 'rb'.")
        if not chunk:
            return
        yield chunk


def _pipe_chunks(path: str, *, stall: Seconds) -> Iterator[bytes]:
    """Read a named pipe without waiting for ever for somebody to write to it."""
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(number, "rb", buffering=0) as pipe:
        ready = select.poll()
        ready.register(pipe, select.POLLIN)
        while True:
            if not ready.poll(stall * 1000):
                raise AudioLimitError(f"nobody wrote to the pipe '{path}' for {stall:g} s. Start its writer first.")
            chunk = pipe.read(_CHUNK_BYTES)
            if not chunk:
                return
            yield chunk


def _suffix(name: str) -> str:
    """Return the ending of a name: some formats are known by nothing else."""
    suffix = Path(name).suffix
    return suffix if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", suffix) else ""


def _empty(name: str) -> AudioFormatError:
    return AudioFormatError(f"'{name}' is empty. Record or fetch it again.")


def _no_room(error: OSError) -> AudioLimitError:
    folder = tempfile.gettempdir()
    reason = "the disk is full" if error.errno == errno.ENOSPC else str(error.strerror)
    return AudioLimitError(
        f"no temporary copy of the recording could be made in '{folder}': {reason}. Free some space, or give a path."
    )
