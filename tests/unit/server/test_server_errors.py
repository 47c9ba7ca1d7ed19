"""Errors take the form of the API whose path was asked for."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, Request
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient

from panglot.errors import (
    AudioFormatError,
    AuthError,
    BusyError,
    DeviceError,
    ForbiddenError,
    LanguageError,
    NotFoundError,
    PanglotError,
    RequestError,
    StorageError,
    TooLargeError,
)
from panglot.server.auth import secret_in
from panglot.server.errors import SERVER_ERROR, install

CASES = [
    (RequestError("Give less."), 400, "Give less.", "invalid_request_error"),
    (LanguageError("No such language."), 400, "No such language.", "invalid_request_error"),
    (AudioFormatError("Not audio."), 400, "Not audio.", "invalid_request_error"),
    (AuthError("x"), 401, "Authentication error, API token missing/invalid", "authentication_error"),
    (ForbiddenError("Cannot access uploaded file"), 403, "Cannot access uploaded file", "permission_error"),
    (NotFoundError("Not here."), 404, "Not here.", "invalid_request_error"),
    (TooLargeError("Too much."), 413, "Too much.", "invalid_request_error"),
    (BusyError("Wait.", retry_after=0.2), 429, "Too Many Requests. Wait.", "rate_limit_error"),
    (StorageError("password=secret"), 503, SERVER_ERROR, "server_error"),
    (DeviceError("cuda:0 is gone"), 500, SERVER_ERROR, "server_error"),
    (ZeroDivisionError("a bug"), 500, SERVER_ERROR, "server_error"),
]


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    install(app)

    @app.get("/{version}/fail/{number}")
    def fail(number: int) -> None:
        raise CASES[number][0]

    @app.get("/{version}/ask")
    def ask(count: int) -> None: ...

    @app.get("/{version}/gone")
    def gone(request: Request) -> None:
        raise ClientDisconnect

    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: type(CASES[number][0]).__name__)
@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_errors_by_path(client: TestClient, version: str, number: int) -> None:
    error, status, message, kind = CASES[number]
    answer = client.get(f"/{version}/fail/{number}")
    assert answer.status_code == status
    code = error.code if isinstance(error, PanglotError) else "panglot_error"
    openai = {"message": message, "type": kind, "param": None, "code": code}
    assert answer.json() == {"error": openai if version == "v1" else message}
    assert ("Retry-After" in answer.headers) == (status in (429, 503))


def test_it_is_never_too_early_to_try_again(client: TestClient) -> None:
    assert client.get("/v2/fail/7").headers["Retry-After"] == "1"


@pytest.mark.parametrize("path", ["/v2/nowhere", "/v1/nowhere", "/nowhere", "/v2/ask/"])
def test_unknown_routes(client: TestClient, path: str) -> None:
    answer = client.get(path)
    message = answer.json()["error"]["message"] if path.startswith("/v1") else answer.json()["error"]
    assert (answer.status_code, message) == (404, "Not found")


def test_methods_that_are_not_there(client: TestClient) -> None:
    answer = client.post("/v2/ask")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")
    assert answer.json() == {"error": "Method Not Allowed"}


def test_parameters_that_cannot_be_used_are_named(client: TestClient) -> None:
    answer = client.get("/v2/ask?count=many")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("count: ")
    assert client.get("/v1/ask?count=many").json()["error"]["param"] == "count"


def test_clients_that_go_away_are_no_bug(client: TestClient) -> None:
    assert client.get("/v2/gone").status_code == 400


def test_the_document_has_no_422(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert "422" not in document["paths"]["/{version}/ask"]["get"]["responses"]
    assert client.get("/openapi.json").json() == document


@pytest.mark.parametrize(
    ("header", "secret"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("Bearer", None),
        ("bearer ", None),
        ("abc", "abc"),
        ("Bearer abc", "abc"),
        ("BEARER\tabc", "abc"),
        ("bearerabc", "bearerabc"),
    ],
)
def test_keys_in_headers(header: str | None, secret: str | None) -> None:
    assert secret_in(header) == secret
