"""The order in which a request passes what protects the application."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from starlette.types import ASGIApp

from panglot.server.envelope import RequestIds, SecurityHeaders
from panglot.server.limits import BodyLimits, HeaderLimits, Pace
from panglot.server.own.schemas import MOST_BYTES
from panglot.server.rates import RateLimit, TokenBuckets, UploadSlots

_RAW_UPLOAD: Final = "/v2/upload"
_FORMS: Final = "/v1/audio/"
_DOCUMENTS: Final = "/panglot/recordings/"
_FORM_BYTES: Final = 1 << 20
"""What a form may hold beside its file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """What one process takes from its clients."""

    upload_bytes: int
    """The largest file."""
    body_bytes: int = 1 << 20
    """The largest body of any other request."""
    requests_per_minute: float | None = None
    """Of one caller; those of ten seconds may come at once. None for as many as there are."""
    uploads: int = 512
    """Files that may come at the same time."""
    uploads_per_caller: int = 256
    pace: Pace = field(default_factory=Pace)


def protect(app: ASGIApp, limits: HttpLimits) -> ASGIApp:
    """Put everything around an application that keeps harm from it.

    It goes around all of the application, the framework's own handling of errors too, so that every answer has an id.

    Parameters
    ----------
    app
        The application.
    limits
        What it takes from its clients.

    Returns
    -------
    ASGIApp
        For the HTTP server.
    """
    sizes: dict[str, int] = {
        _RAW_UPLOAD: limits.upload_bytes,
        _FORMS: limits.upload_bytes + _FORM_BYTES,
        _DOCUMENTS: MOST_BYTES,
    }
    bounded = BodyLimits(app, largest=sizes, otherwise=limits.body_bytes, pace=limits.pace)
    slotted = UploadSlots(
        bounded, paths=(_RAW_UPLOAD, _FORMS), most=limits.uploads, per_caller=limits.uploads_per_caller
    )
    return RequestIds(SecurityHeaders(HeaderLimits(_rated(slotted, limits.requests_per_minute))))


def _rated(app: ASGIApp, per_minute: float | None) -> ASGIApp:
    if per_minute is None:
        return app
    return RateLimit(app, buckets=TokenBuckets(rate=per_minute / 60, burst=max(1.0, per_minute / 6)))
