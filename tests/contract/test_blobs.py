"""Blobs keep the same promises in a folder, in memory and in an S3 store."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from panglot.errors import NotFoundError, StorageError, TooLargeError
from panglot.storage.blobs import Blobs

BUCKET = "panglot-tests"
PART = 8 << 20


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """A client of an S3 endpoint on this machine."""
    boto3 = pytest.importorskip("boto3")
    server_module = pytest.importorskip("moto.server")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=BUCKET)
    yield client
    client.close()
    server.stop()


@pytest.fixture(params=["folder", "file url", "memory", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param != "s3":
        return {"folder": str(tmp_path / "a b"), "file url": f"file://{tmp_path}/a%20b", "memory": "memory://"}[
            request.param
        ]
    client = request.getfixturevalue("s3")
    # As an operator names another endpoint.
    for name, value in {
        "AWS_ENDPOINT_URL": client.meta.endpoint_url,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{tmp_path.name}"


@pytest.fixture
def blobs(url: str) -> Blobs:
    return Blobs(url)


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def leftovers(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> list[str]:
    """What lies in the store that its own list may hide: parts of uploads that were never finished."""
    if url.startswith("s3://"):
        uploads = request.getfixturevalue("s3").list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
        return [upload["Key"] for upload in uploads]
    return [str(path) for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, 2 * PART + 1], ids=["empty", "one", "parts"])
def test_what_is_put_comes_back_every_way(blobs: Blobs, tmp_path: Path, size: int) -> None:
    content = bytes(range(251)) * (size // 251 + 1)
    content = content[:size]
    source = tmp_path / "source"
    source.write_bytes(content)

    blobs.put("a/put", content)
    blobs.put_file("a/file", source)
    sent = asyncio.run(blobs.put_stream("a/stream", stream(content[:1], content[1:]), limit=None))

    assert sent == size
    for key in ("a/put", "a/file", "a/stream"):
        target = tmp_path / "target"
        blobs.fetch(key, target)
        assert blobs.size(key) == size
        assert blobs.get(key) == content
        assert target.read_bytes() == content
        chunks = list(blobs.chunks(key))
        assert b"".join(chunks) == content
        assert max(map(len, chunks), default=0) <= PART


def test_the_last_put_counts(blobs: Blobs) -> None:
    blobs.put("a", b"long before")
    blobs.put("a", b"after")
    assert blobs.get("a") == b"after"


def test_what_is_not_there_is_not_found(blobs: Blobs, tmp_path: Path) -> None:
    for read in (blobs.get, blobs.size, blobs.chunks, lambda key: blobs.fetch(key, tmp_path / "target")):
        with pytest.raises(NotFoundError, match="a/none"):
            read("a/none")
    assert not (tmp_path / "target").exists()
    blobs.delete("a/none")
    blobs.delete_prefix("a")
    assert blobs.list("a") == ()


def test_prefixes_end_where_parts_of_keys_do(blobs: Blobs) -> None:
    for key in ("a/1", "a/b/2", "ab/3", "c"):
        blobs.put(key, b"x")
    assert blobs.list("a") == ("a/1", "a/b/2")
    assert blobs.list("") == ("a/1", "a/b/2", "ab/3", "c")
    blobs.delete_prefix("a")
    assert blobs.list("") == ("ab/3", "c")
    blobs.delete("c")
    assert blobs.list("") == ("ab/3",)


@pytest.mark.parametrize("key", ["../outside", "a/../../outside", "a//b"])
def test_keys_do_not_lead_elsewhere(blobs: Blobs, tmp_path: Path, key: str) -> None:
    with pytest.raises(StorageError, match="cannot be read or written"):
        blobs.put(key, b"x")
    with pytest.raises(StorageError, match="cannot be read or written"):
        asyncio.run(blobs.put_stream(key, stream(b"x"), limit=None))
    assert not list(tmp_path.rglob("outside"))


def test_more_than_allowed_is_refused_and_leaves_nothing(
    blobs: Blobs, url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    assert asyncio.run(blobs.put_stream("a/fits", stream(b"12", b"345"), limit=5)) == 5
    blobs.delete("a/fits")
    with pytest.raises(TooLargeError, match=str(PART)):
        asyncio.run(blobs.put_stream("a/more", stream(b"x" * PART, b"x" * PART), limit=PART))
    assert blobs.list("") == ()
    assert leftovers(url, tmp_path, request) == []


def test_a_stream_that_breaks_leaves_nothing(
    blobs: Blobs, url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * PART
        raise ConnectionResetError("the client has gone")

    with pytest.raises(ConnectionResetError, match="the client has gone"):
        asyncio.run(blobs.put_stream("a/broken", breaks(), limit=None))
    assert blobs.list("") == ()
    assert leftovers(url, tmp_path, request) == []


def test_a_cancelled_stream_leaves_nothing(
    blobs: Blobs, url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    async def cancelled() -> None:
        waiting = asyncio.Event()

        async def stalls() -> AsyncIterator[bytes]:
            for _ in range(3):
                yield b"x" * PART
            waiting.set()
            await asyncio.Event().wait()

        task = asyncio.ensure_future(blobs.put_stream("a/stalled", stalls(), limit=None))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert blobs.list("") == ()
    assert leftovers(url, tmp_path, request) == []


def test_cancelled_at_any_step_it_is_all_there_or_nothing(
    blobs: Blobs, url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    async def cancelled_after(steps: int) -> bool:
        task = asyncio.ensure_future(blobs.put_stream("a/b", stream(b"12", b"34"), limit=None))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return not task.cancelled()

    for steps in range(1, 20):
        done = asyncio.run(cancelled_after(steps))
        assert blobs.list("") == (("a/b",) if done else ())
        blobs.delete("a/b")
    assert leftovers(url, tmp_path, request) == []


def test_what_a_killed_process_leaves_is_not_seen_and_can_be_deleted(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
from panglot.storage.blobs import Blobs

async def stalls():
    for _ in range(3):
        yield b"x" * {PART}
    print("stalled", flush=True)
    await asyncio.Event().wait()

asyncio.run(Blobs(sys.argv[1]).put_stream("a/b", stalls(), limit=None))
"""
    store = tmp_path / "store"
    blobs = Blobs(str(store))
    blobs.put("a/whole", b"x")
    with subprocess.Popen([sys.executable, "-c", code, store], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    assert blobs.list("") == ("a/whole",)
    unfinished = [path for path in store.rglob("*") if path.is_file() and path.name != "whole"]
    assert len(unfinished) == 1

    changed = datetime.fromtimestamp(unfinished[0].stat().st_mtime, UTC)
    blobs.delete_unfinished(changed - timedelta(seconds=1))
    assert unfinished[0].exists()
    blobs.delete_unfinished(changed + timedelta(seconds=1))
    assert [path for path in store.rglob("*") if path.is_file()] == [store / "a" / "whole"]
    assert blobs.get("a/whole") == b"x"


def test_there_is_nothing_unfinished_elsewhere(blobs: Blobs) -> None:
    blobs.put("a", b"x")
    blobs.delete_unfinished(datetime.now(UTC) + timedelta(days=1))
    assert blobs.list("") == ("a",)


def test_many_small_chunks_arrive_in_order(blobs: Blobs) -> None:
    chunks = [bytes([number % 256]) * 1000 for number in range(3000)]
    assert asyncio.run(blobs.put_stream("many", stream(*chunks), limit=None)) == 3_000_000
    assert blobs.get("many") == b"".join(chunks)


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path / "store"))
    (tmp_path / "store" / "file").write_bytes(b"in the way")
    with pytest.raises(StorageError):
        blobs.put("file/below", b"x")
    with pytest.raises(StorageError):
        asyncio.run(blobs.put_stream("file/below", stream(b"x" * PART, b"x" * PART, b"x"), limit=None))


def test_files_of_the_caller_that_are_not_there_are_named(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="missing"):
        blobs.put_file("a", tmp_path / "missing")
    blobs.put("a", b"x")
    with pytest.raises(StorageError, match="target"):
        blobs.fetch("a", tmp_path / "missing" / "target")


@pytest.mark.parametrize("url", ["s3"], indirect=True)
def test_a_bucket_that_does_not_exist_is_an_error(url: str) -> None:
    elsewhere = Blobs("s3://no-such-bucket/x")
    with pytest.raises(StorageError, match="no-such-bucket"):
        elsewhere.put("a", b"x")
    with pytest.raises(StorageError, match="no-such-bucket"):
        elsewhere.list("a")
    with pytest.raises(StorageError, match="no-such-bucket"):
        asyncio.run(elsewhere.put_stream("a", stream(b"x" * PART, b"x"), limit=None))


@pytest.mark.parametrize("url", ["ftp://host/path", "https://host/path"])
def test_other_places_are_refused(url: str) -> None:
    with pytest.raises(StorageError, match="give a folder"):
        Blobs(url)
