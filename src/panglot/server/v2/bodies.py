"""Reading a request's body, with a bound on what is kept in memory."""

from __future__ import annotations

from fastapi import Request

from panglot.errors import TooLargeError

LARGEST = 1_000_000
"""Bytes of the JSON of a request; a thousand key terms take a tenth of that."""


async def read_body(request: Request) -> bytes:
    """Return the body of a request, or raise a TooLargeError."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise TooLargeError(f"The body has more than {LARGEST} bytes. Upload recordings to /v2/upload instead.")
    return bytes(body)
