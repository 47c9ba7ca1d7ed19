"""A worker: takes jobs from the queue and runs them, step by step."""

from __future__ import annotations

import copy
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from panglot.errors import StorageError
from panglot.jobs.errors import Released, Superseded
from panglot.jobs.journal import WORKFLOW, Holder, Journal, Tap, configuration, translated
from panglot.units import Seconds

Json = Any
"""What `json` can write: the result of a step."""

_SETTLING: Seconds = 0.002
"""Between two looks whether DBOS has let go of a job that has ended."""
_LOOK_FOR = 2
"""A look is for one in so many places, if that is more than one."""
_GATHERING: Seconds = 1.0
"""The longest that a free place waits for others."""
_BUSY = 3
"""Times as long between two looks for a worker that has something to do: each costs it 3 ms."""

_log = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()
"""DBOS can run once in a process."""


class JobWorker:
    """Takes jobs by priority and runs them in threads.

    A job whose work returns is done; one whose work raises an `Exception` has failed. Where the work raises `Released`
    or `Superseded`, the job goes on elsewhere or later. While the database is away, steps wait to be recorded and no
    jobs are taken; both go on by themselves when it is back.

    Parameters
    ----------
    url
        Of the database: ``sqlite:///path`` or ``postgresql+psycopg://…``.
    worker_id
        Another one for each start of a worker; what the holder of a job is told by.
    work
        Given the id of a job, and its steps. Must call the same steps in the same order whenever it runs.
    concurrency
        Jobs at once.
    poll_seconds
        Between two looks into an empty queue, and three times as long while jobs are in hand. After the end of a job
        the next one is looked for at once, or, where there are many, together with the next ones.
    name
        Of the queue.
    """

    def __init__(
        self,
        url: str,
        *,
        worker_id: str,
        work: Callable[[str, Steps], None],
        concurrency: int,
        poll_seconds: Seconds = 0.1,
        name: str = "panglot",
    ) -> None:
        self._url = url
        self._id = worker_id
        self._work = work
        self._concurrency = concurrency
        self._poll = poll_seconds
        self._name = name
        self._journal: Journal | None = None
        self._tap: Tap | None = None
        self._slots = threading.Semaphore(concurrency)
        """DBOS may take a job too many when it looks again before the last one has started."""
        self._changed = threading.Condition()
        self._jobs: list[str] = []
        """Running here; twice, where a job came back while its lost run has not noticed yet."""
        self._ended = threading.Event()
        self._started = False
        self._draining = threading.Event()
        self._closed = threading.Event()
        self._holders: dict[str, str] = {}
        """Of the jobs that were found stranded last."""
        self._unaccounted: set[str] = set()

    def start(self) -> None:
        """Begin to take jobs.

        Raises
        ------
        StorageError
            If the database cannot be used.
        RuntimeError
            If there is a worker in this process already.
        """
        from dbos import DBOS

        if not _one_at_a_time.acquire(blocking=False):
            raise RuntimeError("a worker is running in this process already, and there can be only one; close it first")
        self._started = True
        try:
            self._journal = Journal(self._url, name=self._name)
            with translated("opened"):
                dbos = DBOS(config=configuration(self._url, worker_id=self._id))

                @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
                def run(job: str) -> None:  # pyright: ignore[reportUnusedFunction]
                    self._run(job)

                DBOS.launch()
                self._tap = Tap(dbos, name=self._name)
        except BaseException:
            self._shut()
            raise
        self._tap.set(self._next)

    def drain(self, timeout: Seconds) -> bool:
        """Take no more jobs, and give back those that run when they come to their next step.

        Parameters
        ----------
        timeout
            How long to wait for them.

        Returns
        -------
        bool
            Whether all have stopped in time.
        """
        self._draining.set()
        with self._changed:
            return self._changed.wait_for(lambda: not self._jobs, timeout)

    def close(self) -> None:
        """Give back what is still running, and stop. A step in hand cannot be stopped, but no longer counts."""
        self._draining.set()
        self._closed.set()
        self._ended.set()
        self._shut()

    def running(self) -> tuple[str, ...]:
        """Return the jobs in hand."""
        with self._changed:
            return tuple(self._jobs)

    def stranded(self, alive: set[str]) -> list[str]:
        """Return jobs that nobody works on: their worker is dead, or this one has lost them.

        Parameters
        ----------
        alive
            Ids of the workers that live.

        Returns
        -------
        list[str]
            Their ids.
        """
        held = self._open_journal().held()
        unaccounted = {holder.job for holder in held if holder.worker == self._id} - set(self.running())
        # Just taken and not yet started looks the same, but not twice in a row.
        lost, self._unaccounted = unaccounted & self._unaccounted, unaccounted
        living = alive | {self._id}
        self._holders = {
            holder.job: holder.worker for holder in held if holder.worker not in living or holder.job in lost
        }
        return list(self._holders)

    def resume(self, jobs: Iterable[str]) -> None:
        """Queue jobs again that `stranded` has just found; one that somebody has taken meanwhile stays with them."""
        journal = self._open_journal()
        for job in jobs:
            if job in self._holders:
                journal.give_back(Holder(job=job, worker=self._holders[job]))

    @property
    def draining(self) -> bool:
        """Whether jobs are to stop at their next step."""
        return self._draining.is_set()

    @property
    def closed(self) -> bool:
        """Whether nothing can be recorded any more."""
        return self._closed.is_set()

    def _run(self, job: str) -> None:
        with self._changed:
            self._jobs.append(job)
        try:
            with self._slots:
                if self.draining:
                    raise Released
                self._work(job, Steps(self))
        except Released:
            if self.draining:
                self._give_back(job)
            raise
        finally:
            with self._changed:
                self._jobs.remove(job)
                self._changed.notify_all()
            self._ended.set()

    def _give_back(self, job: str) -> None:
        try:
            self._open_journal().give_back(Holder(job=job, worker=self._id))
        except StorageError as error:
            where = {"transcript": job}  # as the lines of its work have it
            _log.warning("job %s stays with this worker until another one finds it: %s", job, error, extra=where)

    def _next(self) -> int:
        """Wait until it is time to look for jobs; return how many may be in hand. Full hands do not look."""
        while not self._ended.wait(self._poll * (_BUSY if self._held() else 1)):
            if self.draining or not self._full():
                break
        else:
            self._ended.clear()
            self._settle()
            self._gather()
        return 0 if self.draining else self._concurrency

    def _settle(self) -> None:
        """Wait until DBOS has let go of the job that has ended."""
        until = time.monotonic() + self._poll
        while self._full() and time.monotonic() < until and not self.closed:
            time.sleep(_SETTLING)

    def _gather(self) -> None:
        """Wait a little for more jobs to end, where there are many: a look costs as much for one place as for three."""
        room = self._concurrency // _LOOK_FOR
        until = time.monotonic() + _GATHERING
        while not self.draining and self._held() > self._concurrency - room:
            if not self._ended.wait(max(0.0, until - time.monotonic())):
                return
            self._ended.clear()
            self._settle()

    def _full(self) -> bool:
        """Whether DBOS holds as many jobs as it may."""
        return self._held() >= self._concurrency

    def _held(self) -> int:
        """Jobs that DBOS counts."""
        return 0 if self._tap is None else self._tap.taken()

    def _shut(self) -> None:
        from dbos import DBOS

        if not self._started:
            return
        self._started = False
        journal, self._journal = self._journal, None
        DBOS.destroy(destroy_registry=True)
        if journal:
            try:
                for holder in journal.held():
                    if holder.worker == self._id:
                        journal.give_back(holder)
            except StorageError as error:
                _log.warning("jobs in hand stay with this worker until another one finds them: %s", error)
            journal.close()
        _one_at_a_time.release()

    def _open_journal(self) -> Journal:
        if self._journal is None:
            raise StorageError("The worker does not run; start it first.")
        return self._journal


class Steps:
    """The steps of one job, on one run of it."""

    def __init__(self, worker: JobWorker) -> None:
        self._worker = worker
        self._place: Any = None
        """In the journal, of a step that failed: the next one takes it."""
        self._recording = True

    @property
    def draining(self) -> bool:
        """Whether the job is to stop soon, to go on with another worker."""
        return self._worker.draining

    @property
    def recording(self) -> bool:
        """Whether results are recorded: until one is not."""
        return self._recording

    def run(
        self, name: str, function: Callable[[], Json], *, recorded: Callable[[Json], bool] = lambda _: True
    ) -> Json:
        """Run a step once, whatever happens: once its result is recorded, it is returned without running.

        A crash before that makes the step run again. Errors of the function are not recorded: they come out, and the
        step runs when it is called again. To be called from the thread that runs the job.

        Where a result is not recorded, none is any more: the job goes on to its end here, or begins with this step
        again elsewhere.

        Parameters
        ----------
        name
            The same whenever the job comes to this place.
        function
            Returns what `json` can write.
        recorded
            Asked about its result.

        Returns
        -------
        Json
            The result as `json` reads it, so the same on the first run as on all others.

        Raises
        ------
        Released
            If the worker drains and results are recorded, or this one is the first that is not; or if the result could
            not be recorded.
        Superseded
            If the job is no longer this worker's.
        StorageError
            If another step was recorded at this place.
        """
        from dbos import DBOS
        from dbos import error as errors

        if not self._recording:
            return _plain(function())
        if self._worker.draining:
            raise Released
        place = self._place or DBOS.reserve_step()
        self._place = place
        try:
            result = copy.copy(place).run({"name": name}, lambda: _carried(function, recorded))
        except _Unrecorded as found:
            self._recording = False
            if self._worker.draining:
                raise Released from None
            return found.result
        except _Failed as failed:
            raise failed.error from None
        except (errors.DBOSWorkflowConflictIDError, errors.DBOSWorkflowCancelledError, AssertionError) as error:
            raise Superseded from error  # DBOS asserts that there is such a job
        except errors.DBOSUnexpectedStepError as error:
            raise StorageError(
                f"The job comes to step {name!r}, but has another one on record there: {error}"
            ) from error
        except Exception as error:
            if self._worker.closed:
                raise Superseded from error
            _log.warning("step %s could not be recorded, its job goes back: %s", name, error)
            raise Released from error
        self._place = None
        return result


class _Failed(BaseException):
    """Carries an error of a step past DBOS, which would record it and raise it again on every run."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class _Unrecorded(BaseException):
    """Carries a result past DBOS, which would record it."""

    def __init__(self, result: Json) -> None:
        self.result = result


def _carried(function: Callable[[], Json], recorded: Callable[[Json], bool]) -> Json:
    try:
        result = _plain(function())
        keep = recorded(result)
    except Exception as error:
        raise _Failed(error) from error
    if not keep:
        raise _Unrecorded(result)
    return result


def _plain(value: Json) -> Json:
    return json.loads(json.dumps(value, allow_nan=False))
