"""Server-sent events: what the WHATWG's HTML standard calls the event stream format."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.responses import StreamingResponse

from panglot.units import Seconds

HEARTBEAT: Final[Seconds] = 15.0
"""Silence after which a comment is sent, so that nothing on the way takes the connection for dead."""

ALIVE: Final = b": alive\n\n"
"""A comment, which clients skip."""

SCHEMA: Final = {
    "type": "object",
    "required": ["data"],
    "properties": {"event": {"type": "string"}, "id": {"type": "string"}, "data": {"type": "string"}},
}
"""One event, for the OpenAPI document."""


def event(data: Any, *, name: str | None = None, id: str | None = None) -> bytes:  # noqa: A002 - the field's name
    """Return one event.

    Parameters
    ----------
    data
        Plain values, sent as JSON on one line; a string is sent as it is, and has no line breaks.
    name
        Type of the event, where clients tell events apart by it.
    id
        What a client sends as ``Last-Event-ID`` when it comes back.

    Returns
    -------
    bytes
        The event with the blank line that ends it.
    """
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, allow_nan=False)
    lines = [f"event: {name}"] * (name is not None) + [f"id: {id}"] * (id is not None) + [f"data: {text}"]
    return ("\n".join(lines) + "\n\n").encode()


def respond(events: AsyncIterator[bytes], **headers: str) -> StreamingResponse:
    """Answer with events as they come; no cache or proxy on the way may hold them back."""
    kept = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", **headers}
    return StreamingResponse(events, media_type="text/event-stream", headers=kept)
