"""What this server is, and what the one who asks may do."""

# FastAPI reads the annotations here, and some name what exists only while the router is made: so they are not strings.

from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends

from panglot.errors import ForbiddenError
from panglot.language import LANGUAGES
from panglot.server.auth import optional_project
from panglot.server.own.parts import errors
from panglot.server.own.schemas import AboutBody, LanguageName
from panglot.storage.records import Project

if TYPE_CHECKING:
    from panglot.service.service import Service


def add(router: APIRouter, service: "Service") -> None:
    """Add the route that says what this is."""
    caller = optional_project(service)
    languages = sorted(
        (LanguageName(code=code, name=each.name) for code, each in LANGUAGES.items()), key=lambda each: each.name
    )

    @router.get("/about", summary="Read what this server is; needs no key", responses=errors())
    def about(project: Annotated[Project | None, Depends(caller)]) -> AboutBody:
        return AboutBody(
            version=version("panglot"),
            share_links=service.platform.limits.share_links,
            authenticated=project is not None,
            needs_key=service.needs_key,
            operator=project is not None and _is_operator(service, project),
            project=None if project is None else project.name,
            languages=languages,
            models=[] if project is None else list(service.models()),
        )


def _is_operator(service: "Service", project: Project) -> bool:
    try:
        service.require_operator(project)
    except ForbiddenError:
        return False
    return True
