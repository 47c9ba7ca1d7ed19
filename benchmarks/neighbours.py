"""HTTP servers that stand beside the service: one that webhooks go to, and one that recordings are fetched from."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request that a webhook's receiver got."""

    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: dict[str, Any]
    moment: float
    """Of `time.monotonic`."""


@dataclass
class Receiver:
    """Gets webhooks, and answers as it is told."""

    url: str
    calls: list[Call] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    """What the next calls are answered with; 200 when there is none left."""
    open: threading.Event = field(default_factory=threading.Event)
    """Answers wait until it is set."""
    began: threading.Event = field(default_factory=threading.Event)
    """Set when a call has come in, before it is answered."""

    def of(self, transcript_id: str) -> list[Call]:
        """Return the calls about one transcript."""
        return [call for call in self.calls if call.body.get("transcript_id") == transcript_id]

    def wait(self, count: int, *, seconds: float) -> list[Call]:
        """Wait until so many calls have come in; return those that have when the time is up."""
        deadline = time.monotonic() + seconds
        while len(self.calls) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return list(self.calls)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver on a free loopback port; it answers at once until told otherwise."""

    class Handler(_Quiet):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            state.began.set()
            state.open.wait()
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.calls.append(Call(path=self.path, headers=headers, body=json.loads(body), moment=time.monotonic()))
            self.send_response(state.statuses.pop(0) if state.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with _running(Handler) as address:
        state = Receiver(url=f"{address}/hook")
        state.open.set()
        try:
            yield state
        finally:
            state.open.set()


@dataclass
class Files:
    """Serves bytes by path."""

    url: str
    contents: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    """The path of every request that came in."""
    open: threading.Event = field(default_factory=threading.Event)
    """Where not set, half of the bytes are sent and the rest waits."""


@contextmanager
def files() -> Iterator[Files]:
    """Run a server of files on a free loopback port; it sends them at once until told otherwise."""

    class Handler(_Quiet):
        def do_GET(self) -> None:
            state.requests.append(self.path)
            if self.path in state.redirects:
                self.send_response(302)
                self.send_header("Location", state.redirects[self.path])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            content = state.contents.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if content is not None and self.command == "GET":
                self.wfile.write(content[: len(content) // 2])
                self.wfile.flush()
                state.open.wait()
                self.wfile.write(content[len(content) // 2 :])

        def do_HEAD(self) -> None:
            self.do_GET()

    with _running(Handler) as address:
        state = Files(url=address)
        state.open.set()
        try:
            yield state
        finally:
            state.open.set()


class _Quiet(BaseHTTPRequestHandler):
    """Writes nothing to the terminal."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    """A handler may be waiting for a client that was killed."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients are killed on purpose here."""


@contextmanager
def _running(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
