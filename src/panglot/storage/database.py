"""The database: SQLite in one file, or PostgreSQL for many machines."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, text
from sqlalchemy.engine import URL

from panglot.errors import StorageError

_BUSY_SECONDS = 30
"""How long to wait for another writer of the same SQLite file, or for a free connection."""
_CONNECT_SECONDS = 10
_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x70616E67
"""Names the lock in PostgreSQL under which tables change; any number that nothing else there uses."""

_Begin = Literal["BEGIN", "BEGIN IMMEDIATE"]


class Database:
    """Connections to one database, shared by the threads of a process.

    Parameters
    ----------
    url
        ``sqlite:///relative/path``, ``sqlite:////absolute/path`` or ``postgresql+psycopg://user:password@host/name``.

    Raises
    ------
    StorageError
        If the URL names neither, or the folder of the file cannot be made.
    """

    def __init__(self, url: str) -> None:
        self._url = _parse(url)
        self._sqlite = self._url.get_backend_name() == "sqlite"
        self._writers = threading.Lock()
        try:
            self._engine = _sqlite_engine(self._url) if self._sqlite else _postgres_engine(self._url)
        except OSError as error:
            raise self._unusable(error) from error

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """Yield a connection that sees one state of the database and changes nothing."""
        with self._translating(), self._connected("BEGIN") as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """Yield a connection inside a transaction: all of it is kept, or nothing where an error leaves the block."""
        with (
            self._turn(),
            self._translating(),
            self._connected("BEGIN IMMEDIATE") as connection,
            connection.begin(),
        ):
            yield connection

    def migrate(self) -> None:
        """Bring the tables to what this program needs; any number of processes may do it at once.

        A database that a newer program has already taken further is left as it is.
        """
        if self._sqlite:
            self._keep_journal_ahead()
        with self.writing() as connection:
            if not self._sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            if (_version(connection) or "") < _newest():
                _upgrade(connection)

    def version(self) -> str | None:
        """Return the number of the last migration that was done, None before the first."""
        with self.reading() as connection:
            return _version(connection)

    def check(self) -> None:
        """Find out whether the database can be used.

        Raises
        ------
        StorageError
            If it cannot be reached, or its tables are older than this program needs.
        """
        version = self.version()
        if (version or "") < _newest():
            raise StorageError(
                f"the tables in {self._name} are of version {version or 'none'}, and this program needs {_newest()}; "
                "run `panglot db upgrade`"
            )

    def close(self) -> None:
        """Close all connections that are not in use."""
        self._engine.dispose()

    @contextmanager
    def _turn(self) -> Generator[None]:
        """Let the threads of this process write to an SQLite file one after another.

        SQLite lets those who wait look again at times, the longer they have waited the more seldom.
        """
        if not self._sqlite:
            yield
            return
        if not self._writers.acquire(timeout=_BUSY_SECONDS):
            raise StorageError(
                f"the database {self._name} cannot be used: others in this process have written to it for "
                f"{_BUSY_SECONDS} s"
            )
        try:
            yield
        finally:
            self._writers.release()

    @property
    def _name(self) -> str:
        return self._url.render_as_string(hide_password=True)

    @contextmanager
    def _connected(self, begin: _Begin) -> Generator[Connection]:
        with self._engine.connect() as connection:
            yield connection.execution_options(panglot_begin=begin)

    @contextmanager
    def _translating(self) -> Generator[None]:
        try:
            yield
        except (exc.SQLAlchemyError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> StorageError:
        # The library's own text holds the statement; the database's says what is wrong.
        reason = error.orig if isinstance(error, exc.DBAPIError) else error
        return StorageError(f"the database {self._name} cannot be used: {reason}")

    def _keep_journal_ahead(self) -> None:
        """Let readers and a writer work at once. The file remembers it.

        SQLite does not wait for its turn with this, so it is asked again.
        """
        deadline = time.monotonic() + _BUSY_SECONDS
        with self._translating():
            while True:
                raw = self._engine.raw_connection()
                try:
                    raw.cursor().execute("PRAGMA journal_mode=WAL")
                except sqlite3.OperationalError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.05)
                else:
                    return
                finally:
                    raw.close()


def _parse(url: str) -> URL:
    allowed = "give sqlite:///path or postgresql+psycopg://user:password@host/name"
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise StorageError(f"what was given is not the URL of a database; {allowed}") from error
    if parsed.drivername in ("sqlite", "sqlite+pysqlite") and parsed.database not in (None, "", ":memory:"):
        return parsed
    if parsed.drivername == "postgresql+psycopg":
        return parsed
    raise StorageError(f"{parsed.render_as_string(hide_password=True)} is not a database that can be used; {allowed}")


def _sqlite_engine(url: URL) -> Engine:
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=5,
        max_overflow=15,
        pool_reset_on_return=None,  # `reading` and `writing` end their transactions
        connect_args={"timeout": _BUSY_SECONDS},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgres_engine(url: URL) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=5,
        max_overflow=15,
        pool_pre_ping=True,  # the server may have been restarted
        connect_args={"connect_timeout": _CONNECT_SECONDS},
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten, however SQLite was built
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that begins by reading may find that it cannot write; one that will write says so at once.
    connection.exec_driver_sql(connection.get_execution_options().get("panglot_begin", "BEGIN"))


def _version(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


@cache
def _newest() -> str:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(_MIGRATIONS)).get_current_head() or ""


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
