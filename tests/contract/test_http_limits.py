"""Clients of a real server get to read why their request was refused, and what they sent is not kept."""

from __future__ import annotations

import importlib.util
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from panglot.server.errors import install
from panglot.server.limits import Pace
from panglot.server.protection import HttpLimits, protect

LIMIT = 1_000_000


@dataclass
class Running:
    port: int
    kept: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def application(kept: list[int]) -> FastAPI:
    app = FastAPI()
    install(app)

    @app.post("/v2/upload")
    async def upload(request: Request) -> dict[str, int]:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
        kept.append(size)
        return {"size": size}

    @app.post("/v1/audio/transcriptions")
    async def form(request: Request) -> dict[str, int]:
        async with request.form() as sent:
            size = sum(getattr(value, "size", 0) for value in sent.values())
        kept.append(size)
        return {"size": size}

    @app.get("/v2/bug")
    async def bug() -> None:
        raise KeyError

    return app


@pytest.fixture(params=["h11", "httptools"], scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[Running]:
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    kept: list[int] = []
    limits = HttpLimits(upload_bytes=LIMIT, pace=Pace(idle=0.3, rate=10.0, grace=0.5))
    config = uvicorn.Config(
        protect(application(kept), limits), port=0, http=request.param, log_config=None, lifespan="off"
    )
    uvicorn_server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=uvicorn_server.run, args=([listening],))
        thread.start()
        while not uvicorn_server.started:
            time.sleep(0.01)
        yield Running(listening.getsockname()[1], kept)
        uvicorn_server.should_exit = True
        thread.join()


@pytest.fixture(autouse=True)
def nothing_kept(server: Running) -> None:
    server.kept.clear()


def converse(server: Running, *parts: bytes) -> bytes:
    """Send parts, one after the other, and read until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        for part in parts:
            connection.sendall(part)
        answer = b""
        while block := connection.recv(65_536):
            answer += block
    return answer


def head(path: str, *lines: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


def endless(size: int) -> Iterator[bytes]:
    for _ in range(size // 1000):
        yield bytes(1000)


def test_uploads_up_to_the_limit_are_taken(server: Running) -> None:
    for content in (bytes(LIMIT), endless(LIMIT)):
        assert httpx.post(f"{server.url}/v2/upload", content=content).json() == {"size": LIMIT}
    assert server.kept == [LIMIT, LIMIT]


def test_an_ordinary_client_reads_why_its_upload_is_too_large(server: Running) -> None:
    for content in (bytes(5 * LIMIT), endless(5 * LIMIT)):
        answer = httpx.post(f"{server.url}/v2/upload", content=content)
        assert answer.status_code == 413
        assert str(LIMIT) in answer.json()["error"]
        assert answer.headers["x-request-id"]
    assert server.kept == []


def test_a_form_that_is_too_large_is_refused_in_the_form_of_its_api(server: Running) -> None:
    url = f"{server.url}/v1/audio/transcriptions"
    assert httpx.post(url, files={"file": bytes(LIMIT)}).status_code == 200
    answer = httpx.post(url, files={"file": bytes(5 * LIMIT)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")

    def chunked() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        yield from endless(5 * LIMIT)

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert httpx.post(url, content=chunked(), headers=headers).status_code == 413


def test_who_asks_first_is_refused_before_sending(server: Running) -> None:
    answer = converse(server, head("/v2/upload", f"Content-Length: {10 * LIMIT}", "Expect: 100-continue"))
    assert answer.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "parts",
    [
        (head("/v2/upload", "Content-Length: 1000"), b"only this"),
        (head("/v2/upload", "Transfer-Encoding: chunked"), b"4\r\nonly\r\n"),
        (
            head("/v1/audio/transcriptions", "Content-Length: 1000", "Content-Type: multipart/form-data; boundary=b"),
            b"--b",
        ),
    ],
)
def test_a_body_that_stops_is_given_up_and_the_connection_closed(server: Running, parts: tuple[bytes, ...]) -> None:
    answer = converse(server, *parts)
    assert answer.startswith(b"HTTP/1.1 408")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert server.kept == []


def test_an_upload_that_breaks_off_is_not_kept_and_no_bug(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head("/v2/upload", "Content-Length: 1000") + b"half")
    assert httpx.get(f"{server.url}/v2/nothing").status_code == 404
    assert server.kept == []


def test_a_connection_goes_on_after_a_request_without_a_body_was_refused(server: Running) -> None:
    with httpx.Client(base_url=server.url) as client:
        assert client.get("/v2/bug", headers=[("X-A", "1")] * 200).status_code == 431
        assert client.get("/v2/nothing").status_code == 404


def test_a_bug_answers_with_an_id_and_nothing_about_itself(server: Running) -> None:
    answer = httpx.get(f"{server.url}/v2/bug")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"]
    assert "KeyError" not in answer.text
