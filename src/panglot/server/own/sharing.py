"""Links that show one transcript to whoever has them."""

# FastAPI reads the annotations here, and some name what exists only while the router is made: so they are not strings.

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from panglot.server.auth import current_project
from panglot.server.own.documents import document_answer
from panglot.server.own.parts import errors, recording
from panglot.server.own.playback import AUDIO_RESPONSES, Buckets, audio_answer, waveform_body
from panglot.server.own.schemas import Error, ShareBody, SharedBody, WaveformBody
from panglot.service import editing, recordings, sharing
from panglot.service.documents import plain
from panglot.service.playback import is_playable
from panglot.storage.records import Project

if TYPE_CHECKING:
    from panglot.service.service import Service

_OPEN: dict[int | str, dict[str, Any]] = {status: {"model": Error} for status in (400, 404, 429, 500, 503)}


def add(router: APIRouter, service: "Service", *, base_url: Callable[[Request], str], secret: bytes) -> None:
    """Add the routes of shared transcripts."""
    caller = current_project(service)

    @router.post(
        "/recordings/{transcript_id}/share",
        summary="Make a link that shows a transcript without a key",
        responses=errors(403, 404, 409),
    )
    def share(request: Request, project: Annotated[Project, Depends(caller)], transcript_id: str) -> ShareBody:
        sharing.require_allowed(service)
        token = sharing.share(service, recordings.completed(service, project, transcript_id), secret)
        return ShareBody(url=f"{base_url(request)}/#/shared/{token}")

    @router.delete(
        "/recordings/{transcript_id}/share",
        summary="Withdraw the link, at once",
        status_code=204,
        response_class=Response,
        responses=errors(404),
    )
    def withdraw(project: Annotated[Project, Depends(caller)], transcript_id: str) -> Response:
        sharing.withdraw(service, recordings.find(service, project, transcript_id))
        return Response(status_code=204)

    @router.get(
        "/shared/{token}",
        summary="Read a shared transcript; needs no key",
        responses={200: {"model": SharedBody}, **_OPEN},
    )
    def shared(request: Request, token: str) -> Response:
        row = sharing.shared(service, token)
        sound = f"{base_url(request)}/panglot/shared/{token}/audio" if is_playable(row) else None
        return document_answer(
            {
                "recording": recording(row).model_dump(exclude={"matches"}),
                "document": plain(editing.document(service, row)),
                "audio": sound,
            }
        )

    @router.get(
        "/shared/{token}/audio",
        summary="Fetch the sound of a shared transcript, or a part of it; needs no key",
        response_class=Response,
        responses={**AUDIO_RESPONSES, **_OPEN},
    )
    def audio(request: Request, token: str) -> Response:
        return audio_answer(service, request, sharing.shared(service, token))

    @router.get(
        "/shared/{token}/waveform", summary="Read how loud a shared recording is; needs no key", responses=_OPEN
    )
    def waveform(token: str, buckets: Buckets = 2000) -> WaveformBody:
        return waveform_body(service, sharing.shared(service, token), buckets)
