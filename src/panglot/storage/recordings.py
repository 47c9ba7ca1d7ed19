"""Transcripts as people look at them: found by what is said, played, shared, and counted by whose they are."""

# ruff: noqa: A002 (ids are named id, as in the records)

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from panglot.errors import RequestError
from panglot.storage import texts
from panglot.storage import transcript_queries as queries
from panglot.storage.database import Database
from panglot.storage.records import Status, TextLine, TranscriptRow, Usage
from panglot.storage.tables import TEXTS, TRANSCRIPTS

_T = TRANSCRIPTS.c


class Recordings:
    """The recordings of a database, without those that were deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        project_id: str,
        *,
        limit: int,
        before_id: str | None = None,
        status: Status | None = None,
        terms: Sequence[str] = (),
    ) -> tuple[tuple[TranscriptRow, ...], bool]:
        """Return some of a project's recordings, newest first.

        Parameters
        ----------
        project_id
            Whose.
        limit
            The most to return.
        before_id
            Only older ones than this one.
        status
            Only those.
        terms
            Small letters that each must occur in the name or in what is said.

        Returns
        -------
        rows, more
            And whether there are older ones that match.

        Raises
        ------
        RequestError
            If ``before_id`` is not a recording of the project.
        """
        query = queries.of_project(project_id, status=status, created_on=None).where(_T.deleted.is_(False))
        if terms:
            query = query.join(TEXTS, TEXTS.c.transcript_id == _T.id).where(texts.holds(terms))
        with self._database.reading() as connection:
            if before_id is not None:
                query = queries.older(query, _place(connection, before_id, project_id))
            rows = _rows(connection, queries.newest_first(query).limit(limit + 1))
        return rows[:limit], len(rows) > limit

    def matches(self, ids: Collection[str], terms: Sequence[str]) -> Mapping[str, tuple[TextLine, ...]]:
        """Return where terms occur, for each transcript."""
        found: dict[str, tuple[TextLine, ...]] = {}
        with self._database.reading() as connection:
            for each in ids:  # one at a time: it may be of many hours
                lines: Sequence[tuple[float, float, str]] = (
                    connection.execute(select(TEXTS.c.lines).where(TEXTS.c.transcript_id == each)).scalar() or []
                )
                found[each] = texts.matches([TextLine(start=a, end=b, text=text) for a, b, text in lines], terms)
        return found

    def ahead(self, ids: Collection[str]) -> Mapping[str, int]:
        """Return how many queued jobs go before each of some; those that are not queued are left out."""
        if not ids:
            return {}
        place = func.row_number().over(order_by=(_T.priority, _T.created, _T.id)).label("place")
        queue = select(_T.id, place).where(_T.status == "queued").subquery()
        with self._database.reading() as connection:
            found = connection.execute(select(queue.c.id, queue.c.place).where(queue.c.id.in_(ids)))
            return {row.id: row.place - 1 for row in found}

    def forget_playback(self, id: str) -> None:
        """Note that the copy to play is erased."""
        with self._database.writing() as connection:
            connection.execute(queries.by_id(id).values(playback_key=None))

    def playable_before(self, moment: datetime) -> tuple[TranscriptRow, ...]:
        """Return finished jobs that were taken on before a moment and still have a copy to play."""
        old = _T.playback_key.is_not(None), _T.created < moment, _T.status.in_(queries.FINISHED)
        with self._database.reading() as connection:
            return _rows(connection, select(TRANSCRIPTS).where(*old))

    def share(self, id: str, *, nonce: str, digest: str) -> bool:
        """Let whoever has a token see a transcript; False where it is deleted, not completed, or shared already."""
        free = _T.id == id, _T.status == "completed", _T.deleted.is_(False), _T.share_digest.is_(None)
        with self._database.writing() as connection:
            shared = update(TRANSCRIPTS).where(*free).values(share_nonce=nonce, share_digest=digest)
            return connection.execute(shared).rowcount > 0

    def unshare(self, id: str) -> None:
        """Make the token of a transcript useless."""
        with self._database.writing() as connection:
            connection.execute(queries.by_id(id).values(share_nonce=None, share_digest=None))

    def shared(self, digest: str) -> TranscriptRow | None:
        """Return the transcript that a token shows, None where there is none."""
        query = select(TRANSCRIPTS).where(_T.share_digest == digest, _T.deleted.is_(False))
        with self._database.reading() as connection:
            rows = _rows(connection, query)
        return rows[0] if rows else None

    def corrected(self, project_id: str) -> tuple[TranscriptRow, ...]:
        """Return the project's transcripts that have revisions, oldest first."""
        query = queries.of_project(project_id, status="completed", created_on=None)
        edited = query.where(_T.revision > 0, _T.deleted.is_(False))
        with self._database.reading() as connection:
            return _rows(connection, queries.oldest_first(edited))

    def usage(self) -> tuple[Usage, ...]:
        """Return what was asked for with each key, of all projects."""
        audio = func.coalesce(func.sum(_T.duration), 0.0).label("audio")
        query = select(_T.project_id, _T.key_id, func.count().label("jobs"), audio).group_by(_T.project_id, _T.key_id)
        with self._database.reading() as connection:
            return tuple(Usage(**row) for row in connection.execute(query).mappings())


def _rows(connection: Connection, query: Select[Any]) -> tuple[TranscriptRow, ...]:
    return tuple(TranscriptRow(**row) for row in connection.execute(query).mappings())


def _place(connection: Connection, id: str, project_id: str) -> queries.Place:
    found = connection.execute(queries.place(id, project_id)).first()
    if found is None:
        raise RequestError(f"there is no recording {id!r} to page from; give an id that a page has shown")
    return found.created, found.id
