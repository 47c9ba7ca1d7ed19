"""Where shards are kept: a folder, or an object storage by its URL."""

from __future__ import annotations

import os
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from panglot.errors import CorpusError

if TYPE_CHECKING:
    from obstore.store import ObjectStore


class Place(Protocol):
    """Named files that can be read in parts."""

    def names(self) -> list[str]:
        """Names of all files, sorted."""
        ...

    def read(self, name: str) -> bytes:
        """Return the whole of a file."""
        ...

    def read_part(self, name: str, offset: int, size: int) -> bytes:
        """Return some bytes of a file."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Open a file so that its parts can be sought."""
        ...


def find_place(location: str | Path) -> Place:
    """Return the place of a path or of a URL such as ``s3://bucket/folder``."""
    text = str(location)
    return _Bucket(text) if "://" in text else _Folder(Path(location))


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        try:
            return sorted(entry.name for entry in os.scandir(self._path))
        except OSError as error:
            raise CorpusError(f"'{self._path}' cannot be read: {error.strerror}. Give a folder of shards.") from error

    def read(self, name: str) -> bytes:
        try:
            return (self._path / name).read_bytes()
        except OSError as error:
            raise CorpusError(f"'{self._path / name}' cannot be read: {error.strerror}. Copy it again.") from error

    def read_part(self, name: str, offset: int, size: int) -> bytes:
        try:
            with (self._path / name).open("rb") as file:
                file.seek(offset)
                return file.read(size)
        except OSError as error:
            raise CorpusError(f"'{self._path / name}' cannot be read: {error.strerror}. Copy it again.") from error

    def open(self, name: str) -> BinaryIO:
        try:
            return (self._path / name).open("rb")
        except OSError as error:
            raise CorpusError(f"'{self._path / name}' cannot be read: {error.strerror}. Copy it again.") from error


class _Bucket:
    def __init__(self, url: str) -> None:
        self._url = url

    def names(self) -> list[str]:
        import obstore

        try:
            listed: Any = obstore.list(_store(self._url))  # pyright: ignore[reportUnknownMemberType]
            found = [entry["path"] for chunk in listed for entry in chunk]
        except (obstore.exceptions.BaseError, OSError) as error:
            raise CorpusError(f"'{self._url}' cannot be listed: {error}. Check the URL and the credentials.") from error
        return sorted(found)

    def read(self, name: str) -> bytes:
        import obstore

        try:
            return bytes(obstore.get(_store(self._url), name).bytes())
        except (obstore.exceptions.BaseError, OSError) as error:
            raise CorpusError(f"'{self._url}/{name}' cannot be read: {error}. Try again, or copy it again.") from error

    def read_part(self, name: str, offset: int, size: int) -> bytes:
        import obstore

        try:
            return bytes(obstore.get_range(_store(self._url), name, start=offset, length=size))
        except (obstore.exceptions.BaseError, OSError) as error:
            raise CorpusError(f"'{self._url}/{name}' cannot be read: {error}. Try again, or copy it again.") from error

    def open(self, name: str) -> BinaryIO:
        return BytesIO(self.read(name))


@cache
def _store(url: str) -> ObjectStore:
    from obstore.store import from_url

    return from_url(url)
