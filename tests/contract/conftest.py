"""What the promises are tested on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from working import World

from postgres import NO_POSTGRES, find_postgres, fresh_database, postgres_server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server that runs until the tests end."""
    if find_postgres() is None:
        pytest.skip(NO_POSTGRES)
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/panglot.db"
    return fresh_database(request.getfixturevalue("postgres_url"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A worker's surroundings, with recordings cut into pieces of four seconds."""
    made = World(tmp_path, piece=4.0)
    yield made
    made.close()
