"""Checkpoints: all that a run needs to go on as if it had never stopped.

A checkpoint is a folder ``step-000123`` with ``state.pt`` and, written last, ``checkpoint.json``, which holds the
length and the SHA-256 of the state. It is written beside its place, synchronised to the disk and renamed, so it is
there whole or not at all; the last two are kept. What does not match its hash is never picked.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import torch

from panglot.errors import OutputError, TrainingError
from panglot.files import sync_folder, write_file

KEPT = 2
_STATE = "state.pt"
_RECORD = "checkpoint.json"
_BESIDE = ".writing-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a checkpoint says about itself."""

    step: int
    model: str
    """SHA-256 of the weights that the run started from."""
    processes: int
    bytes: int
    sha256: str


class Checkpoints:
    """The checkpoints of one run.

    Parameters
    ----------
    folder
        Made when the first is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, state: dict[str, Any], *, step: int, model: str, processes: int) -> Path:
        """Write a checkpoint, and forget all but the last two.

        Parameters
        ----------
        state
            Tensors, numbers, strings, and lists and dictionaries of them.
        step
            Steps that were made.
        model
            See `Record`.
        processes
            That train together.

        Returns
        -------
        Path
            The new folder.

        Raises
        ------
        OutputError
            If it cannot be written, such as on a full disk; the checkpoints before it are still there.
        """
        target = self.folder / f"step-{step:06d}"
        beside = self.folder / f"{_BESIDE}{target.name}"
        try:
            self._clear()
            beside.mkdir(parents=True)
            size, sha256 = _save(state, beside / _STATE)
            record = Record(step=step, model=model, processes=processes, bytes=size, sha256=sha256)
            write_file(beside / _RECORD, json.dumps(asdict(record), indent=2) + "\n")
            shutil.rmtree(target, ignore_errors=True)
            beside.rename(target)
            sync_folder(self.folder)
        except (OSError, OutputError) as error:
            shutil.rmtree(beside, ignore_errors=True)
            reason = getattr(error, "strerror", None) or error
            raise OutputError(
                f"the checkpoint of step {step} cannot be written to {self.folder}: {reason}. "
                f"{self._left()} Make room, then go on with `panglot train --resume {self.folder.parent}`."
            ) from error
        for old in self._folders()[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
        return target

    def newest(self) -> tuple[Record, dict[str, Any]] | None:
        """Read the last checkpoint that is whole.

        Returns
        -------
        tuple or None
            Its record and state, with all tensors in main memory; None where there is none.
        """
        for folder in self._folders():
            found = _load(folder)
            if found is not None:
                return found
        return None

    def _folders(self) -> list[Path]:
        """Newest first."""
        return sorted(self.folder.glob("step-*"), key=lambda path: int(path.name.removeprefix("step-")), reverse=True)

    def _clear(self) -> None:
        """Remove what a process that was killed has left half-written."""
        for path in self.folder.glob(f"{_BESIDE}*"):
            shutil.rmtree(path, ignore_errors=True)

    def _left(self) -> str:
        whole = self._folders()
        return f"The one before is {whole[0].name}." if whole else "There is none before it."


def check_model(record: Record, *, name: str, sha256: str, folder: Path) -> None:
    """Make sure that a checkpoint was made from the weights that are about to be loaded.

    Parameters
    ----------
    record
        Of the checkpoint.
    name
        What the run starts from, for the message.
    sha256
        Of its weights.
    folder
        Of the run, for the message.

    Raises
    ------
    TrainingError
        If it was made from others.
    """
    if record.model != sha256:
        raise TrainingError(
            f"the checkpoint of step {record.step} in {folder} was made from another model: its run started from "
            f"weights with SHA-256 {record.model[:12]}…, and '{name}' is {sha256[:12]}… now. Bring back the weights "
            "that it started from, or start a new run with another --output; the checkpoint stays as it is."
        )


class _Hashed:
    """A file that knows the hash of what was written, and remembers why writing failed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.failure: OSError | None = None

    def write(self, data: Any) -> int:
        try:
            self._hash.update(data)
            return self._file.write(data)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        self._file.flush()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def _save(state: dict[str, Any], path: Path) -> tuple[int, str]:
    """Length and SHA-256 of the file, which is on the disk when this returns."""
    with path.open("wb") as file:
        hashed = _Hashed(file)
        try:
            torch.save(state, cast("BinaryIO", hashed))
            file.flush()
            os.fsync(file.fileno())
        except RuntimeError as error:
            # torch hides the reason.
            raise hashed.failure or error from error
        return file.tell(), hashed.sha256


def _load(folder: Path) -> tuple[Record, dict[str, Any]] | None:
    try:
        record = Record(**json.loads((folder / _RECORD).read_text(encoding="utf-8")))
        if _digest(folder / _STATE) != (record.bytes, record.sha256):
            return None
        return record, torch.load(folder / _STATE, map_location="cpu", weights_only=True)
    except (OSError, ValueError, TypeError):
        return None


def _digest(path: Path) -> tuple[int, str]:
    sha256 = hashlib.sha256()
    length = 0
    for block in _blocks(path):
        sha256.update(block)
        length += len(block)
    return length, sha256.hexdigest()


def _blocks(path: Path, size: int = 1 << 22) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(size):
            yield block
