"""The endpoints under ``/v2``."""

# FastAPI reads the annotations here, and some name what exists only while the router is made: so they are not strings.

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from panglot.errors import NotFoundError, RequestError
from panglot.server.auth import current_project
from panglot.server.v2 import captions
from panglot.server.v2.bodies import read_body
from panglot.server.v2.listing import page_json
from panglot.server.v2.parse import parse
from panglot.server.v2.parts import paragraphs_json, require_text, sentences_json
from panglot.server.v2.redacted import MEDIA_TYPES, is_pending, link_to, media_type, require_fresh
from panglot.server.v2.render import transcript_json
from panglot.server.v2.schemas import (
    ErrorBody,
    ListBody,
    ListParameters,
    ParagraphsBody,
    PendingBody,
    RedactedAudioBody,
    SearchBody,
    SentencesBody,
    TranscriptBody,
    UploadBody,
    parameters_schema,
)
from panglot.server.v2.searching import search_json
from panglot.service.links import Link
from panglot.service.results import Result
from panglot.storage.records import Project, TranscriptPage, TranscriptRow

if TYPE_CHECKING:
    from panglot.service.service import Service

_Length = Annotated[int | None, Query(ge=1, le=2000)]

_PLAIN: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}

UNKNOWN_TRANSCRIPT = "Transcript lookup error, transcript id not found"


def make_router(service: "Service", *, base_url: Callable[[Request], str], link_secret: bytes) -> APIRouter:
    """Make the endpoints under ``/v2``.

    Parameters
    ----------
    service
        Does the work.
    base_url
        Tells the URL of this server as a request's client sees it, without a slash at the end.
    link_secret
        Signs the links to redacted audio; the same in all processes that serve the API.

    Returns
    -------
    APIRouter
        To be included in an application that has the handlers of `panglot.server.errors`.
    """
    router = APIRouter(prefix="/v2", tags=["AssemblyAI"], redirect_slashes=False)
    _add_jobs(router, service, base_url)
    _add_readings(router, service)
    _add_redacted_audio(router, service, base_url, link_secret)
    return router


def _errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": ErrorBody} for status in (401, *statuses, 500, 503)}


def _answers(model: object, *errors: int) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": model}, **_errors(*errors)}


def _request_body(content_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {content_type: {"schema": schema}}}}


def _transcript(service: "Service", row: TranscriptRow) -> JSONResponse:
    done = row.status == "completed" and not row.deleted
    return JSONResponse(transcript_json(row, service.result(row) if done else None))


def _find(service: "Service", project: Project, transcript_id: str) -> TranscriptRow:
    try:
        return service.get(project, transcript_id)
    except NotFoundError:
        raise NotFoundError(UNKNOWN_TRANSCRIPT) from None


def _completed(service: "Service", project: Project, transcript_id: str) -> tuple[TranscriptRow, Result]:
    row = _find(service, project, transcript_id)
    if row.deleted:
        raise RequestError("The transcript was deleted by its user.")
    if row.status != "completed":
        raise RequestError(f"The transcript is not completed: its status is {row.status}. Ask again when it is.")
    return row, service.result(row)


def _add_jobs(router: APIRouter, service: "Service", base_url: Callable[[Request], str]) -> None:
    caller = current_project(service)

    @router.post(
        "/upload",
        summary="Send a recording",
        responses=_answers(UploadBody, 400, 413, 429),
        openapi_extra=_request_body("application/octet-stream", {"type": "string", "format": "binary"}),
    )
    async def upload(request: Request, project: Annotated[Project, Depends(caller)]) -> JSONResponse:
        kept = await service.upload(project, request.stream())
        return JSONResponse({"upload_url": f"{base_url(request)}/v2/upload/{kept.id}"})

    # The key is checked before the body is read, whatever that is.
    @router.post(
        "/transcript",
        summary="Ask for a transcript",
        responses=_answers(TranscriptBody, 400, 403, 413, 429),
        openapi_extra=_request_body("application/json", parameters_schema()),
    )
    def submit(
        request: Request,
        project: Annotated[Project, Depends(caller)],
        body: Annotated[bytes, Depends(read_body)],
    ) -> JSONResponse:
        asked = parse(body, base_url=base_url(request))
        row = service.submit(project, asked.request, audio_url=asked.audio_url, upload_id=asked.upload_id)
        return _transcript(service, row)

    @router.get("/transcript", summary="List transcripts, newest first", responses=_answers(ListBody, 400))
    def listing(
        request: Request, project: Annotated[Project, Depends(caller)], params: Annotated[ListParameters, Query()]
    ) -> JSONResponse:
        # Nothing is ever throttled here: jobs wait for their turn.
        page = (
            TranscriptPage(rows=(), has_older=False, has_newer=False)
            if params.throttled_only
            else service.page(
                project,
                limit=params.limit,
                status=params.status,
                created_on=params.created_on,
                before_id=params.before_id,
                after_id=params.after_id,
            )
        )
        return JSONResponse(page_json(page, params, base_url=base_url(request)))

    @router.get(
        "/transcript/{transcript_id}",
        summary="Read a transcript, or how far it is",
        responses=_answers(TranscriptBody, 404),
    )
    def read(project: Annotated[Project, Depends(caller)], transcript_id: str) -> JSONResponse:
        return _transcript(service, _find(service, project, transcript_id))

    @router.delete(
        "/transcript/{transcript_id}",
        summary="Erase a transcript and its recording",
        responses=_answers(TranscriptBody, 404),
    )
    def delete(project: Annotated[Project, Depends(caller)], transcript_id: str) -> JSONResponse:
        return _transcript(service, service.delete(project, _find(service, project, transcript_id).id))


def _add_readings(router: APIRouter, service: "Service") -> None:
    caller = current_project(service)

    @router.get(
        "/transcript/{transcript_id}/sentences",
        summary="Read a transcript as sentences",
        responses=_answers(SentencesBody, 400, 404),
    )
    def sentences(project: Annotated[Project, Depends(caller)], transcript_id: str) -> JSONResponse:
        return JSONResponse(sentences_json(*_completed(service, project, transcript_id)))

    @router.get(
        "/transcript/{transcript_id}/paragraphs",
        summary="Read a transcript as paragraphs",
        responses=_answers(ParagraphsBody, 400, 404),
    )
    def paragraphs(project: Annotated[Project, Depends(caller)], transcript_id: str) -> JSONResponse:
        return JSONResponse(paragraphs_json(*_completed(service, project, transcript_id)))

    @router.get(
        "/transcript/{transcript_id}/srt",
        summary="Read a transcript as SubRip subtitles",
        response_class=Response,
        responses={**_PLAIN, **_errors(400, 404)},
    )
    def srt(
        project: Annotated[Project, Depends(caller)], transcript_id: str, chars_per_caption: _Length = None
    ) -> PlainTextResponse:
        _, result = _completed(service, project, transcript_id)
        return PlainTextResponse(captions.srt(require_text(result), chars_per_caption=chars_per_caption))

    @router.get(
        "/transcript/{transcript_id}/vtt",
        summary="Read a transcript as WebVTT",
        response_class=Response,
        responses={**_PLAIN, **_errors(400, 404)},
    )
    def vtt(
        project: Annotated[Project, Depends(caller)], transcript_id: str, chars_per_caption: _Length = None
    ) -> PlainTextResponse:
        _, result = _completed(service, project, transcript_id)
        return PlainTextResponse(captions.vtt(require_text(result), chars_per_caption=chars_per_caption))

    @router.get(
        "/transcript/{transcript_id}/word-search",
        summary="Find words and phrases in a transcript",
        responses=_answers(SearchBody, 400, 404),
    )
    def word_search(
        project: Annotated[Project, Depends(caller)], transcript_id: str, words: Annotated[str, Query(min_length=1)]
    ) -> JSONResponse:
        row, result = _completed(service, project, transcript_id)
        return JSONResponse(search_json(row, result, words))


def _add_redacted_audio(
    router: APIRouter, service: "Service", base_url: Callable[[Request], str], secret: bytes
) -> None:
    caller = current_project(service)

    @router.get(
        "/transcript/{transcript_id}/redacted-audio",
        summary="Get a link to the recording without personal data",
        responses={**_answers(RedactedAudioBody, 400, 404), 202: {"model": PendingBody}},
    )
    def redacted_audio(
        request: Request, project: Annotated[Project, Depends(caller)], transcript_id: str
    ) -> JSONResponse:
        row = _find(service, project, transcript_id)
        if is_pending(row):
            return JSONResponse({"status": "redacted_audio_pending"}, status_code=202)
        link = link_to(row)
        return JSONResponse(
            {"status": "redacted_audio_ready", "redacted_audio_url": link.url(base_url(request), secret)}
        )

    @router.get(
        "/transcript/{transcript_id}/redacted-audio/file",
        summary="Fetch the recording without personal data, by a link that needs no key",
        response_class=StreamingResponse,
        responses={
            200: {"content": {kind: {"schema": {"type": "string"}} for kind in MEDIA_TYPES}},
            **_errors(400, 404),
        },
    )
    def redacted_audio_file(transcript_id: str, project: str, expires: int, signature: str) -> Response:
        link = Link(transcript_id=transcript_id, project_id=project, expires=expires)
        if not link.is_signed_by(secret, signature):
            raise NotFoundError(UNKNOWN_TRANSCRIPT)
        require_fresh(link)
        # Whose it is was checked when the link was signed, so the rest of the project does not matter.
        row = _find(service, Project(id=project, name="", created=datetime.now(UTC)), transcript_id)
        chunks = service.redacted_audio(row)
        first = next(chunks, b"")  # what can go wrong goes wrong before the answer has begun
        return StreamingResponse(itertools.chain((first,), chunks), media_type=media_type(row))
