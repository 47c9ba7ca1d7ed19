"""Revisions: the versions of transcripts that people have edited. Each is kept; the latest counts."""

# ruff: noqa: A002 (ids are named id, as in the records)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Delete, delete, insert, select, update

from panglot.storage import texts
from panglot.storage.database import Database
from panglot.storage.records import Json, Revision, TextLine
from panglot.storage.tables import REVISIONS, TRANSCRIPTS

_R, _T = REVISIONS.c, TRANSCRIPTS.c


class Revisions:
    """The revisions of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, id: str, *, base: int, key: str, note: str, summary: Json, lines: Sequence[TextLine]
    ) -> Revision | None:
        """Make a revision the latest.

        Parameters
        ----------
        id
            The transcript.
        base
            Number of the revision that was edited.
        key
            Of the blob with the document, which is there already.
        note
            What its maker says of it.
        summary
            Takes the place of the transcript's.
        lines
            What is said in it, to be found by those who search.

        Returns
        -------
        Revision or None
            None, and nothing changes, where another revision is the latest, or there is no finished transcript.
        """
        made = Revision(transcript_id=id, number=base + 1, created=datetime.now(UTC), note=note, key=key)
        latest = _T.id == id, _T.revision == base, _T.status == "completed", _T.deleted.is_(False)
        with self._database.writing() as connection:
            taken = update(TRANSCRIPTS).where(*latest).values(revision=base + 1, summary=dict(summary))
            if not connection.execute(taken).rowcount:
                return None
            connection.execute(insert(REVISIONS), asdict(made))
            connection.execute(texts.replace(id, lines))
        return made

    def of(self, id: str) -> tuple[Revision, ...]:
        """Return the revisions of a transcript, oldest first; the original is none of them."""
        query = select(REVISIONS).where(_R.transcript_id == id).order_by(_R.number)
        with self._database.reading() as connection:
            return tuple(Revision(**row) for row in connection.execute(query).mappings())

    def get(self, id: str, number: int) -> Revision | None:
        """Return one revision, None where there is no such."""
        query = select(REVISIONS).where(_R.transcript_id == id, _R.number == number)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return Revision(**row) if row else None


def drop(id: str) -> Delete:
    """Forget the revisions of a transcript, in the transaction of whoever asks."""
    return delete(REVISIONS).where(_R.transcript_id == id)
