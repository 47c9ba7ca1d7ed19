"""The outbox: messages to receivers of webhooks, kept until they are delivered or given up."""

# ruff: noqa: A002 (ids are named id, as in the records)

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import Delete, Insert, Select, Update, delete, insert, select, update

from panglot.storage.database import Database
from panglot.storage.records import Delivery
from panglot.storage.tables import DELIVERIES, TRANSCRIPTS

_D = DELIVERIES.c


class Outbox:
    """The outbox of a database. Each message is delivered at least once: a sender may die before it says so."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, delivery: Delivery) -> None:
        """Keep a message that is to be sent."""
        with self._database.writing() as connection:
            connection.execute(post(delivery))

    def due(self, now: datetime, limit: int, lease_seconds: float) -> list[Delivery]:
        """Take messages that are to be sent now.

        Parameters
        ----------
        now
            The time.
        limit
            The most to take.
        lease_seconds
            For how long nobody else is given them. Who does not report until then is taken for dead.

        Returns
        -------
        list of Delivery
            Those that have waited longest first; ``attempts`` counts those that were reported.
        """
        with self._database.writing() as connection:
            ids = connection.execute(_waiting(now, limit)).scalars().all()
            taken = update(DELIVERIES).where(_D.id.in_(ids)).values(next_at=now + timedelta(seconds=lease_seconds))
            rows = {row["id"]: row for row in connection.execute(taken.returning(DELIVERIES)).mappings()}
        return [Delivery(**rows[each]) for each in ids]

    def delivered(self, id: str, status_code: int) -> None:
        """Note that a message arrived."""
        self._report(id, status_code, delivered=datetime.now(UTC))

    def retry_at(self, id: str, moment: datetime, status_code: int | None) -> None:
        """Note that a message did not arrive, and when to send it again."""
        with self._database.writing() as connection:
            connection.execute(_attempted(id, status_code, next_at=moment))

    def give_up(self, id: str, status_code: int | None) -> None:
        """Note that a message will not arrive."""
        self._report(id, status_code, failed=datetime.now(UTC))

    def of(self, transcript_id: str) -> tuple[Delivery, ...]:
        """Return all messages about a transcript."""
        query = select(DELIVERIES).where(_D.transcript_id == transcript_id)
        with self._database.reading() as connection:
            found = [Delivery(**row) for row in connection.execute(query).mappings()]
        return tuple(sorted(found, key=attrgetter("next_at", "id")))

    def _report(self, id: str, status_code: int | None, **outcome: datetime) -> None:
        with self._database.writing() as connection:
            about = connection.execute(_attempted(id, status_code, **outcome).returning(_D.transcript_id)).scalar()
            if about is not None:
                connection.execute(_answered(about, status_code))


def post(delivery: Delivery) -> Insert:
    """Put a message into the outbox, in the transaction of whoever asks."""
    return insert(DELIVERIES).values(asdict(delivery))


def drop(transcript_id: str) -> Delete:
    """Drop all messages about a transcript, in the transaction of whoever asks."""
    return delete(DELIVERIES).where(_D.transcript_id == transcript_id)


def _waiting(now: datetime, limit: int) -> Select[Any]:
    waiting = _D.delivered.is_(None), _D.failed.is_(None), _D.next_at <= now
    # Rows that another sender is just taking are passed over, not waited for.
    return select(_D.id).where(*waiting).order_by(_D.next_at, _D.id).limit(limit).with_for_update(skip_locked=True)


def _attempted(id: str, status_code: int | None, **outcome: datetime) -> Update:
    open_ones = _D.id == id, _D.delivered.is_(None), _D.failed.is_(None)
    return update(DELIVERIES).where(*open_ones).values(attempts=_D.attempts + 1, status_code=status_code, **outcome)


def _answered(transcript_id: str, status_code: int | None) -> Update:
    return update(TRANSCRIPTS).where(TRANSCRIPTS.c.id == transcript_id).values(webhook_status=status_code)
