"""The page, and the files it is made of."""

from importlib import resources
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from panglot.errors import NotFoundError

_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_POLICY: Final = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "media-src 'self' blob:"
)


def make_router() -> APIRouter:
    """Make the routes of the page; every file is inside the package, so none is fetched from elsewhere."""
    router = APIRouter(include_in_schema=False)
    files = {each.name: each.read_bytes() for each in resources.files("panglot.web").iterdir() if _type(each.name)}

    @router.get("/")
    def page() -> Response:
        return _answer("index.html", files["index.html"])

    @router.get("/assets/{name}")
    def asset(name: str) -> Response:
        if name not in files:
            raise NotFoundError("Not found")
        return _answer(name, files[name])

    return router


def _type(name: str) -> str | None:
    return next((kind for suffix, kind in _TYPES.items() if name.endswith(suffix)), None)


def _answer(name: str, content: bytes) -> Response:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
    return Response(content, media_type=_type(name), headers=headers)
