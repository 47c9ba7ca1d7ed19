"""Transcripts to take away."""

# FastAPI reads the annotations here, and some name what exists only while the router is made: so they are not strings.

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from panglot.errors import RequestError
from panglot.server.auth import current_project
from panglot.server.own.documents import Number
from panglot.server.own.downloads import disposition
from panglot.server.own.parts import errors
from panglot.server.own.schemas import Format
from panglot.service import editing, recordings
from panglot.storage.records import Project
from panglot.transcripts import Transcript

if TYPE_CHECKING:
    from panglot.service.service import Service

_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TYPES: Final[dict[str, str]] = {
    "txt": "text/plain; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "docx": _DOCX,
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}
_CAPTIONS: Final = ("srt", "vtt")
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {kind.partition(";")[0]: {"schema": {}} for kind in _TYPES.values()},
    }
}


def add(router: APIRouter, service: "Service") -> None:
    """Add the route of files to take away."""
    caller = current_project(service)

    @router.get(
        "/recordings/{transcript_id}/export",
        summary="Take a transcript away as a file",
        response_class=Response,
        responses={**_FILES, **errors(404, 409)},
    )
    def export(
        project: Annotated[Project, Depends(caller)],
        transcript_id: str,
        format: Format,  # noqa: A002 - the name in the query
        max_line_length: Annotated[int | None, Query(ge=1, le=1000)] = None,
        reading_speed: Annotated[float | None, Query(ge=1, le=100)] = None,
        revision: Number = None,
    ) -> Response:
        row = recordings.completed(service, project, transcript_id)
        options = {"max_line_length": max_line_length, "reading_speed": reading_speed}
        given = {name: value for name, value in options.items() if value is not None}
        if given and format not in _CAPTIONS:
            raise RequestError(f"{' and '.join(given)} can be given for srt and vtt, not for {format}.")
        content = _written(editing.transcript(service, row, revision), format, row.name, given)
        return Response(content, media_type=_TYPES[format], headers=disposition(row.name, format))


def _written(transcript: Transcript, format_name: str, name: str, options: dict[str, Any]) -> bytes:
    if format_name == "docx":
        from panglot.transcripts.docx import write_docx

        return write_docx(transcript, title=name)
    return transcript.to(format_name, **options).encode("utf-8", "replace")
