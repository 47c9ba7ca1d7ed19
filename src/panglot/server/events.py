"""A job as server-sent events, for a page that shows how far it is and what is recognised already.

Events are ``progress``, ``segments`` and, at last, ``done``; ``failed`` where the job cannot be followed any longer.
Each ``segments`` event has an id, from which a client that lost the connection goes on by ``Last-Event-ID``. The id of
``done`` is ``done``: a client that comes back with it is answered with 204, which tells a browser not to come again.
A server that is about to end ends the streams first, between two events: clients come back by themselves.
"""

# Annotations stay values here: FastAPI reads those of the route, which lies inside a function.
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Header
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from panglot.errors import PanglotError
from panglot.server.auth import current_project
from panglot.server.errors import message_of
from panglot.server.following import Look, follow
from panglot.server.sse import ALIVE, HEARTBEAT, SCHEMA, event, respond
from panglot.storage.records import Partial, Project, TranscriptRow
from panglot.units import Seconds

if TYPE_CHECKING:
    from panglot.service.service import Service

_DONE: Final = "done"
_LARGEST: Final = 2**53
"""Numbers above this are none of ours, and no database could compare them."""

_ERRORS: Final = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string"}},
}


def make_router(
    service: "Service", *, closing: Callable[[], bool] = lambda: False, heartbeat: Seconds = HEARTBEAT
) -> APIRouter:
    """Make the route of a transcript's events.

    Parameters
    ----------
    service
        Knows the jobs.
    closing
        Whether the server is about to end, which must not wait for those who follow a job.
    heartbeat
        Seconds of silence after which a comment is sent.

    Returns
    -------
    APIRouter
        To be included in an application.
    """
    router = APIRouter(prefix="/v2", tags=["Panglot"])
    project_of = current_project(service)

    @router.get("/transcript/{id}/events", response_class=Response, responses=_responses())
    async def events(
        id: str,  # noqa: A002 - the name in the path
        project: Annotated[Project, Depends(project_of)],
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Follow a transcript: progress, segments as they are recognised, and how it ended."""
        row = await run_in_threadpool(service.get, project, id)
        if last_event_id == _DONE:
            return Response(status_code=204)
        parts = _events(service, project, row.id, _number(last_event_id), closing=closing, heartbeat=heartbeat)
        return respond(parts)

    return router


def _number(last_event_id: str | None) -> int:
    """The partial that a client had last; 0 where it had none, or an id that is not ours."""
    text = last_event_id or ""
    return min(int(text), _LARGEST) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


async def _events(
    service: "Service",
    project: Project,
    id: str,  # noqa: A002
    since: int,
    *,
    closing: Callable[[], bool],
    heartbeat: Seconds,
) -> AsyncIterator[bytes]:
    known: Mapping[str, Any] = {}
    sent = time.monotonic()
    try:
        async for look in follow(service, project, id, since=since):
            for part in _parts(look, known):
                yield part
                sent = time.monotonic()
            if closing():
                return
            known = _progress(look.row)
            if time.monotonic() - sent >= heartbeat:
                yield ALIVE
                sent = time.monotonic()
    except PanglotError as error:
        yield event({"error": message_of(error)}, name="failed")


def _parts(look: Look, known: Mapping[str, Any]) -> list[bytes]:
    """Events about what is new."""
    parts = [_segments(partial) for partial in look.partials]
    progress = _progress(look.row)
    if progress != known:
        parts.append(event(progress, name="progress"))
    if look.finished:
        parts.append(event({**progress, "error": look.row.error}, name=_DONE, id=_DONE))
    return parts


def _segments(partial: Partial) -> bytes:
    return event({"segments": [dict(segment) for segment in partial.segments]}, name="segments", id=str(partial.number))


def _progress(row: TranscriptRow) -> dict[str, Any]:
    return {
        "status": row.status,
        "stage": row.stage,
        "seconds_done": round(row.seconds_done, 3),
        "duration": None if row.duration is None else round(row.duration, 3),
    }


def _responses() -> dict[int | str, dict[str, Any]]:
    error = {"application/json": {"schema": _ERRORS}}
    return {
        200: {"description": "Events", "content": {"text/event-stream": {"schema": SCHEMA}}},
        204: {"description": "Nothing follows the last event that the client had"},
        401: {"description": "No key, or not a valid one", "content": error},
        404: {"description": "There is no such transcript", "content": error},
        500: {"description": "The server is at fault", "content": error},
        503: {"description": "Database or store cannot be reached", "content": error},
    }
