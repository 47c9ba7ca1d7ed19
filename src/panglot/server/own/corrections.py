"""What a project has corrected, to train on."""

# FastAPI reads the annotations here, and some name what exists only while the router is made: so they are not strings.

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response, StreamingResponse

from panglot.server.auth import current_project
from panglot.server.own.downloads import disposition
from panglot.server.own.parts import errors
from panglot.service import corrections
from panglot.storage.records import Project

if TYPE_CHECKING:
    from panglot.service.service import Service

_LINES = "application/jsonl"
_ZIP = "application/zip"


def add(router: APIRouter, service: "Service") -> None:
    """Add the routes of corrections."""
    caller = current_project(service)

    @router.get(
        "/corrections",
        summary="Take away what was corrected, as a manifest to train on",
        response_class=Response,
        responses={**_file(_LINES), **errors()},
    )
    def manifest(project: Annotated[Project, Depends(caller)]) -> Response:
        lines = (line.encode() for line in corrections.manifest(service, project))
        return StreamingResponse(lines, media_type=_LINES, headers=disposition("corrections", "jsonl"))

    @router.get(
        "/corrections.zip",
        summary="Take away what was corrected, with its sound",
        response_class=Response,
        responses={**_file(_ZIP), **errors()},
    )
    def archive(project: Annotated[Project, Depends(caller)]) -> Response:
        parts = corrections.archive(service, project)
        return StreamingResponse(parts, media_type=_ZIP, headers=disposition("corrections", "zip"))


def _file(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The file", "content": {media_type: {"schema": {}}}}}
