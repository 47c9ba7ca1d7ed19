"""A server with the endpoints under ``/v2``, on a service in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from fake_service import KEY, OTHER_KEY, FakeService
from panglot.server.errors import install
from panglot.server.v2.routes import make_router

BASE_URL = "https://speech.example.org"


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def app(service: FakeService) -> FastAPI:
    app = FastAPI()
    install(app)
    app.include_router(make_router(service, base_url=lambda _: BASE_URL, link_secret=b"not known to anybody"))  # pyright: ignore[reportArgumentType]
    return app


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, headers={"Authorization": KEY}, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture
def other(app: FastAPI) -> TestClient:
    """The client of another project."""
    return TestClient(app, headers={"Authorization": OTHER_KEY}, raise_server_exceptions=False)


@pytest.fixture
def ask(client: TestClient) -> Callable[..., str]:
    """Ask for a transcript with these parameters; returns its id."""

    def ask(**parameters: Any) -> str:
        answer = client.post("/v2/transcript", json={"audio_url": "https://example.org/a.mp3", **parameters})
        assert answer.status_code == 200, answer.text
        return answer.json()["id"]

    return ask
