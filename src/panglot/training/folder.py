"""The folder of a run: taken once, and never by two runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, cast

from panglot.corpora import Rejected
from panglot.errors import OptionError, OutputError, TrainingError
from panglot.files import write_file
from panglot.training.settings import LIMITS, SETTINGS, Settings, read_settings, write_settings

CHECKPOINTS = "checkpoints"
BEST = "best"
LAST = "last.json"
REJECTED = "rejected.jsonl"

_CHANGEABLE = frozenset({*LIMITS, "output", "device", "distributed", "parts", "patience", "workers"})
"""What may be different when a run goes on."""


def is_run(folder: Path) -> bool:
    """Whether a folder holds a training run."""
    return (folder / SETTINGS).is_file()


def take_folder(settings: Settings, *, resume: bool) -> Path:
    """Make the folder of a new run, or find that of one that goes on.

    Parameters
    ----------
    settings
        Of the run.
    resume
        Go on with the run that is there, if there is one.

    Returns
    -------
    Path
        With ``settings.json`` in it.

    Raises
    ------
    OptionError
        If it holds another run, or other files.
    OutputError
        If it cannot be written.
    """
    folder = Path(settings.output)
    if is_run(folder) and _began(folder):
        if not resume:
            raise OptionError(
                f"{folder} holds a run already (step {last(folder).get('step', 0)}). "
                f"Go on with `panglot train --resume {folder}`, or give another --output."
            )
        _check_same(settings, read_settings(folder / SETTINGS), folder)
    elif folder.exists() and (not folder.is_dir() or _began(folder)):
        raise OptionError(f"{folder} is no folder of a run and is not empty. Give another --output.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {folder} cannot be made: {error.strerror}. Give another --output.") from error
    write_file(folder / SETTINGS, write_settings(settings))
    return folder


def _began(folder: Path) -> bool:
    """Whether there is more than settings; a run whose data could not be used leaves its place to the next try."""
    return any(path.name != SETTINGS for path in folder.iterdir())


def last(folder: Path) -> Mapping[str, Any]:
    """What ``last.json`` says: ``step``, ``checkpoint``, ``best_step``, ``best``, ``ending``; empty without it."""
    try:
        value: object = json.loads((folder / LAST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def write_rejected(folder: Path, rows: Sequence[Rejected]) -> None:
    """Write down the rows that could not be used, one JSON object a line."""
    write_file(folder / REJECTED, "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows))


def _check_same(given: Settings, there: Settings, folder: Path) -> None:
    different = [
        field.name
        for field in fields(Settings)
        if field.name not in _CHANGEABLE and getattr(given, field.name) != getattr(there, field.name)
    ]
    if different:
        name = different[0]
        raise OptionError(
            f"the run in {folder} has {name}={getattr(there, name)!r}, not {getattr(given, name)!r}. "
            f"Go on as it was with `panglot train --resume {folder}`, or start a new run with another --output."
        )


def check_there(folder: Path) -> None:
    """Make sure that there is a run.

    Parameters
    ----------
    folder
        Of the run.

    Raises
    ------
    TrainingError
        If there is none.
    """
    if not is_run(folder):
        raise TrainingError(f"{folder} holds no run that can go on. Give the folder that was the --output of a run.")
