"""Bytes under keys: in a folder, in an object store, or in memory."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from panglot.errors import NotFoundError, StorageError, TooLargeError

if TYPE_CHECKING:
    from obstore import PutResult
    from obstore.store import ObjectStore

_PART = 8 << 20
"""Bytes that are sent or read at once. A store takes 10,000 parts: enough for 80 GB."""
_PARTS_AT_ONCE = 2
_SLICE = 1 << 20
"""Bytes of a part that a slow reader is given at once."""
_UNFINISHED = re.compile(r"#\d+$")
"""Ends the name that a file in a folder has until all of it is there; no key ends like this."""
_RETRIES = 5
_RETRY_TIME = timedelta(seconds=30)


class Blobs:
    """A place for blobs; any number of processes may share it.

    What is returned from is kept: in a folder, also where power fails.

    Parameters
    ----------
    url
        A folder as a path or ``file://``, ``s3://bucket/prefix`` (credentials and another endpoint as AWS's own tools
        take them), or ``memory://`` for as long as the object lives.

    Raises
    ------
    StorageError
        If there can be no such place.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._folder = _folder(url)
        with self._translating(""):
            self._store = _open(url, self._folder)

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes, in place of those that were there."""
        import obstore

        with self._translating(key):
            obstore.put(self._store, key, data, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE)
            self._settle(key)

    def put_file(self, key: str, path: Path) -> None:
        """Keep the bytes of a file, in place of those that were there."""
        import obstore

        with _reading(path) as file, self._translating(key):
            obstore.put(self._store, key, file, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE)
            self._settle(key)

    async def put_stream(self, key: str, chunks: AsyncIterator[bytes], *, limit: int | None) -> int:
        """Keep bytes as they arrive, a few megabytes of them in memory.

        Whatever goes wrong on the way, also with the chunks, and also when this is cancelled, leaves nothing.

        Parameters
        ----------
        key
            A new one.
        chunks
            The bytes.
        limit
            The most bytes to take, None for any number.

        Returns
        -------
        int
            How many there were.

        Raises
        ------
        TooLargeError
            If there are more than allowed.
        StorageError
            If they cannot be kept.
        """
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        broken = asyncio.Event()
        # A task of its own: cancelled in the middle, the library would leave the parts that the store already has.
        writing = asyncio.ensure_future(self._write(key, _drain(queue, broken)))
        try:
            size = await _feed(queue, chunks, writing, limit)
            await asyncio.shield(writing)
        except BaseException:
            broken.set()
            await self._undo(key, queue, writing)
            raise
        return size

    def get(self, key: str) -> bytes:
        """Return the bytes; `NotFoundError` where there are none."""
        import obstore

        with self._finding(key):
            return bytes(obstore.get(self._store, key).bytes())

    def fetch(self, key: str, path: Path) -> None:
        """Write the bytes to a file, which appears whole or not at all; `NotFoundError` where there are none."""
        partial = path.with_name(f".{path.name}.{uuid4().hex}")
        chunks = self.chunks(key)
        try:
            with partial.open("wb") as file:
                file.writelines(chunks)
            partial.replace(path)
        except OSError as error:
            raise StorageError(f"{path} cannot be written: {error.strerror or error}") from error
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)

    def chunks(self, key: str) -> Iterator[bytes]:
        """Return the bytes in parts of a few megabytes; `NotFoundError`, at once, where there are none."""
        # Requests for one part each: a slow reader keeps none of them open until the store loses patience.
        size = self.size(key)
        return (self._range(key, start, min(start + _PART, size)) for start in range(0, size, _PART))

    def parts(self, key: str, *, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from one position to before another, at most a megabyte at once."""
        return (self._range(key, at, min(at + _SLICE, end)) for at in range(start, end, _SLICE))

    def size(self, key: str) -> int:
        """Return how many bytes there are; `NotFoundError` where there is no such key."""
        import obstore

        with self._finding(key):
            return obstore.head(self._store, key)["size"]

    def delete(self, key: str) -> None:
        """Delete the bytes, where there are any."""
        import obstore

        with suppress(NotFoundError), self._finding(key):
            obstore.delete(self._store, key)

    def delete_prefix(self, prefix: str) -> None:
        """Delete all below a prefix, which ends where a part of the keys does: ``a`` is not one of ``ab/c``."""
        for key in self.list(prefix):
            self.delete(key)

    def delete_unfinished(self, before: datetime) -> None:
        """Delete what was being written before a moment by processes that were killed.

        Only in a folder; in S3 a lifecycle rule of the bucket does this ("abort incomplete multipart uploads").
        """
        if self._folder is None:
            return
        with self._translating(""):
            for path in self._folder.rglob("*#*"):
                if _UNFINISHED.search(path.name):
                    with suppress(FileNotFoundError):  # it was finished in the meantime
                        if path.stat().st_mtime < before.timestamp():
                            path.unlink()

    def list(self, prefix: str) -> tuple[str, ...]:
        """Return all keys below a prefix, in order."""
        import obstore

        with self._translating(prefix):
            batches = obstore.list(self._store, prefix)  # pyright: ignore[reportUnknownMemberType]
            return tuple(sorted(found["path"] for batch in batches for found in batch))

    def _range(self, key: str, start: int, end: int) -> bytes:
        import obstore

        with self._finding(key):
            return bytes(obstore.get_range(self._store, key, start=start, end=end))

    async def _write(self, key: str, chunks: AsyncIterator[bytes]) -> PutResult:
        import obstore

        with self._translating(key):
            done = await obstore.put_async(
                self._store, key, chunks, use_multipart=True, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE
            )
            await asyncio.to_thread(self._settle, key)
            return done

    async def _undo(self, key: str, queue: asyncio.Queue[bytes | None], writing: asyncio.Future[PutResult]) -> None:
        with suppress(asyncio.QueueFull):
            queue.put_nowait(None)
        await asyncio.wait([writing])
        if not writing.cancelled() and writing.exception() is None:
            await asyncio.to_thread(self.delete, key)

    def _settle(self, key: str) -> None:
        """Have what was written, and the names on the way to it, on the disk itself."""
        if self._folder is None:
            return
        path = self._folder / key
        while True:
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
            if path == self._folder:
                return
            path = path.parent

    @contextmanager
    def _finding(self, key: str) -> Generator[None]:
        with self._translating(key):
            try:
                yield
            except FileNotFoundError as error:
                raise NotFoundError(f"there is nothing under {key!r} in {self._url}") from error

    @contextmanager
    def _translating(self, key: str) -> Generator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            reason = str(error).partition("\n")[0]
            raise StorageError(f"{key!r} in {self._url} cannot be read or written: {reason}") from error


@contextmanager
def _reading(path: Path) -> Generator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error
    with file:
        yield file


class _BrokenError(Exception):
    """Tells the library that the rest of the bytes does not come."""


async def _feed(
    queue: asyncio.Queue[bytes | None],
    chunks: AsyncIterator[bytes],
    writing: asyncio.Future[PutResult],
    limit: int | None,
) -> int:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if limit is not None and size > limit:
            raise TooLargeError(f"more than {limit} bytes were sent; that is the most allowed, so send less")
        await _hand_over(queue, chunk, writing)
    await _hand_over(queue, None, writing)
    return size


async def _hand_over(
    queue: asyncio.Queue[bytes | None], chunk: bytes | None, writing: asyncio.Future[PutResult]
) -> None:
    putting = asyncio.ensure_future(queue.put(chunk))
    try:
        await asyncio.wait([putting, writing], return_when=asyncio.FIRST_COMPLETED)
    finally:
        putting.cancel()
    if writing.done():
        writing.result()  # it ended before its time: its error is what went wrong


async def _drain(queue: asyncio.Queue[bytes | None], broken: asyncio.Event) -> AsyncIterator[bytes]:
    while True:
        chunk = await queue.get()
        if broken.is_set():
            raise _BrokenError
        if chunk is None:
            return
        yield chunk


def _folder(url: str) -> Path | None:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return None if "://" in url else Path(url)


def _open(url: str, folder: Path | None) -> ObjectStore:
    from obstore.store import LocalStore, MemoryStore, S3Store

    if folder is not None:
        return LocalStore(folder, automatic_cleanup=True, mkdir=True)
    scheme = urlsplit(url).scheme
    if scheme == "memory":
        return MemoryStore()
    if scheme == "s3":
        return S3Store.from_url(url, retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRY_TIME})
    raise StorageError(f"{url} is not a place for files; give a folder, s3://bucket/prefix or memory://")
