"""The database itself: migrations, transactions, errors, many at once, and a server that crashes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from rows import NOW, add, complete, delivery
from sqlalchemy import Connection, MetaData, Table, create_engine, insert, text
from threads import at_once

from panglot.errors import StorageError
from panglot.storage import database as database_module
from panglot.storage import migrations
from panglot.storage.database import Database
from panglot.storage.projects import Projects
from panglot.storage.records import Project, TranscriptRow
from panglot.storage.tables import METADATA
from panglot.storage.transcripts import Transcripts
from panglot.storage.webhooks import Outbox
from postgres import NO_POSTGRES, PostgresServer, find_postgres


def migrate_to(database: Database, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(files(migrations)))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)


def add_as_before(connection: Connection, id: str) -> None:  # noqa: A002 - as in the records
    """Add a row as a program did that knew the first tables only."""
    new = Table("transcripts", MetaData(), autoload_with=connection)
    row = TranscriptRow(
        id=id, project_id="p", status="queued", stage="accepted", request={}, audio_url="", upload_id=None, created=NOW
    )
    connection.execute(insert(new), {name: value for name, value in asdict(row).items() if name != "losses"})


class TestDatabase:
    def test_tables_are_what_the_migrations_make(self, database: Database, database_url: str) -> None:
        engine = create_engine(database_url)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, METADATA) == []
        engine.dispose()

    def test_several_threads_migrate_at_once(self, database_url: str) -> None:
        databases = [Database(database_url) for _ in range(4)]
        at_once(4, lambda which: databases[which].migrate())
        assert {each.version() for each in databases} == {"0002"}
        Projects(databases[0]).create("works")
        for each in databases:
            each.check()
            each.close()

    def test_two_processes_migrate_at_once(self, database_url: str) -> None:
        code = """
import sys
from panglot.storage.database import Database
database = Database(sys.argv[1])
database.migrate()
database.close()
"""
        started = [
            subprocess.Popen([sys.executable, "-W", "error", "-c", code, database_url], stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        errors = [process.communicate(timeout=60)[1] for process in started]
        assert errors == [b"", b""]
        assert [process.returncode for process in started] == [0, 0]

    def test_migrating_again_keeps_what_is_there(self, database: Database, project: Project) -> None:
        database.migrate()
        assert Projects(database).all() == (project,)

    def test_rows_of_an_older_program_are_kept_and_it_can_add_more(self, database_url: str) -> None:
        database = Database(database_url)
        migrate_to(database, "0001")
        with pytest.raises(StorageError, match="panglot db upgrade"):
            database.check()
        with database.writing() as connection:
            connection.execute(text("INSERT INTO projects (id, name, created) VALUES ('p', 'old', :now)"), {"now": NOW})
            add_as_before(connection, "before")
        database.migrate()
        database.check()
        with database.writing() as connection:
            add_as_before(connection, "meanwhile")
        transcripts = Transcripts(database)
        for each in ("before", "meanwhile"):
            row = transcripts.claim(each, "w")
            assert (row.attempt, row.losses) == (1, 0)
        database.close()

    def test_an_empty_database_is_not_ready(self, database_url: str) -> None:
        database = Database(database_url)
        assert database.version() is None
        with pytest.raises(StorageError, match="panglot db upgrade"):
            database.check()
        with pytest.raises(StorageError, match="projects"):
            Projects(database).all()
        database.close()

    def test_what_a_newer_program_has_made_is_left_alone(self, database: Database) -> None:
        with database.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        database.migrate()
        database.check()
        assert database.version() == "9999"

    def test_all_of_a_transaction_or_nothing(self, database: Database, project: Project) -> None:
        with pytest.raises(ZeroDivisionError), database.writing() as connection:
            connection.execute(text("UPDATE projects SET name = 'changed'"))
            raise ZeroDivisionError
        assert Projects(database).all() == (project,)

    def test_reading_changes_nothing(self, database: Database, project: Project) -> None:
        with database.reading() as connection:
            connection.execute(text("UPDATE projects SET name = 'changed'"))
        assert Projects(database).all() == (project,)

    def test_errors_do_not_show_values(self, database: Database) -> None:
        with pytest.raises(StorageError) as caught, database.writing() as connection:
            connection.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": "hunter2"})
        assert "nowhere" in str(caught.value)
        assert "hunter2" not in str(caught.value)


class TestManyAtOnce:
    def test_threads_that_hammer_the_same_database_lose_nothing(
        self, database_url: str, database: Database, project: Project
    ) -> None:
        databases = [Database(database_url) for _ in range(2)]
        jobs = 25

        def work(which: int) -> None:
            transcripts = Transcripts(databases[which % 2])
            for number in range(jobs):
                row = add(transcripts, project)
                assert transcripts.claim(row.id, f"w{which}").attempt == 1
                assert transcripts.set_stage(row.id, 1, "recognising", seconds_done=number)
                assert complete(transcripts, row, 1, delivery(row))

        at_once(4, work)
        assert Transcripts(database).counts()["completed"] == 4 * jobs
        assert len(Outbox(database).due(NOW, 1000, 60)) == 4 * jobs
        for each in databases:
            each.close()

    def test_processes_that_hammer_the_same_database_lose_nothing(
        self, database_url: str, database: Database, project: Project
    ) -> None:
        code = """
import sys
from panglot.storage.database import Database
from panglot.storage.transcripts import Transcripts
transcripts = Transcripts(Database(sys.argv[1]))
for _ in range(40):
    row = transcripts.add(project_id=sys.argv[2], request={}, audio_url="", upload_id=None, cost=1)
    transcripts.claim(row.id, "w")
    transcripts.complete(row.id, 1, result_key="r", duration=1.0, summary={})
"""
        started = [
            subprocess.Popen([sys.executable, "-c", code, database_url, project.id], stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        assert [process.communicate(timeout=120)[1] for process in started] == [b"", b""]
        assert Transcripts(database).counts()["completed"] == 80


class TestTrouble:
    def test_a_server_that_crashed_and_came_back_is_used_again(self) -> None:
        if find_postgres() is None:
            pytest.skip(NO_POSTGRES)
        with PostgresServer() as server:
            database = Database(server.url)
            database.migrate()
            projects = Projects(database)
            kept = projects.create("kept")
            server.kill()
            with pytest.raises(StorageError, match="cannot be used"):
                projects.create("lost")
            with pytest.raises(StorageError, match="cannot be used"):
                database.check()
            server.start()
            assert projects.all() == (kept,)
            database.check()
            database.close()


def test_who_cannot_write_for_long_is_told_by_whom_and_writes_when_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Database(f"sqlite:///{tmp_path}/turns.sqlite")
    monkeypatch.setattr(database_module, "_BUSY_SECONDS", 0.05)
    with (
        opened.writing(),
        pytest.raises(StorageError, match=r"turns\.sqlite cannot be used: others in this process have written to it"),
        opened.writing(),
    ):
        pass
    with opened.writing() as connection:
        connection.execute(text("SELECT 1"))
    opened.close()
