"""What the endpoints under ``/panglot`` share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from panglot.server.own.schemas import Error, RecordingBody
from panglot.service.playback import is_playable
from panglot.storage.records import TranscriptRow

_LEAST_TIME = 0.001


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documented errors of an endpoint that asks for a key."""
    return {status: {"model": Error} for status in (400, 401, *statuses, 429, 500, 503)}


def moment(time: datetime | None) -> str | None:
    """Return a time of day as ISO 8601."""
    return None if time is None else time.astimezone(UTC).isoformat(timespec="milliseconds")


def recording(row: TranscriptRow, *, ahead: int | None = None, now: datetime | None = None) -> RecordingBody:
    """Write a recording.

    Parameters
    ----------
    row
        Its row.
    ahead
        Jobs that go before it.
    now
        The time, unless it is now.

    Returns
    -------
    RecordingBody
        Without the places of a search.
    """
    speed = _speed(row, now or datetime.now(UTC))
    remaining = None
    if row.status == "processing" and speed and row.duration is not None and row.stage != "planning":
        remaining = round(max(0.0, row.duration - row.seconds_done) / speed, 1)
    return RecordingBody(
        id=row.id,
        name=row.name,
        status=row.status,
        stage=row.stage,
        created=moment(row.created) or "",
        completed=moment(row.completed),
        duration=None if row.duration is None else round(row.duration, 3),
        seconds_done=round(row.seconds_done, 3),
        ahead=ahead,
        speed=None if speed is None else round(speed, 2),
        remaining=remaining,
        error=row.error,
        languages=list(row.summary.get("languages", ())),
        speakers=row.summary.get("speakers", 0),
        revision=row.revision,
        excerpt=row.summary.get("excerpt"),
        has_audio=is_playable(row),
        shared=row.share_digest is not None,
    )


def _speed(row: TranscriptRow, now: datetime) -> float | None:
    if row.started is None or not row.seconds_done:
        return None
    return row.seconds_done / max(_LEAST_TIME, ((row.completed or now) - row.started).total_seconds())
