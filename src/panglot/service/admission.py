"""From accepted to queued: which jobs the workers may take, so that projects share them fairly."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import structlog

from panglot.errors import StorageError
from panglot.service.erasing import job_prefix
from panglot.service.platform import Platform
from panglot.units import Seconds

_AT_ONCE = 200
_PAUSE: Seconds = 0.05
"""From the end of one time that jobs are handed over to the next: those that come in a crowd go together."""
_SETTLED = timedelta(seconds=30)
"""Older jobs must be in the queue: whoever would have put them there has had the time."""
_JOURNAL_KEPT = timedelta(hours=1)
_OVER = ("done", "failed", "cancelled")

_log = structlog.get_logger("panglot.service")


class Admissions:
    """Hands jobs over while requests go on; those that are accepted meanwhile go together.

    Parameters
    ----------
    platform
        Where the jobs are.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="panglot-admission")
        self._asked = threading.Event()
        self._earliest = time.monotonic()

    def ask(self) -> None:
        """Have the next jobs handed over soon."""
        if not self._asked.is_set():
            self._asked.set()
            self._pool.submit(self._admit)

    def close(self) -> None:
        """Wait until what was asked for is done."""
        self._pool.shutdown()

    def _admit(self) -> None:
        time.sleep(max(0.0, self._earliest - time.monotonic()))
        self._asked.clear()  # first: who asks from now on may have come too late for this time
        try:
            admit(self._platform)
        except StorageError as error:
            _log.warning("admission_postponed", reason=str(error))  # a worker's sweeper does it
        self._earliest = time.monotonic() + _PAUSE


def admit(platform: Platform) -> None:
    """Hand the next jobs to the workers' queue; any process may, at any time, as often as it likes."""
    rows = platform.transcripts.admissible(per_project=platform.limits.project_jobs, limit=_AT_ONCE)
    if rows:
        platform.queue.enqueue_all({row.id: row.priority for row in rows})
        platform.transcripts.mark_admitted([row.id for row in rows])


def reconcile(platform: Platform) -> None:
    """Put every unfinished job that was handed over into the queue again, where a crash took it out."""
    settled = datetime.now(UTC) - _SETTLED
    rows = [row for row in platform.transcripts.unfinished() if row.created < settled]
    states = platform.queue.states([row.id for row in rows])
    platform.queue.forget([row.id for row in rows if states.get(row.id) in _OVER])
    lost = {row.id: row.priority for row in rows if states.get(row.id) in (None, *_OVER)}
    if lost:
        platform.queue.enqueue_all(lost)


def retry(platform: Platform, transcript_id: str) -> bool:
    """Begin a job afresh that failed or was cancelled; False where it is neither, or deleted."""
    row = platform.transcripts.get(transcript_id)
    if row is None or row.status != "error" or row.deleted:
        return False
    platform.queue.forget([transcript_id])
    platform.blobs.delete_prefix(job_prefix(transcript_id))
    again = platform.transcripts.retry(transcript_id)
    admit(platform)
    return again


def forget_finished(platform: Platform) -> None:
    """Remove what the queue recorded of jobs that ended a while ago: their rows say all that is needed."""
    platform.queue.forget_before(datetime.now(UTC) - _JOURNAL_KEPT)
