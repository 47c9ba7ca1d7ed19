"""Models made here: registered in the store by name, with the size and hash of every file as they were then.

Such a model is an `Entry` like those of the catalogue, so all that holds for published weights holds for it: every byte
is checked whenever it is loaded. Its record lies beside its files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from panglot.errors import OptionError, WeightsCorruptError
from panglot.models.catalogue import Entry, File
from panglot.models.verification import digest
from panglot.models.whisper import read_own_whisper

RECORD = "model.json"
"""Name of the record in the model's folder."""
LICENCE = "own"
"""Stands where the catalogue names a licence: what a model made here may be used for is its maker's to know."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NEEDED = ("model.bin", "config.json", "tokenizer.json")
_IF_THERE = ("vocabulary.json", "vocabulary.txt", "preprocessor_config.json")


def check_name(name: str, *, taken: Collection[str]) -> None:
    """Check that a model made here may have a name.

    Parameters
    ----------
    name
        The name.
    taken
        Names that others have already.

    Raises
    ------
    OptionError
        If it may not.
    """
    if not _NAME.fullmatch(name):
        raise OptionError(
            f"a model cannot be called {name!r}: a name has 1 to 64 letters from a to z, digits, '.', '_' and '-', "
            "and begins with a letter or a digit"
        )
    if name in taken:
        raise OptionError(
            f"there is a model {name!r} already: choose another name, "
            f"or delete one made here with `panglot models remove {name}`"
        )


def describe_folder(folder: Path, *, name: str, about: str) -> Entry:
    """Make the entry of a folder that is to be registered.

    Parameters
    ----------
    folder
        A Whisper model in CTranslate2 format.
    name
        What it is to be called.
    about
        What it is, in a line.

    Returns
    -------
    Entry
        Its files with their sizes and hashes; it has no sources.

    Raises
    ------
    ModelError
        If the folder does not hold a whole model.
    """
    whisper = read_own_whisper(folder)
    names = [*_NEEDED, *(name for name in _IF_THERE if (folder / name).is_file())]
    files = tuple(File(name=name, bytes=(folder / name).stat().st_size, sha256=digest(folder / name)) for name in names)
    return _entry(name, files, about=about, languages=() if whisper.multilingual else whisper.languages)


def write_record(folder: Path, entry: Entry) -> None:
    """Write what is known of a model beside its files."""
    record = {
        "about": entry.description,
        "languages": list(entry.languages),
        "files": [{"name": file.name, "bytes": file.bytes, "sha256": file.sha256} for file in entry.files],
    }
    (folder / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def read_record(folder: Path) -> Entry:
    """Read what is known of a registered model.

    Parameters
    ----------
    folder
        Its folder in the store, called as the model is.

    Returns
    -------
    Entry
        As it was registered.

    Raises
    ------
    WeightsCorruptError
        If the record is not as it was written.
    """
    path = folder / RECORD
    try:
        record: Any = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(
            File(name=Path(file["name"]).name, bytes=int(file["bytes"]), sha256=str(file["sha256"]))
            for file in record["files"]
        )
        return _entry(folder.name, files, about=str(record["about"]), languages=tuple(record["languages"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise WeightsCorruptError(
            f"{path} is damaged ({error or type(error).__name__}); delete the model with "
            f"`panglot models remove {folder.name}` and import it again"
        ) from error


def stand_in(name: str) -> Entry:
    """Stand for a registered model whose record cannot be read, so that it can be listed and deleted."""
    return _entry(name, (), about="its record is damaged", languages=())


def _entry(name: str, files: tuple[File, ...], *, about: str, languages: tuple[str, ...]) -> Entry:
    return Entry(
        name=name,
        kind="whisper",
        family="whisper",
        files=files,
        sources=(),
        licence=LICENCE,
        description=about,
        languages=languages,
    )
