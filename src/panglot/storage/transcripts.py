"""Transcripts: one row per job, the truth about it."""

# ruff: noqa: A002 (ids are named id, as in the records)

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Select, Update, insert

from panglot.errors import NotFoundError, RequestError
from panglot.storage import partials, revisions, texts, webhooks
from panglot.storage import transcript_queries as queries
from panglot.storage.database import Database
from panglot.storage.records import Delivery, Json, Stage, Status, TextLine, TranscriptPage, TranscriptRow
from panglot.storage.tables import TRANSCRIPTS
from panglot.units import Seconds

_CANCELLED = "cancelled before it was done"


class Transcripts:
    """The transcripts of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        *,
        project_id: str,
        request: Json,
        audio_url: str,
        upload_id: str | None,
        cost: int,
        name: str = "",
        key_id: str | None = None,
    ) -> TranscriptRow:
        """Take a job on.

        Its priority is the time at which it would be done if all projects were served equally: a project's jobs line
        up behind each other, and one that comes back does not get the time it left unused (self-clocked fair queueing,
        Golestani, INFOCOM 1994). Within a project a job lines up only behind those that cost no more than itself.

        Parameters
        ----------
        project_id
            Whose it is.
        request
            A `TranscriptionRequest` as plain values.
        audio_url
            Where the recording is.
        upload_id
            The upload that the address names, where it names one.
        cost
            How much work it is, in any unit that is the same for all jobs; at least 1 is counted.
        name
            Of the recording.
        key_id
            The key that asks.

        Returns
        -------
        TranscriptRow
            As it is kept.

        Raises
        ------
        NotFoundError
            If there is no such project.
        """
        with self._database.writing() as connection:
            if connection.execute(queries.lock_project(project_id)).first() is None:
                raise NotFoundError(f"there is no project {project_id!r}; give the id of one")
            cost = max(1, cost)
            last_own, first_of_all = connection.execute(queries.tags(project_id, cost)).one()
            row = TranscriptRow(
                id=str(uuid4()),
                project_id=project_id,
                status="queued",
                stage="accepted",
                request=dict(request),
                audio_url=audio_url,
                upload_id=upload_id,
                created=datetime.now(UTC),
                name=name,
                key_id=key_id,
                cost=cost,
                priority=max(last_own or 0, first_of_all or 0) + cost,
            )
            connection.execute(insert(TRANSCRIPTS), {each.name: getattr(row, each.name) for each in fields(row)})
            connection.execute(texts.begin(row.id, name))
        return row

    def get(self, id: str, project_id: str | None = None) -> TranscriptRow | None:
        """Return the row with that id, None where there is none or it is not of that project."""
        with self._database.reading() as connection:
            row = connection.execute(queries.one(id, project_id)).mappings().first()
        return TranscriptRow(**row) if row else None

    def page(
        self,
        project_id: str,
        *,
        limit: int,
        status: Status | None = None,
        created_on: date | None = None,
        before_id: str | None = None,
        after_id: str | None = None,
    ) -> TranscriptPage:
        """Return some of a project's rows, newest first.

        Parameters
        ----------
        project_id
            Whose.
        limit
            The most to return.
        status
            Only those.
        created_on
            Only those of that day in UTC.
        before_id
            Only older ones than this one, beginning with the newest of them.
        after_id
            Only newer ones than this one; where ``before_id`` is not given, beginning with the oldest of them.

        Returns
        -------
        TranscriptPage
            With whether there are more in both directions that match.

        Raises
        ------
        RequestError
            If ``before_id`` or ``after_id`` is not a row of the project.
        """
        matching = queries.of_project(project_id, status=status, created_on=created_on)
        query = matching
        with self._database.reading() as connection:
            if before_id is not None:
                query = queries.older(query, _place(connection, before_id, project_id))
            if after_id is not None:
                query = queries.newer(query, _place(connection, after_id, project_id))
            backwards = after_id is not None and before_id is None
            ordered = queries.oldest_first(query) if backwards else queries.newest_first(query)
            rows = _rows(connection, ordered.limit(limit))
            if backwards:
                rows.reverse()
            return TranscriptPage(
                rows=tuple(rows),
                has_older=bool(rows) and _any(connection, queries.older(matching, (rows[-1].created, rows[-1].id))),
                has_newer=bool(rows) and _any(connection, queries.newer(matching, (rows[0].created, rows[0].id))),
            )

    def claim(self, id: str, worker: str) -> TranscriptRow | None:
        """Begin an attempt at a job; attempts before it can no longer write.

        Parameters
        ----------
        id
            The job.
        worker
            Who begins.

        Returns
        -------
        TranscriptRow or None
            With the number of the attempt, and of the workers lost before it: where the last one has neither finished
            the job nor released it, it was lost. None where the job is finished, cancelled, deleted or not there.
        """
        with self._database.writing() as connection:
            claimed = queries.claim(id, worker).returning(TRANSCRIPTS)
            row = connection.execute(claimed).mappings().first()
        return TranscriptRow(**row) if row else None

    def set_stage(
        self,
        id: str,
        attempt: int,
        stage: Stage,
        *,
        seconds_done: Seconds | None = None,
        duration: Seconds | None = None,
        playback_key: str | None = None,
    ) -> bool:
        """Note how far an attempt is.

        Parameters
        ----------
        id
            The job.
        attempt
            Who says so.
        stage
            What is being done now.
        seconds_done
            How much of the recording is recognised; None for no change, as below.
        duration
            Of the recording.
        playback_key
            Of the blob with the copy to play.

        Returns
        -------
        bool
            False, and nothing changes, where a newer attempt has begun or the job is finished.
        """
        return self._change(
            queries.progress(
                id, attempt, stage, seconds_done=seconds_done, duration=duration, playback_key=playback_key
            )
        )

    def complete(
        self,
        id: str,
        attempt: int,
        *,
        result_key: str,
        duration: Seconds,
        summary: Json,
        redacted_key: str | None = None,
        lines: Sequence[TextLine] = (),
        deliveries: Sequence[Delivery] = (),
    ) -> bool:
        """Finish a job; its partial results go.

        Parameters
        ----------
        id
            The job.
        attempt
            Who says so.
        result_key
            Of the blob with the result, which is there already.
        duration
            Of the recording.
        summary
            Takes the place of the one before.
        redacted_key
            Of the blob with the redacted audio.
        lines
            What was said, to be found by those who search.
        deliveries
            Go into the outbox together with the change, or not at all.

        Returns
        -------
        bool
            False, and nothing changes, where a newer attempt has begun or the job is finished.
        """
        now = datetime.now(UTC)
        done = queries.held(id, attempt).values(
            status="completed",
            stage="done",
            completed=now,
            result_key=result_key,
            duration=duration,
            seconds_done=duration,
            summary=dict(summary),
            redacted_key=redacted_key,
            redacted_at=None if redacted_key is None else now,
        )
        with self._database.writing() as connection:
            if not connection.execute(done).rowcount:
                return False
            connection.execute(texts.replace(id, lines))
            connection.execute(partials.drop(id))
            for delivery in deliveries:
                connection.execute(webhooks.post(delivery))
        return True

    def fail(self, id: str, attempt: int, error: str, *, deliveries: Sequence[Delivery] = ()) -> bool:
        """Finish a job that cannot be done.

        Parameters
        ----------
        id
            The job.
        attempt
            Who says so; the latest, whether it still works on the job or nobody does.
        error
            Says why, to the client.
        deliveries
            Go into the outbox together with the change, or not at all.

        Returns
        -------
        bool
            False, and nothing changes, where a newer attempt has begun or the job is finished.
        """
        return self._change(queries.fail(id, attempt, error, datetime.now(UTC)), *deliveries)

    def cancel(self, id: str, *, deliveries: Sequence[Delivery] = ()) -> bool:
        """Finish a job as cancelled, whoever works on it.

        Parameters
        ----------
        id
            The job.
        deliveries
            Go into the outbox together with the change, or not at all.

        Returns
        -------
        bool
            False, and nothing changes, where the job is finished already.
        """
        return self._change(queries.cancel(id, _CANCELLED, datetime.now(UTC)), *deliveries)

    def release(self, id: str, attempt: int) -> bool:
        """Give a job back unfinished, with the progress it has made; False where it is no longer this attempt's."""
        return self._change(queries.held(id, attempt).values(status="queued", worker=None))

    def wipe(self, id: str) -> bool:
        """Delete what a client said and got: the row stays, emptied.

        A job that is not finished is cancelled first. Partial results and messages in the outbox go too; blobs and the
        upload are the caller's to delete, before this forgets where they are.

        Parameters
        ----------
        id
            The job.

        Returns
        -------
        bool
            False where there is no such job.
        """
        with self._database.writing() as connection:
            connection.execute(queries.cancel(id, _CANCELLED, datetime.now(UTC)))
            connection.execute(partials.drop(id))
            connection.execute(webhooks.drop(id))
            connection.execute(revisions.drop(id))
            connection.execute(texts.drop(id))
            return connection.execute(queries.wipe(id)).rowcount > 0

    def admissible(self, *, per_project: int | None, limit: int) -> list[TranscriptRow]:
        """Return jobs that may be handed to the workers' queue, best priority first.

        Parameters
        ----------
        per_project
            The most unfinished jobs that a project may have there, with those returned; None for any number.
        limit
            The most to return.

        Returns
        -------
        list of TranscriptRow
            Queued and not admitted.
        """
        return self._read(queries.admissible(per_project=per_project, limit=limit))

    def mark_admitted(self, ids: Collection[str]) -> None:
        """Note that jobs were handed to the workers' queue."""
        if ids:
            self._change(queries.admit(ids))

    def unfinished(self) -> list[TranscriptRow]:
        """Return jobs that were handed to the workers' queue and are not done, best priority first."""
        return self._read(queries.unfinished())

    def retry(self, id: str) -> bool:
        """Let a job that failed or was cancelled begin again, not admitted yet; False where it did not or is deleted.

        Attempts go on counting, so that one that was given up cannot write. The count of lost workers begins at zero.
        """
        return self._change(queries.retry(id))

    def finished_before(self, moment: datetime) -> list[TranscriptRow]:
        """Return jobs that were done before a moment and are not deleted, the longest done first."""
        return self._read(queries.finished_before(moment))

    def needs_upload(self, upload_id: str, *, failed_since: datetime, apart_from: str | None = None) -> bool:
        """Return whether a job still needs an upload.

        Parameters
        ----------
        upload_id
            The upload.
        failed_since
            Jobs that failed or were cancelled at that moment or later need theirs: they may begin again.
        apart_from
            A job that does not count.

        Returns
        -------
        bool
            Whether there is one.
        """
        with self._database.reading() as connection:
            return connection.execute(queries.needing(upload_id, failed_since, apart_from)).first() is not None

    def redacted_before(self, moment: datetime) -> list[TranscriptRow]:
        """Return jobs whose redacted audio was made before a moment and is still kept."""
        return self._read(queries.redacted_before(moment))

    def forget_redacted(self, id: str) -> None:
        """Note that the redacted audio of a job is erased."""
        self._change(queries.by_id(id).values(redacted_key=None))

    def counts(self) -> Mapping[Status, int]:
        """Return how many jobs there are of each status."""
        with self._database.reading() as connection:
            found = {row.status: row.number for row in connection.execute(queries.counts())}
        return {"queued": 0, "processing": 0, "completed": 0, "error": 0, **found}

    def oldest_queued(self) -> datetime | None:
        """Return when the job was taken on that waits longest, None where none waits."""
        with self._database.reading() as connection:
            return connection.execute(queries.oldest_queued()).scalar()

    def recent_failures(self, limit: int) -> list[TranscriptRow]:
        """Return jobs that failed and were not cancelled, the last first."""
        return self._read(queries.failures(limit))

    def _change(self, statement: Update, *deliveries: Delivery) -> bool:
        with self._database.writing() as connection:
            changed = connection.execute(statement).rowcount > 0
            for delivery in deliveries if changed else ():
                connection.execute(webhooks.post(delivery))
        return changed

    def _read(self, query: Select[Any]) -> list[TranscriptRow]:
        with self._database.reading() as connection:
            return _rows(connection, query)


def _rows(connection: Connection, query: Select[Any]) -> list[TranscriptRow]:
    return [TranscriptRow(**row) for row in connection.execute(query).mappings()]


def _any(connection: Connection, query: Select[Any]) -> bool:
    return connection.execute(query.with_only_columns(TRANSCRIPTS.c.id).limit(1)).first() is not None


def _place(connection: Connection, id: str, project_id: str) -> queries.Place:
    found = connection.execute(queries.place(id, project_id)).first()
    if found is None:
        raise RequestError(f"there is no transcript {id!r} to page from; give an id that a page has shown")
    return found.created, found.id
