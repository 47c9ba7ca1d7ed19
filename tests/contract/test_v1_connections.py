"""Connections that do not go as planned leave neither jobs nor uploads behind."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from v1_server import KEY, V1Service, make_app, serving

from panglot.testing import make_segment, make_transcript

BOUNDARY = "edge"
PATIENCE = 30.0
"""Seconds that a test waits for something that takes far less."""


@pytest.fixture
def service() -> V1Service:
    return V1Service()


@pytest.fixture
def connection(service: V1Service) -> Iterator[socket.socket]:
    with serving(make_app(service)) as address:
        host, _, port = address.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
            yield connection


def body(*fields: tuple[str, bytes]) -> bytes:
    parts = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="a"\r\n\r\n'.encode()
        + value
        + b"\r\n"
        for name, value in fields
    )
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def head(length: int | None, *, path: str = "/v1/audio/transcriptions") -> bytes:
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n{size}\r\n\r\n"
    ).encode()


def until(connection: socket.socket, text: bytes) -> bytes:
    answer = b""
    while text not in answer:
        block = connection.recv(65536)
        assert block, answer
        answer += block
    return answer


def test_a_client_that_leaves_while_it_waits_cancels_its_job(service: V1Service, connection: socket.socket) -> None:
    content = body(("file", b"abc"), ("model", b"x"))
    connection.sendall(head(len(content)) + content)
    assert service.submitted.wait(PATIENCE)
    connection.close()
    assert service.cancelled.wait(PATIENCE)
    (row,) = service.rows.values()
    assert row.cancelled


def test_a_client_that_leaves_a_stream_cancels_its_job(service: V1Service, connection: socket.socket) -> None:
    service.recognised(make_transcript(make_segment()), segments=1)
    content = body(("file", b"abc"), ("stream", b"true"))
    connection.sendall(head(len(content)) + content)
    assert b"transcript.text.delta" in until(connection, b"\n\n")
    connection.close()
    assert service.cancelled.wait(PATIENCE)


@pytest.mark.parametrize("lost", [20, 500, 50_000])
def test_a_body_that_breaks_off_leaves_nothing(service: V1Service, connection: socket.socket, lost: int) -> None:
    content = body(("file", b"x" * 100_000), ("prompt", b"y" * 1000))
    connection.sendall(head(len(content)) + content[:-lost])
    connection.close()
    assert service.refused.wait(PATIENCE)
    assert (service.uploads, service.rows) == ({}, {})


def test_a_body_without_its_end_is_refused(service: V1Service, connection: socket.socket) -> None:
    content = body(("file", b"x" * 1000))[:-6]
    connection.sendall(head(len(content)) + content)
    assert b"400 Bad Request" in until(connection, b"}}")
    assert service.uploads == {}


@pytest.mark.parametrize("first", ["file", "language"])
def test_fields_count_on_either_side_of_the_file(service: V1Service, connection: socket.socket, first: str) -> None:
    fields = sorted([("file", b"x" * 100_000), ("language", b"de")], key=lambda field: field[0] != first)
    content = body(*fields)
    blocks = [content[start : start + 7000] for start in range(0, len(content), 7000)]
    chunks = b"".join(f"{len(block):x}\r\n".encode() + block + b"\r\n" for block in blocks)
    connection.sendall(head(None) + chunks + b"0\r\n\r\n")
    assert service.submitted.wait(PATIENCE)
    assert [request.language for request in service.requests.values()] == ["de"]
    assert list(service.contents.values()) == [b"x" * 100_000]


def test_a_refused_client_may_finish_sending_and_reads_why(service: V1Service, connection: socket.socket) -> None:
    service.largest = 1000
    content = body(("file", b"x" * 5_000_000))
    connection.sendall(head(len(content)) + content)
    assert b"413 " in until(connection, b"}}").splitlines()[0]
