"""What every answer carries: the request's id, and headers that keep browsers from doing harm with it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from panglot.server.refusing import values

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")

_ALWAYS: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=()",
}
_API: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_TLS: Final[Mapping[str, str]] = {"Strict-Transport-Security": "max-age=31536000"}
_API_PATHS: Final = ("/panglot/", "/v1/", "/v2/", "/v3/")


class RequestIds:
    """Gives each request an id: the client's ``X-Request-Id`` if that is a plain word, else a new one.

    The answer carries it, log lines written meanwhile do, and the application finds it in ``request.state.request_id``.

    Parameters
    ----------
    app
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add to its answer."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        sent = values(scope, b"x-request-id")
        plain = len(sent) == 1 and _REQUEST_ID.fullmatch(sent[0])
        request_id = sent[0].decode() if plain else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._app(scope, receive, named)


class SecurityHeaders:
    """Adds what tells browsers to be careful. A header that the application has set stays as it is.

    Parameters
    ----------
    app
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = {
            **_ALWAYS,
            **(_API if scope["path"].startswith(_API_PATHS) else {}),
            **(_TLS if scope["scheme"] == "https" else {}),
        }

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, careful)
