"""A real model, loaded once, and the recordings that belong to the repository."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sample import Sample

import panglot
from panglot.errors import WeightsMissingError
from panglot.transcripts import Transcript

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="session")
def samples() -> dict[str, Sample]:
    """The recordings of tests/data by name."""
    rows = json.loads((DATA / "samples.json").read_text(encoding="utf-8"))
    return {
        Path(row["file"]).stem: Sample(path=DATA / row["file"], duration=row["duration"], parts=tuple(row["parts"]))
        for row in rows
    }


@pytest.fixture(scope="session")
def model() -> Iterator[panglot.Model]:
    """The default model, from weights that are on this machine."""
    try:
        loaded = panglot.load(offline=True)
    except WeightsMissingError as error:
        pytest.skip(f"the default weights are not here: {error}")
    with loaded:
        yield loaded


@pytest.fixture(scope="session")
def heard(model: panglot.Model) -> Callable[[Path], Transcript]:
    """Transcript of a recording with default options; each recording is transcribed once."""
    return cache(model.transcribe)


@pytest.fixture(scope="session")
def manifest(speech_set: Path) -> dict[str, dict[str, Any]]:
    """What is known about each recording of the speech set, by its path in it."""
    lines = (speech_set / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["path"]: row for row in map(json.loads, lines)}
