"""Files that were sent: whose they are and where their bytes lie."""

# ruff: noqa: A002 (ids are named id, as in the records)

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select

from panglot.storage.database import Database
from panglot.storage.records import Upload
from panglot.storage.tables import UPLOADS


class Uploads:
    """The uploads of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, project_id: str, *, id: str, key: str, size: int) -> Upload:
        """Keep that a file was sent; its bytes are stored already."""
        upload = Upload(id=id, project_id=project_id, key=key, size=size, created=datetime.now(UTC))
        with self._database.writing() as connection:
            connection.execute(insert(UPLOADS), asdict(upload))
        return upload

    def get(self, id: str) -> Upload | None:
        """Return the upload with that id, None where there is none."""
        with self._database.reading() as connection:
            row = connection.execute(select(UPLOADS).where(UPLOADS.c.id == id)).mappings().first()
        return Upload(**row) if row else None

    def remove(self, id: str) -> None:
        """Forget an upload, where there is one."""
        with self._database.writing() as connection:
            connection.execute(delete(UPLOADS).where(UPLOADS.c.id == id))

    def older_than(self, moment: datetime) -> tuple[Upload, ...]:
        """Return what was sent before a moment, oldest first."""
        query = select(UPLOADS).where(UPLOADS.c.created < moment).order_by(UPLOADS.c.created)
        with self._database.reading() as connection:
            return tuple(Upload(**row) for row in connection.execute(query).mappings())
