"""The list of recordings, and what can be done with one as a whole."""

# FastAPI reads the annotations here, and some name what exists only while the router is made: so they are not strings.

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query

from panglot.server.auth import current_project
from panglot.server.own.parts import errors, recording
from panglot.server.own.schemas import MatchBody, RecordingBody, RecordingsBody
from panglot.service import recordings
from panglot.storage.records import Project, Status, TextLine, TranscriptRow

if TYPE_CHECKING:
    from panglot.service.service import Service

_Id = Annotated[str, Query(pattern=r"^[0-9A-Za-z-]{1,64}$")]


def add(router: APIRouter, service: "Service") -> None:
    """Add the routes of recordings."""
    caller = current_project(service)

    @router.get("/recordings", summary="List recordings, newest first, or search in them", responses=errors())
    def listing(
        project: Annotated[Project, Depends(caller)],
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: _Id | None = None,
        status: Status | None = None,
        q: Annotated[str, Query(max_length=500)] = "",
    ) -> RecordingsBody:
        found = recordings.listed(service, project, limit=limit, before=before, status=status, words=q)
        return RecordingsBody(
            recordings=[_listed(row, found) for row in found.rows], older=found.rows[-1].id if found.more else None
        )

    @router.get("/recordings/{transcript_id}", summary="Read how far a recording is", responses=errors(404))
    def read(project: Annotated[Project, Depends(caller)], transcript_id: str) -> RecordingBody:
        return _one(service, recordings.find(service, project, transcript_id))

    @router.post(
        "/recordings/{transcript_id}/cancel",
        summary="End a job that is not finished",
        responses=errors(404),
    )
    def cancel(project: Annotated[Project, Depends(caller)], transcript_id: str) -> RecordingBody:
        row = recordings.find(service, project, transcript_id)
        return _one(service, service.cancel(project, row.id))

    @router.post(
        "/recordings/{transcript_id}/retry",
        summary="Ask for a recording once more: a new job",
        responses=errors(403, 404, 409),
    )
    def retry(project: Annotated[Project, Depends(caller)], transcript_id: str) -> RecordingBody:
        return _one(service, recordings.again(service, project, transcript_id))


def _one(service: "Service", row: TranscriptRow) -> RecordingBody:
    return recording(row, ahead=recordings.ahead_of(service, row))


def _listed(row: TranscriptRow, found: recordings.Listed) -> RecordingBody:
    body = recording(row, ahead=found.ahead.get(row.id))
    if found.matches is not None:
        body.matches = [_match(line) for line in found.matches.get(row.id, ())]
    return body


def _match(line: TextLine) -> MatchBody:
    return MatchBody(start=line.start, end=line.end, text=line.text)
