"""The list of a project's transcripts, a page at a time, with absolute URLs of the pages before and after."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from panglot.server.v2.parts import Json
from panglot.server.v2.render import DELETED_URL
from panglot.server.v2.schemas import ListParameters
from panglot.storage.records import TranscriptPage, TranscriptRow


def page_json(page: TranscriptPage, params: ListParameters, *, base_url: str) -> Json:
    """Write a page of the list.

    Parameters
    ----------
    page
        Newest first.
    params
        What was asked for; its filters stay in the URLs of the other pages.
    base_url
        Of this server as its clients see it, without a slash at the end.

    Returns
    -------
    dict
        ``prev_url`` leads to older transcripts, ``next_url`` to newer ones; null where there are none.
    """
    rows = page.rows
    older = {"before_id": rows[-1].id} if rows and page.has_older else None
    newer = {"after_id": rows[0].id} if rows and page.has_newer else None
    here = {name: value for name in ("before_id", "after_id") if (value := getattr(params, name)) is not None}
    return {
        "page_details": {
            "limit": params.limit,
            "result_count": len(rows),
            "current_url": _url(base_url, params, here),
            "prev_url": older and _url(base_url, params, older),
            "next_url": newer and _url(base_url, params, newer),
        },
        "transcripts": [_item(row, base_url) for row in rows],
    }


def resource_url(base_url: str, transcript_id: str) -> str:
    """Return the URL of a transcript."""
    return f"{base_url}/v2/transcript/{transcript_id}"


def _url(base_url: str, params: ListParameters, place: dict[str, str]) -> str:
    filters = params.model_dump(mode="json", include={"status", "created_on"}, exclude_none=True)
    return f"{base_url}/v2/transcript?{urlencode({'limit': params.limit, **filters, **place})}"


def _item(row: TranscriptRow, base_url: str) -> Json:
    return {
        "id": row.id,
        "resource_url": resource_url(base_url, row.id),
        "status": row.status,
        "created": _moment(row.created),
        "completed": None if row.completed is None else _moment(row.completed),
        "audio_url": DELETED_URL if row.deleted else row.audio_url,
        "error": row.error if row.status == "error" and not row.deleted else None,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
