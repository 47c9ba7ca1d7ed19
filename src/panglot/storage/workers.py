"""Worker processes and when they last reported."""

# ruff: noqa: A002 (ids are named id, as in the records)

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select, update

from panglot.storage.database import Database
from panglot.storage.records import WorkerRow
from panglot.storage.tables import WORKERS


class Workers:
    """The workers of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def beat(self, row: WorkerRow) -> None:
        """Keep what a worker reports, in place of what it reported before."""
        values = asdict(row)
        with self._database.writing() as connection:
            if not connection.execute(update(WORKERS).where(WORKERS.c.id == row.id).values(values)).rowcount:
                connection.execute(insert(WORKERS), values)

    def silent(self, before: datetime) -> list[WorkerRow]:
        """Return the workers that last reported before a moment."""
        return self._where(WORKERS.c.seen < before)

    def alive(self, since: datetime) -> list[WorkerRow]:
        """Return the workers that reported at a moment or later."""
        return self._where(WORKERS.c.seen >= since)

    def remove(self, id: str) -> None:
        """Forget a worker, where there is one."""
        with self._database.writing() as connection:
            connection.execute(delete(WORKERS).where(WORKERS.c.id == id))

    def _where(self, condition: ColumnElement[bool]) -> list[WorkerRow]:
        query = select(WORKERS).where(condition).order_by(WORKERS.c.started, WORKERS.c.id)
        with self._database.reading() as connection:
            return [WorkerRow(**row) for row in connection.execute(query).mappings()]
