"""Who is asking: the API key of a request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import Security
from fastapi.security import APIKeyHeader

from panglot.errors import AuthError
from panglot.storage.records import Project

if TYPE_CHECKING:
    from panglot.service.service import Service

_HEADER = APIKeyHeader(
    name="Authorization",
    scheme_name="ApiKey",
    description="The API key as it is, or after the word Bearer.",
    auto_error=False,
)
_BEARER = re.compile(r"bearer(\s+|$)", re.IGNORECASE)


def current_project(service: Service) -> Callable[[str | None], Project]:
    """Make the dependency that tells which project a request is from.

    Parameters
    ----------
    service
        Knows the keys.

    Returns
    -------
    callable
        For ``fastapi.Depends``. It raises AuthError where there is no valid key, before a body is read. It blocks, so
        FastAPI runs it in a thread.
    """

    def project(header: Annotated[str | None, Security(_HEADER)]) -> Project:
        return service.authenticate(secret_in(header))

    return project


def optional_project(service: Service) -> Callable[[str | None], Project | None]:
    """Make the dependency that tells which project a request is from, None where it has no valid key.

    Parameters
    ----------
    service
        Knows the keys.

    Returns
    -------
    callable
        For ``fastapi.Depends``.
    """

    def project(header: Annotated[str | None, Security(_HEADER)]) -> Project | None:
        try:
            return service.authenticate(secret_in(header))
        except AuthError:
            return None

    return project


def secret_in(header: str | None) -> str | None:
    """Return the key in an ``Authorization`` header, which may call itself a bearer token; None where there is none."""
    return _BEARER.sub("", (header or "").strip(), count=1) or None
