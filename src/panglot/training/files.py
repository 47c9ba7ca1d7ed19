"""Small files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from panglot.errors import OutputError


def write_whole(path: Path, text: str) -> None:
    """Write a text beside its place, make sure it is on the disk, and put it there.

    Parameters
    ----------
    path
        Its folder is made if need be.
    text
        Written as UTF-8.

    Raises
    ------
    OutputError
        If it cannot be written; what was there before is still there.
    """
    beside = path.with_name(f".{path.name}.writing")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written: {error.strerror or error}. Make room, or allow it.") from error


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
