"""Segments that are recognised while the rest of their recording still is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Delete, Select, delete, insert, select

from panglot.storage import transcript_queries
from panglot.storage.database import Database
from panglot.storage.records import Partial
from panglot.storage.tables import PARTIALS, TRANSCRIPTS

_P = PARTIALS.c


class Partials:
    """The partial results of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, transcript_id: str, attempt: int, chunk: int, segments: Sequence[Mapping[str, Any]]) -> bool:
        """Add what was found in a chunk.

        Parameters
        ----------
        transcript_id
            The job.
        attempt
            Who adds.
        chunk
            Counts from 0 in a recording.
        segments
            Plain values.

        Returns
        -------
        bool
            False, and nothing is added, where the job has been taken on again since or is finished.
        """
        values = {"transcript_id": transcript_id, "attempt": attempt, "chunk": chunk}
        with self._database.writing() as connection:
            if connection.execute(_held(transcript_id, attempt)).first() is None:
                return False
            connection.execute(insert(PARTIALS), {**values, "segments": [dict(each) for each in segments]})
        return True

    def since(self, transcript_id: str, number: int) -> tuple[Partial, ...]:
        """Return what came after a number, in order; 0 for all."""
        with self._database.reading() as connection:
            rows = connection.execute(_since(transcript_id, number)).all()
        return tuple(Partial(number=row.number, segments=tuple(row.segments)) for row in rows)

    def restart(self, transcript_id: str, chunk: int) -> None:
        """Drop what is known of a chunk and those after it: they are recognised again."""
        self._drop(transcript_id, chunk)

    def clear(self, transcript_id: str) -> None:
        """Drop all that is known of a job."""
        self._drop(transcript_id, 0)

    def _drop(self, transcript_id: str, chunk: int) -> None:
        """Writers take turns, so only who has something to drop becomes one."""
        with self._database.reading() as connection:
            known = connection.execute(_since(transcript_id, 0).where(_P.chunk >= chunk).limit(1)).first()
        if known is not None:
            with self._database.writing() as connection:
                connection.execute(drop(transcript_id).where(_P.chunk >= chunk))


def drop(transcript_id: str) -> Delete:
    """Drop what is known of a job, in the transaction of whoever asks."""
    return delete(PARTIALS).where(_P.transcript_id == transcript_id)


def _held(transcript_id: str, attempt: int) -> Select[Any]:
    held = transcript_queries.one(transcript_id).where(
        TRANSCRIPTS.c.attempt == attempt, TRANSCRIPTS.c.status == "processing"
    )
    # Nobody may take the job on before what is added is there to be dropped.
    return held.with_only_columns(TRANSCRIPTS.c.id).with_for_update()


def _since(transcript_id: str, number: int) -> Select[Any, Any]:
    later = select(_P.number, _P.segments).where(_P.transcript_id == transcript_id, _P.number > number)
    return later.order_by(_P.number)
