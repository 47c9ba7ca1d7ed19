"""Parts of a file, as browsers ask for them when somebody seeks (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from starlette.responses import Response, StreamingResponse

_ONE = re.compile(r"bytes=(\d*)-(\d*)", re.IGNORECASE)
_MOST_DIGITS = 18


def answer(
    headers: Mapping[str, str],
    *,
    size: int,
    read: Callable[[int, int], Iterator[bytes]],
    media_type: str,
    tag: str,
) -> Response:
    """Answer with a file or the part of it that was asked for.

    Parameters
    ----------
    headers
        Of the request.
    size
        Bytes of the file.
    read
        Yields the bytes from one position to before another.
    media_type
        Of the file.
    tag
        Stands for its content, without quotes.

    Returns
    -------
    Response
        200 with all of it, 206 with one part, or 416. Several parts at once are not served: all of it is.
    """
    entity = f'"{tag}"'
    known = {"Accept-Ranges": "bytes", "ETag": entity, "Cache-Control": "private, max-age=3600"}
    wanted = _ONE.fullmatch(headers.get("range", "").strip())
    if wanted is None or headers.get("if-range", entity) != entity or wanted.group() == "bytes=-":
        return StreamingResponse(read(0, size), media_type=media_type, headers={**known, "Content-Length": str(size)})
    start, end = _bounds(*wanted.groups(), size=size)
    if start >= end:
        return Response(status_code=416, headers={**known, "Content-Range": f"bytes */{size}"})
    return StreamingResponse(
        read(start, end),
        status_code=206,
        media_type=media_type,
        headers={
            **known,
            "Content-Range": f"bytes {start}-{end - 1}/{size}",
            "Content-Length": str(end - start),
        },
    )


def _bounds(first: str, last: str, *, size: int) -> tuple[int, int]:
    """From which byte to before which; an empty stretch where there are none."""
    if not first:
        return max(0, size - _number(last)), size
    return _number(first), size if not last else min(size, _number(last) + 1 if _number(last) >= _number(first) else 0)


def _number(digits: str) -> int:
    return int(digits[:_MOST_DIGITS]) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS
