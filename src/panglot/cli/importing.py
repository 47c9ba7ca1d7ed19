"""Models made by training → models that are served by name: converted, verified, registered."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from panglot.cli.console import say, warn
from panglot.cli.evaluating import corpus_of, evaluate_model
from panglot.cli.extras import require_training
from panglot.cli.loading import Choice
from panglot.cli.progress import Bars
from panglot.cli.session import Session
from panglot.cli.work import interruptible
from panglot.errors import ModelError, ModelUnknownError

if TYPE_CHECKING:
    from panglot.evaluation.reports.evaluation import Report
    from panglot.models import Store

_ORIGIN = "panglot.json"
"""Written by training beside a model: what it began from."""


@contextmanager
def served(path: Path, *, dtype: str, store: Store) -> Generator[Path]:
    """Give a model in the form that is served, converted into a temporary folder if need be.

    Parameters
    ----------
    path
        A folder in CTranslate2 format, of a run, or in the format of transformers.
    dtype
        Number type of converted weights.
    store
        Where weights are kept.

    Yields
    ------
    Path
        A folder in CTranslate2 format, there until the block ends.

    Raises
    ------
    OptionError
        If it has to be converted, and what converts is not installed.
    PanglotError
        If there is no such model, or it cannot be converted.
    """
    if (path / "model.bin").is_file():
        yield path
        return
    if not path.is_dir():
        raise ModelUnknownError(f"there is no folder '{path}'. Give the folder of a model, such as runs/x/best.")
    require_training()
    from panglot.training.whisper import load_trainable, write_served

    with TemporaryDirectory(prefix="panglot-import-") as scratch:
        folder = Path(scratch) / "model"
        interruptible(lambda: write_served(load_trainable(path, store=store), folder, dtype=dtype))
        yield folder


def parent_of(path: Path, *, store: Store) -> str | None:
    """Name what a model was trained from, where that is recorded and still there."""
    try:
        content: Any = json.loads((path / _ORIGIN).read_text("utf-8"))
        name = str(content["origin"]["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return name if name in store or Path(name).is_dir() else None


def compare_with_parent(
    session: Session, folder: Path, *, parent: str, data: Path, choice: Choice, bars: Bars
) -> Report:
    """Evaluate a model and its parent on the same recordings.

    Parameters
    ----------
    session
        Knows how models are loaded and where weights are kept.
    folder
        The model, in the form that is served.
    parent
        What it must not be worse than.
    data
        Recordings and their texts.
    choice
        What the model is going to be called, and where both run.
    bars
        Where bars are drawn.

    Returns
    -------
    Report
        The new model first.

    Raises
    ------
    PanglotError
        If a model cannot be loaded, or nothing in the data can be used.
    """
    corpus = corpus_of(data)
    from panglot.evaluation.comparison import compare
    from panglot.evaluation.reports.evaluation import Report

    made = replace(choice, model=str(folder))
    new, _ = evaluate_model(session, made, corpus, given=False, bars=bars, name=choice.model)
    old, _ = evaluate_model(session, replace(choice, model=parent), corpus, given=False, bars=bars)
    return Report(first=new, second=old, comparison=compare(new, old))


def judge(report: Report, *, worse_by: float, force: bool, quiet: bool) -> None:
    """Say how a new model does beside its parent, and refuse it if it is worse.

    Parameters
    ----------
    report
        The new model first.
    worse_by
        Higher error rate that is put up with, as a share.
    force
        Warn where it would be refused.
    quiet
        Say nothing else.

    Raises
    ------
    ModelError
        If it is refused, with the numbers.
    """
    from panglot.evaluation.reports.evaluation import verdict
    from panglot.evaluation.verification import objections

    assert report.comparison
    name = report.first.system.name
    if not quiet:
        say(verdict(report.comparison))
    against = "; ".join(objections(report.comparison, worse_by=worse_by))
    if against and not force:
        raise ModelError(f"{name} is not imported: {against}. Train it further, or import it with --force.")
    if against:
        warn(f"{name} is imported although {against}")
