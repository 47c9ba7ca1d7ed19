"""Transcripts to be read and edited, and their revisions."""

# FastAPI reads the annotations here, and some name what exists only while the router is made: so they are not strings.

import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from pydantic_core import from_json
from starlette.concurrency import run_in_threadpool

from panglot.errors import ConflictError, RequestError, TooLargeError
from panglot.server.auth import current_project
from panglot.server.own.parts import errors, moment
from panglot.server.own.schemas import (
    MOST_BYTES,
    NewRevision,
    NumberBody,
    Outdated,
    RevisionBody,
    RevisionedDocument,
    RevisionsBody,
)
from panglot.server.v2.schemas import schema_of
from panglot.service import editing, recordings
from panglot.service.documents import Document, of_plain, plain
from panglot.storage.records import Project
from panglot.transcripts.text import one_line

if TYPE_CHECKING:
    from panglot.service.service import Service

Number = Annotated[int | None, Query(ge=0, le=2**31 - 1)]


def add(router: APIRouter, service: "Service") -> None:
    """Add the routes of documents."""
    caller = current_project(service)

    @router.get(
        "/recordings/{transcript_id}/document",
        summary="Read a transcript as it can be edited",
        responses={200: {"model": RevisionedDocument}, **errors(404, 409)},
    )
    def document(project: Annotated[Project, Depends(caller)], transcript_id: str, revision: Number = None) -> Response:
        row = recordings.completed(service, project, transcript_id)
        number = row.revision if revision is None else revision
        return document_answer({"revision": number, "document": plain(editing.document(service, row, number))})

    @router.get(
        "/recordings/{transcript_id}/revisions",
        summary="List the versions of a transcript; 0 is the original",
        responses=errors(404, 409),
    )
    def revisions(project: Annotated[Project, Depends(caller)], transcript_id: str) -> RevisionsBody:
        row = recordings.completed(service, project, transcript_id)
        edited = [
            RevisionBody(number=each.number, created=moment(each.created) or "", note=each.note)
            for each in service.platform.revisions.of(row.id)
        ]
        first = RevisionBody(number=0, created=moment(row.completed or row.created) or "", note="")
        return RevisionsBody(revisions=[first, *edited])

    # The key is checked before the body is read, whatever that is.
    @router.post(
        "/recordings/{transcript_id}/revisions",
        summary="Keep an edited transcript",
        status_code=201,
        responses={201: {"model": NumberBody}, **errors(404, 413), 409: {"model": Outdated}},
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": schema_of(NewRevision)}},
            }
        },
    )
    async def revise(
        request: Request, project: Annotated[Project, Depends(caller)], transcript_id: str
    ) -> JSONResponse:
        row = await run_in_threadpool(recordings.completed, service, project, transcript_id)
        body = await _read(request)

        def keep() -> int:
            asked = _parse(body)
            note = one_line(asked.note)
            return editing.revise(service, row, _document(asked), base=asked.base, note=note).number

        try:
            return JSONResponse({"number": await run_in_threadpool(keep)}, status_code=201)
        except ConflictError as conflict:
            return JSONResponse({"error": str(conflict), "latest": conflict.latest}, status_code=409)


def document_answer(content: dict[str, Any]) -> Response:
    """Answer with JSON that holds a document, which is right already."""
    return Response(json.dumps(content, ensure_ascii=False, allow_nan=False), media_type="application/json")


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise TooLargeError(f"The document has more than {MOST_BYTES} bytes. Send less.")
    return bytes(body)


def _parse(body: bytes) -> NewRevision:
    try:
        return NewRevision.model_validate(from_json(body, allow_inf_nan=False))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the body"
        raise RequestError(f"{place[:300]} cannot be used: {first['msg']}.") from None
    except ValueError as error:
        raise RequestError(f"The body is not JSON: {error}. Send an object with base and document.") from None


def _document(asked: NewRevision) -> Document:
    return of_plain(asked.document.model_dump())
