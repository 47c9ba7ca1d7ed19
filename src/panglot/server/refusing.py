"""Refusing a request before the application has answered it, so that the client gets to read why."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from starlette.types import Receive, Scope, Send

from panglot.server.errors import error_body
from panglot.units import Seconds

DRAIN_SECONDS: Final = 5.0
"""How long the rest of a body is read and thrown away: many clients look at the answer only when they have sent all."""


async def refuse(
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    status: int,
    message: str,
    code: str,
    retry_after: Seconds | None = None,
    drain: Seconds = DRAIN_SECONDS,
) -> None:
    """Answer with an error in the form of the path's API, and close the connection if a body is on its way.

    Parameters
    ----------
    scope
        Of the request.
    receive
        Gives the rest of the body.
    send
        Takes the answer.
    status
        HTTP status.
    message
        What was given, what is allowed, what to do.
    code
        Stable code of the error.
    retry_after
        Seconds after which to try again, where that helps.
    drain
        Seconds for which the rest of a body is read.
    """
    body = json.dumps(error_body(scope["path"], status, message, code=code)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if retry_after is not None:
        headers.append((b"retry-after", str(max(1, math.ceil(retry_after))).encode()))
    sending = has_body(scope)
    if sending:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": sending})
    if sending:
        # Who sends Expect has not begun to send: reading would invite it to.
        if not values(scope, b"expect"):
            await _drain(receive, drain)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def has_body(scope: Scope) -> bool:
    """Say whether a request announces a body."""
    return bool(values(scope, b"transfer-encoding")) or any(each != b"0" for each in values(scope, b"content-length"))


def values(scope: Scope, name: bytes) -> list[bytes]:
    """Return all values of a header."""
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return [value for key, value in headers if key.lower() == name]


async def _drain(receive: Receive, seconds: Seconds) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while is_unfinished(await receive()):
                pass


def is_unfinished(message: Mapping[str, object]) -> bool:
    """Say whether more of the body follows a message."""
    return message["type"] == "http.request" and bool(message.get("more_body", False))
