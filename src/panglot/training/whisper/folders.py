"""Folders that are there whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from panglot.errors import OutputError
from panglot.files import sync_folder


@contextmanager
def replacing(folder: Path, *, ours: frozenset[str]) -> Generator[Path]:
    """Give an empty folder to write to, which then takes the place of the one named.

    All is forced to disk first. The folder that was there goes when the new one is in its place: a process that is
    killed leaves the old one or the new one, see `standing`.

    Parameters
    ----------
    folder
        What is to be replaced, or made.
    ours
        Names of the files that may be in a folder that is replaced.

    Yields
    ------
    Path
        The empty folder.

    Raises
    ------
    OutputError
        If it cannot be written, or if there is a folder with other files in it.
    """
    target = Path(os.path.realpath(folder))
    partial, previous = target.with_name(f".{target.name}.partial"), _previous(target)
    try:
        _refuse_others(target, ours)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        yield partial
        _sync(partial)
        if target.exists():
            shutil.rmtree(previous, ignore_errors=True)
            target.rename(previous)
        partial.rename(target)
        sync_folder(target.parent)
        shutil.rmtree(previous, ignore_errors=True)
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            f"cannot write {folder}: {reason}; free some space, or choose a folder that can be written"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def standing(folder: Path) -> Path:
    """Return a folder, or its predecessor where a process was killed just between the old one and the new one."""
    target = Path(os.path.realpath(folder))
    return _previous(target) if not target.exists() and _previous(target).is_dir() else folder


def _previous(target: Path) -> Path:
    return target.with_name(f".{target.name}.previous")


def _refuse_others(target: Path, ours: frozenset[str]) -> None:
    others = sorted({path.name for path in target.iterdir()} - ours) if target.exists() else []
    if others:
        raise OutputError(
            f"{target} is not empty and holds {others[0]!r}, which is no part of a model; "
            "choose another folder, so that nothing of yours is deleted"
        )


def _sync(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    sync_folder(folder)
