"""Taking a form apart while it comes in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect

from panglot.errors import RequestError
from panglot.server.v1.multipart import FormReader

BOUNDARY = "----edge"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def part(name: str, content: bytes, *, filename: str | None = None) -> bytes:
    disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
    return f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


async def sent(blocks: Iterable[bytes], *, gone: bool = False) -> AsyncIterator[bytes]:
    for block in blocks:
        yield block
    if gone:
        raise ClientDisconnect


def reader(blocks: Iterable[bytes], *, gone: bool = False, refused: str | None = None) -> FormReader:
    def check(name: str) -> None:
        if name == refused:
            raise RequestError("not this one")

    return FormReader(TYPE, sent(blocks, gone=gone), file="file", check_name=check)


def read(
    blocks: Iterable[bytes], *, gone: bool = False, refused: str | None = None
) -> tuple[bytes, list[tuple[str, str]]]:
    taken = reader(blocks, gone=gone, refused=refused)

    async def everything() -> bytes:
        return b"".join([block async for block in taken.blocks()])

    return asyncio.run(everything()), taken.fields


def cut(body: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    start = 0
    for size in sizes:
        yield body[start : start + size]
        start += size
    yield body[start:]


@given(
    before=st.lists(st.tuples(st.sampled_from(["model", "keywords[]", "prompt"]), st.text(max_size=20)), max_size=4),
    after=st.lists(st.tuples(st.sampled_from(["language", "stream"]), st.text(max_size=20)), max_size=4),
    content=st.binary(max_size=300) | st.just(f"\r\n--{BOUNDARY}x\r\n--{BOUNDARY[:-1]}\r".encode()),
    sizes=st.lists(st.integers(0, 40), max_size=30),
)
def test_a_form_is_read_the_same_wherever_its_bytes_are_cut(
    before: list[tuple[str, str]], after: list[tuple[str, str]], content: bytes, sizes: list[int]
) -> None:
    fields = [part(name, value.encode()) for name, value in before]
    rest = [part(name, value.encode()) for name, value in after]
    body = form(*fields, part("file", content, filename="a.wav"), *rest)
    if f"\r\n--{BOUNDARY}\r\n".encode() in content:
        return
    assert read(cut(body, sizes)) == (content, [*before, *after])


def test_the_file_is_handed_on_before_more_is_read() -> None:
    size, asked = 1000, 0

    def blocks() -> Iterator[bytes]:
        nonlocal asked
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"\r\n\r\n'.encode()
        for _ in range(5000):
            asked += size
            yield b"x" * size
        yield f"\r\n--{BOUNDARY}--\r\n".encode()

    async def largest_backlog() -> int:
        passed, backlog = 0, 0
        async for block in reader(blocks()).blocks():
            passed += len(block)
            backlog = max(backlog, asked - passed)
        assert passed == 5000 * size
        return backlog

    assert asyncio.run(largest_backlog()) <= size


@pytest.mark.parametrize("lost", [1, 5, 30, 200])
def test_a_body_that_ends_early_is_refused(lost: int) -> None:
    body = form(part("file", b"x" * 500), part("model", b"base"))
    end = body.rindex(b"--")  # without the two last hyphens it is not the last boundary
    with pytest.raises(RequestError, match="ends before its last boundary"):
        read([body[: end + 1 - lost]])


def test_a_client_that_goes_away_is_an_error_of_its_request() -> None:
    with pytest.raises(RequestError, match="went away"):
        read([form(part("file", b"x" * 500))[:100]], gone=True)


def test_without_a_file_there_is_nothing_to_do() -> None:
    with pytest.raises(RequestError, match="no part 'file'"):
        read([form(part("model", b"base"))])


def test_two_files_are_refused() -> None:
    with pytest.raises(RequestError, match="several parts"):
        read([form(part("file", b"a"), part("file", b"b"))])


def test_a_refused_field_is_not_read() -> None:
    content = part("known", b"x" * 100_000)
    with pytest.raises(RequestError, match="not this one"):
        read([form(content)], refused="known")


@pytest.mark.parametrize(
    ("body", "match"),
    [
        (form(part("prompt", b"x" * 65_537)), "'prompt' has more than 65536 bytes"),
        (form(*[part("prompt", b"x" * 60_000)] * 20), "more than 1048576 bytes together"),
        (form(*[part("a", b"")] * 2001), "more than 2000 fields"),
        (form(part("file", b"a")) + b"x" * 1_100_000, "more than 1048576 bytes together"),
        (form(part("prompt", b"\xff\xfe")), "'prompt' is not UTF-8"),
        (form(part("", b"a")), "has no name"),
        (b"no form at all", "malformed"),
        (f"--{BOUNDARY}\r\nX: {'y' * 100_000}\r\n\r\n".encode(), "malformed"),
        (f"--{BOUNDARY}\r\n--{BOUNDARY}\r\n".encode(), "malformed"),
        (f"--{BOUNDARY}\r\n".encode() + b"X: y\r\n" * 100 + b"\r\n", "malformed"),
    ],
    ids=["field", "fields", "count", "epilogue", "bytes", "nameless", "text", "header", "boundary", "headers"],
)
def test_what_is_too_much_or_malformed_is_refused(body: bytes, match: str) -> None:
    with pytest.raises(RequestError, match=match):
        read([body[start : start + 50_000] for start in range(0, len(body), 50_000)])


@pytest.mark.parametrize(
    "kind", [None, "", "application/json", "multipart/form-data", f"multipart/form-data; boundary={'x' * 300}"]
)
def test_only_forms_are_taken(kind: str | None) -> None:
    with pytest.raises(RequestError, match=r"multipart/form-data"):
        FormReader(kind, sent([]), file="file", check_name=lambda name: None)


def test_the_name_of_a_file_is_not_looked_at() -> None:
    assert read([form(part("file", b"abc", filename="../../etc/passwd"))]) == (b"abc", [])


def test_draining_ends() -> None:
    asked = 0

    def endless() -> Iterator[bytes]:
        nonlocal asked
        while True:
            asked += 1_000_000
            yield b"x" * 1_000_000

    asyncio.run(reader(endless()).drain())
    assert asked < 20_000_000
