"""Routes of the API that OpenAI's clients speak."""

# Annotations stay values here: FastAPI reads those of the routes, which lie inside a function.
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from panglot.errors import NotFoundError, PanglotError, RequestError
from panglot.server.auth import current_project
from panglot.server.following import cancelled_on_leaving, follow
from panglot.server.sse import SCHEMA, respond
from panglot.server.v1.form import Form, ResponseFormat, check_name, read_form
from panglot.server.v1.multipart import FormReader
from panglot.server.v1.outcome import outcome
from panglot.server.v1.rendering import render
from panglot.server.v1.schemas import (
    FORM_PROPERTIES,
    DiarizedAnswer,
    ErrorAnswer,
    ModelCard,
    ModelList,
    PlainAnswer,
    VerboseAnswer,
)
from panglot.server.v1.streaming import stream
from panglot.storage.records import Project, TranscriptRow, Upload

if TYPE_CHECKING:
    from panglot.service.service import Service

ID_HEADER: Final = "Panglot-Transcript-Id"
"""Header of an answer: the id under which the transcript can be had again from ``/v2/transcript``."""

_ALIAS: Final = "whisper-1"
_CREATED: Final = 1_663_718_400
"""When Whisper was published; the API wants a date for each model."""

_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": ErrorAnswer, "description": text}
    for status, text in {
        400: "A field or the recording cannot be used",
        401: "No key, or not a valid one",
        404: "The transcript was deleted while it was waited for",
        408: "The body came too slowly",
        413: "The recording has more bytes than allowed",
        429: "More than can be taken on now; Retry-After says when to try again",
        500: "The server is at fault",
        503: "Database or store cannot be reached; Retry-After says when to try again",
    }.items()
}


def make_router(service: "Service", *, public_url: str | None = None) -> APIRouter:
    """Make the routes under ``/v1``.

    Parameters
    ----------
    service
        Does the work.
    public_url
        Address of the server as clients see it; None to take that of each request.

    Returns
    -------
    APIRouter
        To be included in an application.
    """
    router = APIRouter(prefix="/v1", tags=["OpenAI"])
    project_of = current_project(service)

    @router.post("/audio/transcriptions", **_described(translate=False))
    async def transcriptions(request: Request, project: Annotated[Project, Depends(project_of)]) -> Response:
        """Write down what is said in a recording."""
        return await _serve(service, request, project, translate=False, public_url=public_url)

    @router.post("/audio/translations", **_described(translate=True))
    async def translations(request: Request, project: Annotated[Project, Depends(project_of)]) -> Response:
        """Write down in English what is said in a recording in any language."""
        return await _serve(service, request, project, translate=True, public_url=public_url)

    @router.get("/models", responses=_some_errors(401, 500, 503))
    def models(_: Annotated[Project, Depends(project_of)]) -> ModelList:
        """List the models that can be named."""
        return ModelList(data=[_card(name) for name in _names(service)])

    @router.get("/models/{model:path}", responses=_some_errors(401, 404, 500, 503))
    def model(model: str, _: Annotated[Project, Depends(project_of)]) -> ModelCard:
        """Describe a model."""
        if model not in _names(service):
            known = ", ".join(_names(service))
            raise NotFoundError(f"There is no model {model[:100]!r}. Models: {known}.")
        return _card(model)

    return router


def _names(service: "Service") -> tuple[str, ...]:
    return tuple(dict.fromkeys((*service.models(), _ALIAS)))


def _card(name: str) -> ModelCard:
    return ModelCard(id=name, created=_CREATED, owned_by="panglot")


async def _serve(
    service: "Service", request: Request, project: Project, *, translate: bool, public_url: str | None
) -> Response:
    form, upload = await _receive(service, request, project, translate=translate)
    base = (public_url or str(request.base_url)).rstrip("/")
    row = await run_in_threadpool(
        service.submit, project, form.request, audio_url=f"{base}/v2/upload/{upload.id}", upload_id=upload.id
    )
    if form.stream:
        return respond(stream(service, project, row, form, path=request.url.path), **{ID_HEADER: row.id})
    finished = await _wait(service, request, project, row)
    response = await run_in_threadpool(lambda: render(form, outcome(service, finished)))
    response.headers[ID_HEADER] = row.id
    return response


async def _receive(service: "Service", request: Request, project: Project, *, translate: bool) -> tuple[Form, Upload]:
    """Keep the recording while it comes in, and read the fields around it: both are good, or nothing is kept."""
    reader = FormReader(request.headers.get("content-type"), request.stream(), file="file", check_name=check_name)
    forms: list[Form] = []

    async def blocks() -> AsyncIterator[bytes]:
        async for block in reader.blocks():
            yield block
        # While the upload can still be refused.
        forms.append(read_form(reader.fields, translate=translate))

    try:
        upload = await service.upload(project, blocks())
    except PanglotError:
        await reader.drain()
        raise
    if not forms:
        raise RequestError("The recording was not read to its end. Send it again.")
    return forms[0], upload


async def _wait(service: "Service", request: Request, project: Project, row: TranscriptRow) -> TranscriptRow:
    async with cancelled_on_leaving(service, project, row.id):
        async for look in follow(service, project, row.id):
            row = look.row
            if not look.finished and await request.is_disconnected():
                raise ClientDisconnect
    return row


def _some_errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: _ERRORS[status] for status in statuses}


def _described(*, translate: bool) -> dict[str, Any]:
    """What FastAPI cannot see, since the body is read by hand."""
    formats = [name for name in get_args(ResponseFormat) if not (translate and name == "diarized_json")]
    answer = PlainAnswer | VerboseAnswer if translate else PlainAnswer | VerboseAnswer | DiarizedAnswer
    schema = {
        "type": "object",
        "required": ["file"],
        "properties": {**FORM_PROPERTIES, "response_format": {"type": "string", "enum": formats, "default": "json"}},
    }
    texts = {"text/plain": {"schema": {"type": "string"}}, "text/event-stream": {"schema": SCHEMA}}
    return {
        "response_class": Response,
        "responses": {200: {"model": answer, "description": "The transcript", "content": texts}, **_ERRORS},
        "openapi_extra": {
            "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}},
        },
    }
