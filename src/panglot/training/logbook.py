"""What a run writes down as it goes: ``log.jsonl``, and the same numbers for TensorBoard."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO, cast

from torch.utils.tensorboard import SummaryWriter

from panglot.errors import OutputError
from panglot.files import write_file
from panglot.training.listener import Plan, Step, Validation

LOG = "log.jsonl"


class Logbook:
    """Writes one line for each thing that happens.

    A run that goes on from a checkpoint forgets the lines after it: those steps will be made again.

    Parameters
    ----------
    folder
        Of the run.
    step
        Of the checkpoint; 0 for a new run.
    """

    def __init__(self, folder: Path, *, step: int) -> None:
        self._path = folder / LOG
        kept = [row for row in read_log(folder) if row.get("step", 0) <= step]
        write_file(self._path, "".join(_line(row) for row in kept))
        self._file: TextIO = self._path.open("a", encoding="utf-8")
        self._board: Any = SummaryWriter(str(folder / "tensorboard"), purge_step=step + 1 if step else None)

    def began(self, plan: Plan) -> None:
        """See `Listener`."""
        self._write("began", asdict(plan))

    def stepped(self, step: Step) -> None:
        """See `Listener`."""
        row = asdict(step)
        self._write("step", row)
        for name in ("loss", "learning_rate", "gradient_norm", "scale", "skipped", "rate"):
            self._board.add_scalar(f"train/{name}", row[name], step.step)

    def validated(self, validation: Validation) -> None:
        """See `Listener`."""
        self._write("validation", asdict(validation) | {"wer": validation.wer})
        self._board.add_scalar("validation/loss", validation.loss, validation.step)
        for score in validation.scores:
            self._board.add_scalar(f"wer/{score.language}", score.wer, validation.step)
            self._board.add_scalar(f"cer/{score.language}", score.cer, validation.step)
        self._board.flush()

    def noted(self, text: str, *, step: int) -> None:
        """See `Listener`."""
        self._write("note", {"step": step, "text": text})

    def close(self) -> None:
        """Finish both."""
        self._file.close()
        self._board.close()

    def _write(self, kind: str, row: dict[str, Any]) -> None:
        try:
            self._file.write(_line({"kind": kind} | row))
            self._file.flush()
        except OSError as error:
            raise OutputError(f"{self._path} cannot be written: {error.strerror or error}. Make room.") from error


def read_log(folder: Path) -> list[dict[str, Any]]:
    """Lines of a run's log.

    Parameters
    ----------
    folder
        Of the run.

    Returns
    -------
    list of dict
        In order. A last line that was cut off by a crash is left out; none where there is no log.
    """
    path = folder / LOG
    return list(_rows(path)) if path.is_file() else []


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            row: object = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield cast("dict[str, Any]", row)


def _line(row: dict[str, Any]) -> str:
    return json.dumps({name: _finite(value) for name, value in row.items()}, ensure_ascii=False) + "\n"


def _finite(value: Any) -> Any:
    """JSON has no infinity: a gradient that overflowed is written as null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
