"""Projects and their API keys."""

# ruff: noqa: A002 (ids are named id, as in the records)

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Select, Update, exc, insert, select, update

from panglot.errors import NotFoundError, RequestError, StorageError
from panglot.storage.database import Database
from panglot.storage.records import ApiKey, Project
from panglot.storage.tables import API_KEYS, PROJECTS

_PREFIX = "pg_"
_SECRET_BYTES = 32
_HINT = 8
"""Characters of a secret that may be shown again."""
_LAST_USED_STEP = timedelta(minutes=1)
"""Reading is cheap and writing is not, so the time of use is not written at each use."""
_KEY_COLUMNS = [column for column in API_KEYS.columns if column.name != "digest"]


class Projects:
    """The projects of a database, and who may act for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str) -> Project:
        """Make a project.

        Parameters
        ----------
        name
            One that no project has yet.

        Returns
        -------
        Project
            As it is kept.

        Raises
        ------
        RequestError
            If there is a project of that name.
        """
        project = Project(id=str(uuid4()), name=name, created=datetime.now(UTC))
        values = {"id": project.id, "name": project.name, "created": project.created}
        try:
            with self._database.writing() as connection:
                connection.execute(insert(PROJECTS), values)
        except StorageError as error:
            if isinstance(error.__cause__, exc.IntegrityError):
                raise RequestError(f"there is a project {name!r} already; give another name") from error
            raise
        return project

    def get(self, id: str) -> Project | None:
        """Return the project with that id, None where there is none."""
        return self._one(select(PROJECTS).where(PROJECTS.c.id == id))

    def find(self, name: str) -> Project | None:
        """Return the project of that name, None where there is none."""
        return self._one(select(PROJECTS).where(PROJECTS.c.name == name))

    def all(self) -> tuple[Project, ...]:
        """Return all projects, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(PROJECTS).order_by(PROJECTS.c.created, PROJECTS.c.id)).mappings()
            return tuple(Project(**row) for row in rows)

    def create_key(self, project_id: str, name: str, *, operator: bool = False) -> tuple[ApiKey, str]:
        """Make a key.

        Parameters
        ----------
        project_id
            Whom it belongs to.
        name
            Tells people what it is for.
        operator
            Whether it also shows how the whole deployment does.

        Returns
        -------
        key, secret
            What is kept, and what the client sends. The secret is not kept and cannot be shown again.

        Raises
        ------
        NotFoundError
            If there is no such project.
        """
        secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        key_id, created = str(uuid4()), datetime.now(UTC)
        key = ApiKey(
            id=key_id, project_id=project_id, name=name, hint=secret[:_HINT], created=created, operator=operator
        )
        values = {column.name: getattr(key, column.name) for column in _KEY_COLUMNS}
        with self._database.writing() as connection:
            if connection.execute(select(PROJECTS.c.id).where(PROJECTS.c.id == project_id)).first() is None:
                raise NotFoundError(f"there is no project {project_id!r}; `panglot keys create` names those there are")
            connection.execute(insert(API_KEYS), {**values, "digest": _digest(secret)})
        return key, secret

    def keys(self, project_id: str | None = None) -> tuple[ApiKey, ...]:
        """Return the keys of a project, or of all, revoked ones too, oldest first."""
        with self._database.reading() as connection:
            return tuple(ApiKey(**row) for row in connection.execute(_keys(project_id)).mappings())

    def is_operator(self, key_id: str) -> bool:
        """Whether a key also shows how the whole deployment does."""
        query = select(API_KEYS.c.operator).where(API_KEYS.c.id == key_id, API_KEYS.c.revoked.is_(None))
        with self._database.reading() as connection:
            return bool(connection.execute(query).scalar())

    def revoke(self, key_id: str) -> bool:
        """Make a key useless from now on; False where there is no such key or it was useless already."""
        with self._database.writing() as connection:
            return connection.execute(_revoke(key_id, datetime.now(UTC))).rowcount > 0

    def authenticate(self, secret: str) -> tuple[Project, ApiKey] | None:
        """Find out whose key a secret is.

        Parameters
        ----------
        secret
            What a client sent.

        Returns
        -------
        tuple of Project and ApiKey, or None
            None where it is not a key, or was revoked.
        """
        digest = _digest(secret)
        with self._database.reading() as connection:
            found = connection.execute(_key_of(digest)).mappings().first()
            if found is None or not hmac.compare_digest(str(found["digest"]), digest):
                return None
            key = ApiKey(**{column.name: found[column.name] for column in _KEY_COLUMNS})
            project = connection.execute(select(PROJECTS).where(PROJECTS.c.id == key.project_id)).mappings().one()
        self._note_use(key)
        return Project(**project), key

    def _note_use(self, key: ApiKey) -> None:
        now = datetime.now(UTC)
        if key.last_used is None or now - key.last_used >= _LAST_USED_STEP:
            with self._database.writing() as connection:
                connection.execute(update(API_KEYS).where(API_KEYS.c.id == key.id).values(last_used=now))

    def _one(self, query: Select[Any]) -> Project | None:
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return Project(**row) if row else None


def _digest(secret: str) -> str:
    # A secret has 256 bits of chance: guessing is hopeless however fast the hash is, so it may be a fast one.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _keys(project_id: str | None) -> Select[Any]:
    query = select(*_KEY_COLUMNS).order_by(API_KEYS.c.created, API_KEYS.c.id)
    return query if project_id is None else query.where(API_KEYS.c.project_id == project_id)


def _key_of(digest: str) -> Select[Any]:
    return select(API_KEYS).where(API_KEYS.c.digest == digest, API_KEYS.c.revoked.is_(None))


def _revoke(key_id: str, now: datetime) -> Update:
    return update(API_KEYS).where(API_KEYS.c.id == key_id, API_KEYS.c.revoked.is_(None)).values(revoked=now)
