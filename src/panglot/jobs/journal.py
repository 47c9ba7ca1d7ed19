"""The journal of all jobs, as DBOS keeps it in the database; the one module that reaches inside DBOS."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from panglot.errors import NotFoundError, StorageError
from panglot.jobs.errors import Superseded

if TYPE_CHECKING:
    from dbos import DBOS, DBOSConfig, EnqueueOptions

State = Literal["queued", "running", "done", "failed", "cancelled"]

WORKFLOW = "panglot.job"
"""Name of the one workflow; jobs in the database refer to it."""

_APPLICATION = "panglot"
_VERSION = "1"
"""Pinned, as a worker takes only jobs of its own version: an upgrade of the program must not leave jobs behind."""
_SCHEMA = "panglot_jobs"
"""In PostgreSQL. SQLite has no schemas; DBOS's tables are told by their names there."""
_BATCH = 500
"""Jobs in a single statement."""
_BUSY_SECONDS = 30.0
_LOOK_SECONDS = 0.001
"""What DBOS waits before each look; the wait that counts is in `Tap`."""

_STATES: dict[str, State] = {
    "ENQUEUED": "queued",
    "DELAYED": "queued",
    "PENDING": "running",
    "SUCCESS": "done",
    "ERROR": "failed",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "failed",
    "CANCELLED": "cancelled",
}
_ENDED = [status for status, state in _STATES.items() if state not in ("queued", "running")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who runs a job, as far as the journal knows."""

    job: str
    worker: str


class Journal:
    """Jobs seen from outside: put in, looked up, taken away. Threads may share it.

    The tables are made where they are missing. While the database cannot be reached, every method raises rather than
    waits.

    Parameters
    ----------
    url
        Of the database: ``sqlite:///path`` or ``postgresql+psycopg://…``.
    name
        Of the queue.

    Raises
    ------
    StorageError
        If the database cannot be used.
    """

    def __init__(self, url: str, *, name: str) -> None:
        from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer

        _hush()
        self.name = name
        with translated("opened"):
            _keep_readers_going(url)
            DBOS.migrate(url, schema=_SCHEMA)
            self._client = DBOSClient(
                system_database_url=url,
                dbos_system_schema=_SCHEMA,
                serializer=DBOSPortableJSONSerializer(),
                application_name=_APPLICATION,
                retry_connection_errors=False,
            )
            # Nobody takes jobs by what the database says: each worker has a limit of its own (see `Tap`).
            self._client.register_queue(name, worker_concurrency=0, polling_interval_sec=_LOOK_SECONDS)
        self._database: Any = self._client._sys_db  # pyright: ignore[reportPrivateUsage]

    def add(self, jobs: Mapping[str, int]) -> None:
        """Put jobs with their priorities into the queue, all or none; those that the journal has already stay."""
        with translated("written"), self._database.engine.begin() as connection:
            for job, priority in jobs.items():
                self._client.enqueue_in_transaction(connection, self._options(job, priority), job)

    def states(self, jobs: Sequence[str]) -> dict[str, State]:
        """Return the states of those jobs that the journal has."""
        found: dict[str, State] = {}
        for batch in _batches(jobs):
            found |= {status.workflow_id: _STATES[status.status] for status in self._list(workflow_ids=batch)}
        return found

    def held(self) -> list[Holder]:
        """Return all jobs that are running somewhere, or were when their worker died."""
        running = self._list(name=WORKFLOW, queue_name=self.name, status="PENDING")
        return [Holder(job=status.workflow_id, worker=status.executor_id or "") for status in running]

    def give_back(self, holder: Holder) -> bool:
        """Put a running job back into the queue, at its priority, unless it has another holder by now.

        Of several that do this at once, one succeeds. The old holder, should it be alive, can record nothing more.
        """
        with translated("written"):
            return bool(self._database.reenqueue_for_recovery(holder.job, [holder.worker], self.name))

    def cancel(self, job: str) -> None:
        """End a job that is not done; a worker that has it notices at its next step."""
        with translated("written"):
            self._client.cancel_workflow(job)

    def revive(self, job: str) -> None:
        """Put a cancelled or failed job back into the queue; the steps it has done stay done."""
        state = self.states([job]).get(job)
        if state is None:
            raise NotFoundError(f"There is no job {job!r} in the queue; put it in with enqueue.")
        with translated("written"):
            if state == "cancelled":
                self._client.resume_workflow(job, queue_name=self.name)
            elif state == "failed":
                done = len(self._client.list_workflow_steps(job))
                self._client.rewind_workflow(job, start_step=done + 1, queue_name=self.name)

    def forget(self, jobs: Sequence[str]) -> None:
        """Remove jobs with all their steps; those that are queued or running stay."""
        for batch in _batches(jobs):
            self._remove([status.workflow_id for status in self._list(workflow_ids=batch, status=_ENDED)])

    def forget_before(self, moment: datetime) -> int:
        """Remove all jobs that ended before a moment, and return how many."""
        removed = 0
        before = moment.isoformat()
        while ended := self._list(name=WORKFLOW, status=_ENDED, completed_before=before, limit=_BATCH):
            self._remove([status.workflow_id for status in ended])
            removed += len(ended)
        return removed

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()

    def _options(self, job: str, priority: int) -> EnqueueOptions:
        return {
            "workflow_name": WORKFLOW,
            "queue_name": self.name,
            "workflow_id": job,
            "app_version": _VERSION,
            "priority": max(1, min(priority, 2**31 - 1)),
        }

    def _list(self, **filters: Any) -> list[Any]:
        with translated("read"):
            return list(self._client.list_workflows(load_input=False, load_output=False, **filters))

    def _remove(self, jobs: list[str]) -> None:
        if jobs:
            with translated("written"):
                self._client.delete_workflows(jobs)


class Tap:
    """Where a worker's DBOS asks, before each look into the queue, how it is set: here it is told when to look.

    DBOS keeps the number of jobs at once in the database, the same for all workers, and looks at fixed times. Here
    each worker has a number of its own, and looks again as soon as a job has ended.

    Likewise, where a job ends that is no longer this worker's, DBOS would keep the thread and ask the database for the
    outcome, for ever if need be. Here it ends.

    Parameters
    ----------
    dbos
        Launched.
    name
        Of the queue.
    """

    def __init__(self, dbos: DBOS, *, name: str) -> None:
        instance: Any = dbos
        database: Any = instance._sys_db
        self._name = name
        self._active: Any = instance._active_workflows_set
        self._ask = database.get_queue
        self._queue: Any = self._ask(name)
        self._when: Any = None
        database.get_queue = self._get_queue
        self._record = database.update_workflow_outcome
        database.update_workflow_outcome = self._end

    def set(self, when: Any) -> None:
        """Set what is called before each look: it waits as long as it likes and returns how many jobs to hold."""
        self._when = when

    def taken(self) -> int:
        """Return how many jobs DBOS counts against the number."""
        return int(self._active.count_for_queue(self._name))

    def _get_queue(self, name: str, **others: Any) -> Any:
        if name != self._name or self._when is None:
            return self._ask(name, **others)
        self._queue._worker_concurrency = self._when()
        return self._queue

    def _end(self, *given: Any, **named: Any) -> bool:
        if not self._record(*given, **named):
            raise Superseded
        return True


def configuration(url: str, *, worker_id: str) -> DBOSConfig:
    """Return how DBOS is set up in a worker."""
    from dbos import DBOSPortableJSONSerializer

    _hush()
    connecting: dict[str, Any] = {"factory": _QuickConnection} if url.startswith("sqlite") else {}
    return {
        "name": _APPLICATION,
        "system_database_url": url,
        "dbos_system_schema": _SCHEMA,
        "serializer": DBOSPortableJSONSerializer(),
        "application_version": _VERSION,
        "executor_id": worker_id,
        "log_level": "ERROR",
        "run_migrations": False,
        "use_listen_notify": False,
        "notification_listener_polling_interval_sec": 0.2,  # nobody listens; it is what closing waits for
        "sys_db_pool_size": 10,
        "db_engine_kwargs": {"connect_args": connecting},
    }


@contextmanager
def translated(done: str) -> Generator[None]:
    """Raise errors of DBOS and of its database as `StorageError`."""
    from dbos import error as errors
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (errors.DBOSException, SQLAlchemyError, sqlite3.Error, OSError) as error:
        cause = str(error).partition("\n")[0]
        raise StorageError(f"The queue of jobs cannot be {done}: {cause}. Is the database running?") from error


def _keep_readers_going(url: str) -> None:
    """Let an SQLite file be read while it is written: the setting stays with the file."""
    from sqlalchemy import make_url

    path = make_url(url).database
    if url.startswith("sqlite") and path:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")


def _batches(jobs: Sequence[str]) -> Iterable[list[str]]:
    return (list(jobs[first : first + _BATCH]) for first in range(0, len(jobs), _BATCH))


class _QuickConnection(sqlite3.Connection):
    """Does not wait for the disk after each step: three times as fast.

    A crash of the program loses nothing. A power cut may lose the last steps, which are then done again; what ended
    them for the user is written, and waited for, by others.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.execute("PRAGMA synchronous=NORMAL")


class _Forward(logging.Handler):
    """Hands DBOS's records to Panglot's logger, so that DBOS adds no handler of its own."""

    def emit(self, record: logging.LogRecord) -> None:
        logging.getLogger("panglot.jobs").handle(record)


def _hush() -> None:
    """Let DBOS say nothing but errors, and those where the program logs."""
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.ERROR)
    logger.propagate = False
    if not any(isinstance(handler, _Forward) for handler in logger.handlers):
        logger.addHandler(_Forward())
