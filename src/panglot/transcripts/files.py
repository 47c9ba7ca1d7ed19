"""Writing a transcript to disk: the whole file or none."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from panglot.errors import OptionError, OutputError
from panglot.transcripts.formats import FORMATS, Format, find_format
from panglot.transcripts.records import Transcript

_REASONS = {
    errno.ENOENT: "its directory does not exist. Create the directory first",
    errno.ENOTDIR: "part of its path is a file, not a directory. Choose another path",
    errno.EISDIR: "it is a directory. Name a file",
    errno.EACCES: "there is no permission to write there. Choose another directory, or change its permissions",
    errno.EPERM: "there is no permission to write there. Choose another directory, or change its permissions",
    errno.EROFS: "the file system is read-only. Choose another directory",
    errno.ENOSPC: "the disk is full. Free some space, or choose another directory",
    errno.EDQUOT: "the disk quota is used up. Free some space, or choose another directory",
    errno.EFBIG: "the file would be larger than allowed. Raise the limit, or choose another directory",
    errno.ENAMETOOLONG: "the name is too long. Choose a shorter one",
}


def save(transcript: Transcript, path: str | os.PathLike[str], *, format_name: str | None, **options: object) -> None:
    """Write a transcript to a file; see `Transcript.save`."""
    target = Path(path)
    chosen = _format_of(target) if format_name is None else find_format(format_name)
    if "recording" in chosen.options:
        options.setdefault("recording", target.stem)
    write_file(target, chosen.render(transcript, **options))


def _format_of(path: Path) -> Format:
    if path.suffix[1:].lower() not in FORMATS:
        suffix = f"the suffix {path.suffix!r}" if path.suffix else "no suffix"
        known = ", ".join(f".{name}" for name in FORMATS)
        raise OptionError(
            f"cannot tell the format of {path.name!r}: it has {suffix}. Known suffixes: {known}. "
            "Use one of them, or name the format."
        )
    return find_format(path.suffix[1:])


def write_file(path: Path, text: str) -> None:
    """Write a text file in UTF-8 so that readers see the old file or the new one, never a part.

    The text goes to a temporary file in the same directory, is forced to disk and then takes the file's name. A link
    is followed. What is no ordinary file (``/dev/stdout``, a named pipe) is written to directly.

    Parameters
    ----------
    path
        Where to write.
    text
        The whole content.

    Raises
    ------
    OutputError
        If the file cannot be written. No temporary file stays behind.
    """
    content = text.encode("utf-8", errors="replace")
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            target.write_bytes(content)
        else:
            _replace(target, content)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, f"{error.strerror or error}. Choose another path")
        raise OutputError(f"cannot write {str(path)!r}: {reason}.") from error
    except ValueError as error:
        raise OutputError(
            f"cannot write {str(path)!r}: the path is not valid ({error}). Choose another path."
        ) from error


def _replace(target: Path, content: bytes) -> None:
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    # A name of our own rather than `tempfile`'s: the file gets the permissions that any new file here gets.
    temporary = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
