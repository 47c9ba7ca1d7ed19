"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from panglot.errors import OutputError

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
        with contextlib.suppress(PermissionError):  # a folder may be written to, and not read
            sync_folder(target.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
