"""What went wrong, as an answer in the form that the client of each API reads.

Paths under ``/v1`` answer as OpenAI does, all others as AssemblyAI does.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Match

from panglot.errors import (
    AudioError,
    AuthError,
    BusyError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    OptionError,
    PanglotError,
    RequestError,
    StorageError,
    TooLargeError,
)

SERVER_ERROR: Final = "Server error, developers have been alerted."
UNKNOWN_KEY: Final = "Authentication error, API token missing/invalid"
UNKNOWN_ROUTE: Final = "Not found"

RETRY_STORAGE: Final = 5
"""Seconds after which to try again when the database or the store cannot be used."""

_STATUS: Final[Mapping[type[PanglotError], int]] = {
    RequestError: 400,
    OptionError: 400,
    AudioError: 400,
    AuthError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    TooLargeError: 413,
    BusyError: 429,
    StorageError: 503,
}

_METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")

_log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Make an application answer every error in the form of the path's API.

    Parameters
    ----------
    app
        Its handlers are set for our errors, for those of the framework, and for everything else. It never redirects,
        and its OpenAPI document says so.
    """
    app.add_exception_handler(PanglotError, _on_panglot_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(Exception, _on_bug)
    app.router.redirect_slashes = False  # clients do not follow redirects
    app.openapi = partial(_document, app.openapi)


def _document(write: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Write the OpenAPI document without the 422 that the framework adds: this server answers 400 in its place."""
    document = write()
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
    return document


def error_body(path: str, status: int, message: str, *, code: str | None = None, param: str | None = None) -> Any:
    """Return the body of an error in the form of a path's API.

    Parameters
    ----------
    path
        Of the request's URL.
    status
        HTTP status of the answer.
    message
        What was given, what is allowed, what to do.
    code
        Stable code of the error; only OpenAI's form has a place for it.
    param
        The field at fault; only OpenAI's form has a place for it.

    Returns
    -------
    dict
        For JSON.
    """
    if not path.startswith("/v1/"):
        return {"error": message}
    return {"error": {"message": message, "type": _openai_type(status), "param": param, "code": code}}


def _openai_type(status: int) -> str:
    if status >= 500:
        return "server_error"
    return {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}.get(
        status, "invalid_request_error"
    )


def status_of(error: PanglotError) -> int:
    """Return the HTTP status that says an error best; 500 where the client cannot do anything about it."""
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def message_of(error: PanglotError) -> str:
    """Return what a client is told of an error: nothing about the server's inside."""
    if status_of(error) >= 500:
        return SERVER_ERROR
    if isinstance(error, AuthError):
        return UNKNOWN_KEY
    if isinstance(error, BusyError):
        return f"Too Many Requests. {error}"
    return str(error)


def retry_after(error: PanglotError) -> dict[str, str]:
    """Return the header that says when to try again, where that helps."""
    if isinstance(error, BusyError):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    return {"Retry-After": str(RETRY_STORAGE)} if isinstance(error, StorageError) else {}


def _answer(
    request: Request,
    status: int,
    message: str,
    *,
    code: str | None = None,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = error_body(request.url.path, status, message, code=code, param=param)
    return JSONResponse(body, status_code=status, headers=headers)


def _on_panglot_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PanglotError)
    status = status_of(error)
    if status >= 500:
        # Without what caused it: that may hold values from the database.
        _log.error("request failed: %s: %s", error.code, error)
    return _answer(request, status, message_of(error), code=error.code, headers=retry_after(error))


def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problem: Mapping[str, Any] = error.errors()[0]
    param = ".".join(str(part) for part in problem["loc"][1:]) or None
    message = f"{param or 'The request'}: {problem['msg']}."
    return _answer(request, 400, message, code=RequestError.code, param=param)


def _on_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    unknown = error.status_code == 404 and error.detail == HTTPStatus.NOT_FOUND.phrase
    message = UNKNOWN_ROUTE if unknown else error.detail
    headers = {"Allow": _allowed(request)} if error.status_code == 405 else error.headers
    return _answer(request, error.status_code, message, headers=headers)


def _allowed(request: Request) -> str:
    """Methods that the path has, in all of its routes; the framework names only those of the first."""
    routes: list[BaseRoute] = request.app.routes

    def has(method: str) -> bool:
        return any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)

    return ", ".join(filter(has, _METHODS))


def _on_disconnect(request: Request, _error: Exception) -> JSONResponse:
    # Nobody reads this; without it an aborted upload would be reported as a bug.
    return _answer(request, 400, "The client went away before the request was complete.", code=RequestError.code)


def _on_bug(request: Request, _error: Exception) -> JSONResponse:
    return _answer(request, 500, SERVER_ERROR, code=PanglotError.code)
