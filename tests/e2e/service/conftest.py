"""A real server with a real worker, and other people's clients in environments of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from deployment import ALLOW_PRIVATE, Deployment, s3_server
from neighbours import Files, Receiver, files, receiver

from panglot.errors import WeightsMissingError
from panglot.models import DEFAULT_MODEL, VAD_MODEL, Store

TESTS = Path(__file__).parents[2]
sys.path[:0] = [str(TESTS), str(TESTS / "clients")]

from callers import Call, node_caller, python_caller  # noqa: E402 - found by the line above

from postgres import NO_POSTGRES, find_postgres, fresh_database, postgres_server  # noqa: E402


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """Where a server keeps its things."""

    database: str
    store: str

    @property
    def name(self) -> str:
        return f"{self.database}-{self.store}"


SMALL = Backend(database="sqlite", store="folder")
LARGE = Backend(database="postgresql", store="s3")


@pytest.fixture(scope="session")
def weights() -> None:
    """The weights of the default model, on this machine already."""
    try:
        for name in (DEFAULT_MODEL, VAD_MODEL):
            Store().path(name, offline=True)
    except WeightsMissingError as error:
        pytest.skip(f"the default weights are not here: {error}")


@pytest.fixture(
    scope="session",
    params=[SMALL, pytest.param(LARGE, marks=pytest.mark.slow)],
    ids=lambda backend: backend.name,
)
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each place to keep things in; the suite is the same for all."""
    if request.param.database == "postgresql" and find_postgres() is None:
        pytest.skip(NO_POSTGRES)
    return request.param


@pytest.fixture(scope="session")
def deploy(
    weights: None, backend: Backend, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Deployment]]:
    """Makes running servers, which end with the session."""
    with ExitStack() as stack:
        urls = _places(backend, stack)

        def make(*, workers: int | None = None, **settings: str) -> Deployment:
            database = fresh_database(urls["database"]) if "database" in urls else None
            store = f"{urls['store']}-{os.urandom(4).hex()}" if "store" in urls else None
            made = Deployment(
                tmp_path_factory.mktemp("home"),
                database_url=database,
                storage_url=store,
                workers=workers,
                settings={**urls.get("settings", {}), **settings},
            )
            return stack.enter_context(made)

        yield make


def _places(backend: Backend, stack: ExitStack) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if backend.database == "postgresql":
        found["database"] = stack.enter_context(postgres_server())
    if backend.store == "s3":
        found["store"], found["settings"] = stack.enter_context(s3_server())
    return found


@pytest.fixture(scope="session")
def server(deploy: Callable[..., Deployment]) -> Deployment:
    """A server as ``panglot serve`` starts it; webhooks and recordings may be on this machine."""
    return deploy(**ALLOW_PRIVATE)


@pytest.fixture(scope="session")
def strict_server(deploy: Callable[..., Deployment]) -> Deployment:
    """A server with all settings as they are by default."""
    return deploy()


@pytest.fixture
def hooks() -> Iterator[Receiver]:
    """Somebody who gets webhooks."""
    with receiver() as running:
        yield running


@pytest.fixture
def host() -> Iterator[Files]:
    """A server of files."""
    with files() as running:
        yield running


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    """A file that is no recording."""
    path = tmp_path / "notes.txt"
    path.write_text("<html>This is no recording.</html>\n" * 100)
    return path


@pytest.fixture
def python_client(server: Deployment) -> Callable[[str, str], Call]:
    """Makes the caller of a script, by the name of its environment and its own."""
    return lambda environment, script: python_caller(server, environment, script)


@pytest.fixture
def node_client(server: Deployment) -> Callable[[str], Call]:
    """Makes the caller of a script for Node."""
    return lambda script: node_caller(server, script)
