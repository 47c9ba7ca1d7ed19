"""The database keeps the same promises on SQLite and on PostgreSQL: one with a project in it, on both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from panglot.storage.database import Database
from panglot.storage.projects import Projects
from panglot.storage.records import Project
from panglot.storage.transcripts import Transcripts


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def project(database: Database) -> Project:
    return Projects(database).create("first")


@pytest.fixture
def transcripts(database: Database) -> Transcripts:
    return Transcripts(database)
