"""Samples → the manifest that everything here reads: JSONL, one sample a line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from panglot.corpora.records import Sample
from panglot.files import write_file


def write_corpus(samples: Iterable[Sample], path: str | os.PathLike[str]) -> None:
    """Write a manifest; it is complete or not there, never half-written.

    Parameters
    ----------
    samples
        Written in this order.
    path
        Where to write; an existing file is replaced. Paths inside are relative to its folder.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    target = Path(path)
    lines = [json.dumps(_row(sample, target.parent), ensure_ascii=False) for sample in samples]
    write_file(target, "".join(f"{line}\n" for line in lines))


def _row(sample: Sample, folder: Path) -> dict[str, object]:
    return {
        "id": sample.id,
        "audio": _relative(sample.audio, folder),
        "start": sample.start,
        "duration": sample.duration,
        "text": sample.text,
        "language": sample.language,
        "speaker": sample.speaker,
        "previous_text": sample.previous_text,
        "rttm": None if sample.rttm is None else _relative(sample.rttm, folder),
        "confidence": sample.confidence,
    }


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()
