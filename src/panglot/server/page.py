"""The page, and the files it is made of."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from panglot.errors import NotFoundError

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_LEAST: Final = 256
"""Bytes from which on compressing is worth it."""
_DOCUMENTS: Final = ("text/html", "image/svg+xml")
"""What browsers show by itself; they read a policy with nothing else."""
_NOTE: Final = re.compile(rb"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*$", re.DOTALL | re.MULTILINE)
"""A note for whoever reads the modules, on lines of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file of the page."""

    content: bytes
    packed: bytes | None
    """Compressed, where that makes it smaller."""
    media_type: str
    tag: str
    """Changes with the content."""

    @classmethod
    def of(cls, name: str, content: bytes) -> Asset:
        """Prepare a file of a known type; modules are sent without their notes, each line where it was."""
        if name.endswith(".js"):
            content = _NOTE.sub(lambda note: b"\n" * note[0].count(b"\n"), content)
        packed = gzip.compress(content, mtime=0) if len(content) >= _LEAST else content
        return cls(
            content=content,
            packed=packed if len(packed) < len(content) else None,
            media_type=_type(name) or "",
            tag=f'"{hashlib.sha256(content).hexdigest()[:16]}"',
        )

    def answer(self, request: Request) -> Response:
        """Answer with the file, or with 304 where the browser has it."""
        headers = {"Cache-Control": "no-cache", "ETag": self.tag, "Vary": "Accept-Encoding"}
        if self.media_type.startswith(_DOCUMENTS):
            headers["Content-Security-Policy"] = _POLICY
        if self.tag in request.headers.get("if-none-match", "").replace("W/", ""):
            return Response(status_code=304, headers=headers)
        if self.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, media_type=self.media_type, headers={**headers, "Content-Encoding": "gzip"})
        return Response(self.content, media_type=self.media_type, headers=headers)


def make_router() -> APIRouter:
    """Make the routes of the page; every file is inside the package, so none is fetched from elsewhere."""
    router = APIRouter(include_in_schema=False)
    assets = {name: Asset.of(name, file.read_bytes()) for name, file in _files(resources.files("panglot.web"))}

    @router.get("/")
    def page(request: Request) -> Response:
        return assets["index.html"].answer(request)

    @router.get("/assets/{name:path}")
    def asset(request: Request, name: str) -> Response:
        if name not in assets:
            raise NotFoundError("Not found")
        return assets[name].answer(request)

    return router


def _files(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _files(each, f"{prefix}{each.name}/")
        elif _type(each.name):
            yield f"{prefix}{each.name}", each


def _type(name: str) -> str | None:
    return next((kind for suffix, kind in _TYPES.items() if name.endswith(suffix)), None)
