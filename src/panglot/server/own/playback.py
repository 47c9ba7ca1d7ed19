"""The sound of a recording, by a link that needs no key, and its waveform."""

# FastAPI reads the annotations here, and some name what exists only while the router is made: so they are not strings.

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from panglot.errors import NotFoundError
from panglot.server.auth import current_project
from panglot.server.own.parts import errors
from panglot.server.own.ranges import answer
from panglot.server.own.schemas import LinksBody, WaveformBody
from panglot.service import playback, recordings
from panglot.service.links import Link, expiry
from panglot.service.waveform import PEAKS_PER_SECOND, shrink
from panglot.storage.records import Project, TranscriptRow

if TYPE_CHECKING:
    from panglot.service.service import Service

Buckets = Annotated[int, Query(ge=1, le=100_000)]

_BYTES = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in playback.MEDIA_TYPES.values()}
AUDIO_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "All of it", "content": _BYTES},
    206: {"description": "The part that was asked for", "content": _BYTES},
    416: {"description": "There is no such part"},
}
"""What a request for sound may be answered with."""


def add(router: APIRouter, service: "Service", *, base_url: Callable[[Request], str], secret: bytes) -> None:
    """Add the routes of sound."""
    caller = current_project(service)

    @router.post(
        "/recordings/{transcript_id}/links",
        summary="Get a link to the sound, good for a day",
        responses=errors(404),
    )
    def links(request: Request, project: Annotated[Project, Depends(caller)], transcript_id: str) -> LinksBody:
        row = recordings.find(service, project, transcript_id)
        playback.playback_size(service.platform, row)
        link = Link(transcript_id=row.id, project_id=project.id, expires=expiry(datetime.now(UTC)), purpose="playback")
        return LinksBody(audio=link.url(base_url(request), secret), type=playback.media_type(row))

    @router.get(
        "/recordings/{transcript_id}/audio",
        summary="Fetch the sound, or a part of it, by a link that needs no key",
        response_class=Response,
        responses={**AUDIO_RESPONSES, **errors(404)},
    )
    def audio(request: Request, transcript_id: str, project: str, expires: int, signature: str) -> Response:
        link = Link(transcript_id=transcript_id, project_id=project, expires=expires, purpose="playback")
        if not link.is_signed_by(secret, signature) or link.expired:
            raise NotFoundError("There is nothing under this link, or it has expired.")
        # Whose it is was checked when the link was signed, so the rest of the project does not matter.
        owner = Project(id=project, name="", created=datetime.now(UTC))
        return audio_answer(service, request, recordings.find(service, owner, transcript_id))

    @router.get(
        "/recordings/{transcript_id}/waveform", summary="Read how loud it is, to draw it", responses=errors(404)
    )
    def waveform(
        project: Annotated[Project, Depends(caller)], transcript_id: str, buckets: Buckets = 2000
    ) -> WaveformBody:
        return waveform_body(service, recordings.find(service, project, transcript_id), buckets)


def audio_answer(service: "Service", request: Request, row: TranscriptRow) -> Response:
    """Answer with the sound of a recording, or with the part that was asked for."""
    platform = service.platform
    return answer(
        request.headers,
        size=playback.playback_size(platform, row),
        read=lambda start, end: playback.playback_range(platform, row, start=start, end=end),
        media_type=playback.media_type(row),
        tag=f"{row.id}-{row.attempt}",
    )


def waveform_body(service: "Service", row: TranscriptRow, buckets: int) -> WaveformBody:
    """Return the waveform of a recording; raises a `NotFoundError` where its sound is not kept."""
    peaks = playback.waveform(service.platform, row)
    return WaveformBody(duration=round(len(peaks) / PEAKS_PER_SECOND, 3), peaks=shrink(peaks, buckets))
