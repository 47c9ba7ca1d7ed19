"""What is asked of the table of transcripts, and what is changed in it."""

# ruff: noqa: A002 (ids are named id, as in the records)

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Select, Update, and_, case, func, or_, select, tuple_, update

from panglot.storage.records import Stage, Status
from panglot.storage.tables import PROJECTS, TRANSCRIPTS
from panglot.units import Seconds

UNFINISHED = ("queued", "processing")
FINISHED = ("completed", "error")

DELETED = "Deleted by user."
DELETED_URL = "http://deleted_by_user"

_T = TRANSCRIPTS.c
_OLDEST_FIRST = (_T.created, _T.id)
_NEWEST_FIRST = (_T.created.desc(), _T.id.desc())
_BEST_FIRST = (_T.priority, _T.created, _T.id)

Place = tuple[datetime, str]
"""Where a row stands in a project's list: when it was made, and its id."""


def lock_project(project_id: str) -> Select[Any]:
    """Find the project and hold it until the transaction ends: its rows get their priorities one after the other."""
    return select(PROJECTS.c.id).where(PROJECTS.c.id == project_id).with_for_update(key_share=True)


def tags(project_id: str, cost: int) -> Select[Any, Any]:
    """Find the last tag among the project's unfinished rows that cost no more, and the first among those of all."""
    alike = _T.project_id == project_id, _T.cost <= cost
    own = select(func.max(_T.priority)).where(_T.status.in_(UNFINISHED), *alike)
    every = select(func.min(_T.priority)).where(_T.status.in_(UNFINISHED))
    return select(own.scalar_subquery(), every.scalar_subquery())


def one(id: str, project_id: str | None = None) -> Select[Any]:
    """Find one row, of that project where one is given."""
    query = select(TRANSCRIPTS).where(_T.id == id)
    return query if project_id is None else query.where(_T.project_id == project_id)


def place(id: str, project_id: str) -> Select[Any, Any]:
    """Find where a row of a project stands."""
    return select(_T.created, _T.id).where(_T.id == id, _T.project_id == project_id)


def of_project(project_id: str, *, status: Status | None, created_on: date | None) -> Select[Any]:
    """Find the rows of a project, in no order."""
    query = select(TRANSCRIPTS).where(_T.project_id == project_id)
    if status is not None:
        query = query.where(_T.status == status)
    if created_on is not None:
        first, last = (datetime.combine(created_on, moment, UTC) for moment in (time.min, time.max))
        query = query.where(_T.created.between(first, last))
    return query


def newest_first(query: Select[Any]) -> Select[Any]:
    """Put the rows of a list in order."""
    return query.order_by(*_NEWEST_FIRST)


def oldest_first(query: Select[Any]) -> Select[Any]:
    """Put the rows of a list in order."""
    return query.order_by(*_OLDEST_FIRST)


def older(query: Select[Any], mark: Place) -> Select[Any]:
    """Keep what stands before a place in time."""
    return query.where(tuple_(*_OLDEST_FIRST) < tuple_(*mark, types=(_T.created.type, _T.id.type)))


def newer(query: Select[Any], mark: Place) -> Select[Any]:
    """Keep what stands after a place in time."""
    return query.where(tuple_(*_OLDEST_FIRST) > tuple_(*mark, types=(_T.created.type, _T.id.type)))


def admissible(*, per_project: int | None, limit: int) -> Select[Any]:
    """Find what may be handed to the workers' queue, so that no project has more than its number there."""
    in_queue = (
        select(_T.project_id, func.count().label("number"))
        .where(_T.status.in_(UNFINISHED), _T.admitted)
        .group_by(_T.project_id)
        .subquery()
    )
    rank = func.row_number().over(partition_by=_T.project_id, order_by=_BEST_FIRST)
    waiting = (
        select(_T.id, _T.project_id, rank.label("rank")).where(_T.status == "queued", _T.admitted.is_(False)).subquery()
    )
    query = (
        select(TRANSCRIPTS)
        .join(waiting, waiting.c.id == _T.id)
        .outerjoin(in_queue, in_queue.c.project_id == _T.project_id)
        .order_by(*_BEST_FIRST)
        .limit(limit)
    )
    if per_project is None:
        return query
    return query.where(waiting.c.rank + func.coalesce(in_queue.c.number, 0) <= per_project)


def unfinished() -> Select[Any]:
    """Find what was handed to the workers' queue and is not done yet, best priority first."""
    condition = _T.status.in_(UNFINISHED), _T.admitted
    return select(TRANSCRIPTS).where(*condition).order_by(*_BEST_FIRST)


def finished_before(moment: datetime) -> Select[Any]:
    """Find what was done before a moment and still has its data, the longest done first."""
    condition = _T.status.in_(FINISHED), _T.completed < moment, _T.deleted.is_(False)
    return select(TRANSCRIPTS).where(*condition).order_by(_T.completed, _T.id)


def needing(upload_id: str, failed_since: datetime, apart_from: str | None) -> Select[Any]:
    """Find one that needs an upload: it is not done yet, or failed so lately that it may begin again."""
    failed_lately = and_(_T.status == "error", _T.completed >= failed_since)
    query = select(_T.id).where(_T.upload_id == upload_id, or_(_T.status.in_(UNFINISHED), failed_lately)).limit(1)
    return query if apart_from is None else query.where(_T.id != apart_from)


def redacted_before(moment: datetime) -> Select[Any]:
    """Find what has redacted audio from before a moment."""
    return select(TRANSCRIPTS).where(_T.redacted_key.is_not(None), _T.redacted_at < moment)


def failures(limit: int) -> Select[Any]:
    """Find what went wrong last."""
    condition = _T.status == "error", _T.cancelled.is_(False)
    return select(TRANSCRIPTS).where(*condition).order_by(_T.completed.desc(), _T.id).limit(limit)


def counts() -> Select[Any, int]:
    """Count the rows of each status."""
    return select(_T.status, func.count().label("number")).group_by(_T.status)


def oldest_queued() -> Select[Any]:
    """Find since when the row that waits longest does."""
    return select(func.min(_T.created)).where(_T.status == "queued")


def claim(id: str, worker: str) -> Update:
    """Take a row on; whoever had it before may no longer write, and counts as lost."""
    taken = update(TRANSCRIPTS).where(_T.id == id, _T.status.in_(UNFINISHED))
    started = func.coalesce(_T.started, datetime.now(UTC), type_=_T.started.type)
    lost = case((_T.status == "processing", 1), else_=0)
    return taken.values(
        status="processing",
        stage=case((_T.stage == "accepted", "fetching"), else_=_T.stage),
        attempt=_T.attempt + 1,
        losses=_T.losses + lost,
        worker=worker,
        started=started,
    )


def held(id: str, attempt: int) -> Update:
    """Change a row only while this attempt works on it: the fence."""
    return update(TRANSCRIPTS).where(_T.id == id, _T.attempt == attempt, _T.status == "processing")


def progress(
    id: str,
    attempt: int,
    stage: Stage,
    *,
    seconds_done: Seconds | None,
    duration: Seconds | None,
    playback_key: str | None,
) -> Update:
    """Note how far a row is."""
    known = {"seconds_done": seconds_done, "duration": duration, "playback_key": playback_key}
    return held(id, attempt).values(stage=stage, **{name: value for name, value in known.items() if value is not None})


def fail(id: str, attempt: int, error: str, now: datetime) -> Update:
    """Finish a row that nobody has taken on since, working on it or not."""
    latest = update(TRANSCRIPTS).where(_T.id == id, _T.attempt == attempt, _T.status.in_(UNFINISHED))
    return latest.values(status="error", error=error, completed=now)


def cancel(id: str, error: str, now: datetime) -> Update:
    """Finish a row whoever works on it."""
    waiting = update(TRANSCRIPTS).where(_T.id == id, _T.status.in_(UNFINISHED))
    return waiting.values(status="error", error=error, completed=now, cancelled=True)


def admit(ids: Collection[str]) -> Update:
    """Note that rows were handed to the workers' queue."""
    return update(TRANSCRIPTS).where(_T.id.in_(ids)).values(admitted=True)


def by_id(id: str) -> Update:
    """Change a row, whatever its state."""
    return update(TRANSCRIPTS).where(_T.id == id)


def retry(id: str) -> Update:
    """Let a row that failed begin again."""
    failed = update(TRANSCRIPTS).where(_T.id == id, _T.status == "error", _T.deleted.is_(False))
    return failed.values(
        status="queued",
        stage="accepted",
        admitted=False,
        cancelled=False,
        worker=None,
        losses=0,
        error=None,
        completed=None,
        seconds_done=0.0,
        started=None,
        playback_key=None,
        webhook_status=None,
    )


def wipe(id: str) -> Update:
    """Empty a row of everything that the client said or got; that there was a job, and how long, stays."""
    return (
        update(TRANSCRIPTS)
        .where(_T.id == id)
        .values(
            deleted=True,
            request={},
            summary={},
            audio_url=DELETED_URL,
            name="",
            playback_key=None,
            revision=0,
            share_digest=None,
            share_nonce=None,
            upload_id=None,
            result_key=None,
            redacted_key=None,
            redacted_at=None,
            error=case((_T.error.is_not(None), DELETED), else_=None),
        )
    )
