"""Around every request: a line in the log, and a place in the metrics."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from panglot.server.metrics import Metrics

UNMATCHED: Final = "unmatched"
"""Stands for the route of requests that no route is for, or that were refused before one was looked for."""
GONE: Final = 499
"""Stands for the status of an answer that nobody waited for."""

_TOKEN = re.compile(r"(/panglot/shared/)[^/]+")
_QUIET = frozenset({"/healthz", "/livez", "/metrics", "/readyz"})
"""Asked for every few seconds by machines."""

_IDS = ("transcript_id", "id")
"""What routes call a transcript's id in their path."""

_log = structlog.get_logger("panglot.access")


class Access:
    """Middleware that logs and counts each request once it is answered.

    It goes around everything else, so that refused requests count too. The request's id is taken from
    ``scope["state"]["request_id"]``, where a middleware inside has put one there.

    Parameters
    ----------
    app
        What answers.
    metrics
        Where requests are counted.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})  # one dictionary for everybody inside, whoever asks first
        status = GONE
        started = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            status = 500
            _log.exception("request_failed", **_about(scope))
            raise
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        self._metrics.observe(method=scope["method"], route=route_of(scope), status=status, seconds=seconds)
        log = _log.debug if scope["path"] in _QUIET else _log.info
        log("request", status=status, ms=round(seconds * 1000, 1), **_about(scope))


def route_of(scope: Scope) -> str:
    """Return the template of the route that answered, such as ``/v2/transcript/{transcript_id}``."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", UNMATCHED))


def shown_path(path: str) -> str:
    """Return a path as it may be written down: without the token that opens what is shared."""
    return _TOKEN.sub(r"\1{token}", path)


def _about(scope: Scope) -> dict[str, str]:
    """What a line says of a request; never its query, which may hold what somebody searches for."""
    state: Mapping[str, str] = scope["state"]
    params: Mapping[str, str] = scope.get("path_params") or {}
    transcript = next((params[name] for name in _IDS if name in params), None)
    found = {"request_id": state.get("request_id"), "transcript": transcript}
    return {
        "method": scope["method"],
        "path": shown_path(scope["path"]),
        **{name: value for name, value in found.items() if value is not None},
    }
