"""The recording without personal data: whether there is one, and the link to it."""

from __future__ import annotations

from panglot.errors import RequestError
from panglot.service.links import Link, expiry
from panglot.service.requests import Redaction, TranscriptionRequest
from panglot.storage.records import TranscriptRow

_MEDIA_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav"}

MEDIA_TYPES = tuple(_MEDIA_TYPES.values())
"""All that it can be."""


def is_pending(row: TranscriptRow) -> bool:
    """Whether it was asked for and is still being made."""
    return row.status in ("queued", "processing") and _wanted(row) is not None


def link_to(row: TranscriptRow) -> Link:
    """Return the link to it, not yet signed.

    Parameters
    ----------
    row
        The job; not pending.

    Returns
    -------
    Link
        Good for 24 hours from when it was made.

    Raises
    ------
    RequestError
        If there is none, or it has expired.
    """
    if _wanted(row) is None:
        raise RequestError("There is no redacted audio: the request did not ask for redact_pii_audio.")
    made = row.redacted_at or row.completed
    if row.redacted_key is None or made is None:
        raise RequestError("There is no redacted audio: it was not made, or it has expired.")
    link = Link(transcript_id=row.id, project_id=row.project_id, expires=expiry(made))
    require_fresh(link)
    return link


def require_fresh(link: Link) -> None:
    """Raise a RequestError if a link has expired."""
    if link.expired:
        raise RequestError("The redacted audio has expired. It is kept for 24 hours.")


def media_type(row: TranscriptRow) -> str:
    """Return the media type of it."""
    wanted = _wanted(row)
    return _MEDIA_TYPES["mp3" if wanted is None else wanted.audio_quality]


def _wanted(row: TranscriptRow) -> Redaction | None:
    if row.deleted:
        return None
    redaction = TranscriptionRequest.from_plain(row.request).redaction
    return redaction if redaction is not None and redaction.audio else None
