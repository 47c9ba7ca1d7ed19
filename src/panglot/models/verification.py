"""Whether the bytes on disk are the bytes that were published."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from panglot.models.catalogue import Entry, File

Problem = Literal["missing", "unreadable", "wrong size", "altered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One file that is not what was published."""

    path: Path
    problem: Problem
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.path} is {self.problem}: expected {self.expected}, found {self.found}"


def digest(path: Path) -> str:
    """SHA-256 of a file, as 64 lower-case hexadecimal digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def check_sizes(folder: Path, entry: Entry) -> tuple[Finding, ...]:
    """Check that every file is there with its published size; reads nothing, so it cannot prove them right."""
    return tuple(finding for file in entry.files if (finding := _check_size(folder / file.name, file)))


def check(folder: Path, entry: Entry) -> tuple[Finding, ...]:
    """Compare every file of an entry with its published size and SHA-256; empty means all is well."""
    return tuple(finding for file in entry.files if (finding := check_file(folder / file.name, file)))


def check_file(path: Path, file: File) -> Finding | None:
    """Compare one file with its published size and SHA-256; None means it is right."""
    finding = _check_size(path, file)
    if finding:
        return finding
    try:
        found = digest(path)
    except OSError as error:
        return Finding(path=path, problem="unreadable", expected=_published(file), found=str(error))
    if found == file.sha256:
        return None
    return Finding(
        path=path, problem="altered", expected=_published(file), found=f"{file.bytes} bytes with SHA-256 {found[:12]}…"
    )


def _check_size(path: Path, file: File) -> Finding | None:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return Finding(path=path, problem="missing", expected=_published(file), found="no such file")
    except OSError as error:
        return Finding(path=path, problem="unreadable", expected=_published(file), found=str(error))
    if size == file.bytes:
        return None
    return Finding(path=path, problem="wrong size", expected=_published(file), found=f"{size} bytes")


def _published(file: File) -> str:
    return f"{file.bytes} bytes with SHA-256 {file.sha256[:12]}…"
