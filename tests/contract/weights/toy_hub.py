"""A model hub on this machine that can be told to misbehave."""

import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from toy_model import FILES, REPO, REVISION


@dataclass
class ToyHub:
    """A model hub on this machine; it keeps the ranges it was asked for and can be told to misbehave."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=lambda: dict(FILES))
    asked: list[tuple[str, str]] = field(default_factory=list)
    ranges: bool = True
    break_after: list[int] = field(default_factory=list)
    """How many bytes each of the next answers gives before the connection breaks."""
    stall_after: int | None = None
    """How many bytes an answer gives before it stands still."""
    stalled: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path
        if not path.startswith("/cdn/"):
            # As on the public hub, the bytes are behind a redirect.
            handler.send_response(302)
            handler.send_header("Location", "/cdn" + path)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        name = path.removeprefix(f"/cdn/{REPO}/resolve/{REVISION}/")
        if name not in self.files:
            handler.send_error(404)
            return
        wanted = handler.headers.get("Range", "")
        self.asked.append((name, wanted))
        found = re.fullmatch(r"bytes=(\d+)-", wanted)
        start = int(found[1]) if found and self.ranges else 0
        body = self.files[name][start:]
        handler.send_response(206 if self.ranges else 200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        self._send(handler, body)

    def _send(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        if self.break_after:
            handler.wfile.write(body[: self.break_after.pop(0)])
            handler.close_connection = True
        elif self.stall_after is not None and len(body) > self.stall_after:
            handler.wfile.write(body[: self.stall_after])
            handler.wfile.flush()
            self.stalled.set()
            self.done.wait(60)
            handler.close_connection = True
        else:
            handler.wfile.write(body)
