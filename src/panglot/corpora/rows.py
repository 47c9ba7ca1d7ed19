"""Manifests and folders → rows, each a mapping of plain values under one set of names.

A row that cannot be read is a `Rejected` in its place; only a source that is no manifest at all is an error.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from panglot.corpora.records import Rejected
from panglot.errors import CorpusError

_NAMES = {
    "audio": ("audio", "path", "file", "filename", "audio_path", "audio_filepath", "file_name"),
    "text": ("text", "sentence", "transcript", "transcription"),
    "language": ("language", "locale", "lang"),
    "start": ("start", "offset"),
    "duration": ("duration", "duration_s"),
    "end": ("end",),
    "id": ("id",),
    "speaker": ("speaker", "client_id"),
    "previous_text": ("previous_text",),
    "rttm": ("rttm",),
    "confidence": ("confidence",),
}
"""What a value may be called, the first found counts: Common Voice, NeMo, Hugging Face's audio folders, our own."""

_AUDIO_SUFFIXES = frozenset(
    {".aac", ".aif", ".aiff", ".amr", ".caf", ".flac", ".m4a", ".mka", ".mkv", ".mov", ".mp3", ".mp4", ".oga", ".ogg"}
) | {".opus", ".wav", ".webm", ".wma"}
_MANIFESTS = ("train.tsv", "validated.tsv", "manifest.jsonl", "data.jsonl", "metadata.jsonl", "metadata.csv")
"""Looked for in a folder, in this order; validated.tsv of Common Voice holds the clips of its test set too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a manifest."""

    where: str
    values: Mapping[str, Any]
    """By the names of `Sample`, and ``end``; only what was given."""


def read_rows(path: Path) -> Iterator[Row | Rejected]:
    """Rows of a manifest or a folder, in order.

    Parameters
    ----------
    path
        A ``.jsonl``, ``.csv`` or ``.tsv`` file, a folder that holds one under a usual name, or a folder of recordings
        with a ``.txt`` of the same name beside each.

    Yields
    ------
    Row or Rejected
        What was read, or why it could not be.

    Raises
    ------
    CorpusError
        If there is no such file, or it is no manifest.
    """
    if path.is_dir():
        manifest = next((path / name for name in _MANIFESTS if (path / name).is_file()), None)
        yield from _folder_rows(path) if manifest is None else read_rows(manifest)
        return
    text = _read_text(path)
    if path.suffix.lower() in (".csv", ".tsv"):
        yield from _table_rows(path, text)
    else:
        yield from _json_rows(path, text)


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig", errors="surrogateescape")
    except FileNotFoundError as error:
        raise CorpusError(f"'{path}' does not exist. Give a manifest, or a folder of recordings with texts.") from error
    except OSError as error:
        raise CorpusError(f"'{path}' cannot be read: {error.strerror}. Check its permissions.") from error


def _json_rows(path: Path, text: str) -> Iterator[Row | Rejected]:
    found = 0
    rejected: list[Rejected] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path.name}:{number}"
        try:
            value = json.loads(line)
        except ValueError as error:
            value = error
        if isinstance(value, dict):
            found += 1
            yield Row(where=where, values=_named(cast("dict[str, Any]", value)))
        else:
            rejected.append(Rejected(where=where, reason="not a JSON object"))
    if rejected and not found:
        raise CorpusError(
            f"'{path}' is no manifest: none of its {len(rejected)} lines is a JSON object. "
            "Give JSONL with audio and text, a CSV or TSV file with a header, or a folder."
        )
    yield from rejected


def _table_rows(path: Path, text: str) -> Iterator[Row | Rejected]:
    lines = text.splitlines()
    header = lines[0] if lines else ""
    if path.suffix.lower() == ".tsv":
        reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)  # Common Voice quotes nothing
    else:
        reader = csv.reader(text.splitlines(keepends=True), delimiter=max(",;\t", key=header.count))
    names = [name.strip() for name in next(reader, list[str]())]
    if not any(name in names for name in _NAMES["audio"]):
        raise CorpusError(
            f"'{path}' has no column for the recordings: its header is {header[:100]!r}. "
            f"Name one {', '.join(_NAMES['audio'][:3])}, and one {', '.join(_NAMES['text'][:3])}."
        )
    for cells in reader:
        where = f"{path.name}:{reader.line_num}"
        if len(cells) == len(names):
            yield Row(where=where, values=_named(dict(zip(names, cells, strict=True))))
        elif cells:
            yield Rejected(where=where, reason=f"{len(cells)} cells, where the header has {len(names)}")


def _folder_rows(folder: Path) -> Iterator[Row | Rejected]:
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    recordings = [file for file in files if file.suffix.lower() in _AUDIO_SUFFIXES]
    if not recordings:
        raise CorpusError(
            f"'{folder}' holds no recordings and none of {', '.join(_MANIFESTS)}. "
            "Put a .txt of the same name beside each recording, or give a manifest."
        )
    texts = {file.with_suffix("") for file in files if file.suffix == ".txt"}
    for file in recordings:
        name = str(file.relative_to(folder))
        if file.with_suffix("") not in texts:
            yield Rejected(where=name, reason=f"no text: there is no {file.stem}.txt beside it")
        else:
            text = _read_text(file.with_suffix(".txt"))
            yield Row(where=name, values={"audio": str(file.absolute()), "text": text, "id": name})
    heard = {file.with_suffix("") for file in recordings}
    for stem in sorted(texts - heard):
        yield Rejected(where=f"{stem.relative_to(folder)}.txt", reason="no recording of that name beside it")


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    """Bring values under our names; what is empty was not given."""
    found: dict[str, Any] = {}
    for name, keys in _NAMES.items():
        given = next((values[key] for key in keys if values.get(key) not in (None, "")), None)
        if given is not None:
            found[name] = given
    return found
