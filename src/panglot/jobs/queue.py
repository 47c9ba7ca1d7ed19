"""The queue as those see it who put jobs into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from panglot.jobs.journal import Journal, State


class JobQueue:
    """Jobs by id: put in, looked up, ended. Threads and processes may share it.

    Every method raises a `StorageError` where the database cannot be used.

    Parameters
    ----------
    url
        Of the database: ``sqlite:///path`` or ``postgresql+psycopg://…``. Missing tables are made.
    name
        Of the queue.
    """

    def __init__(self, url: str, *, name: str = "panglot") -> None:
        self._journal = Journal(url, name=name)

    def enqueue(self, job: str, *, priority: int) -> None:
        """Put a job in; nothing happens where there is one of that id, in whatever state.

        Parameters
        ----------
        job
            Its id.
        priority
            Smaller goes first, the older of equals.
        """
        self._journal.add({job: priority})

    def enqueue_all(self, jobs: Mapping[str, int]) -> None:
        """Put jobs with their priorities in, all or none; for each of them it is as with `enqueue`."""
        self._journal.add(jobs)

    def cancel(self, job: str) -> None:
        """End a job unless it is done; where it runs, its next step raises `Superseded`."""
        self._journal.cancel(job)

    def resume(self, job: str) -> None:
        """Queue a cancelled or failed job again; its finished steps are not redone, and other jobs stay as they are.

        Parameters
        ----------
        job
            Its id.

        Raises
        ------
        NotFoundError
            If there is no such job.
        """
        self._journal.revive(job)

    def state(self, job: str) -> State | None:
        """Return the state of a job, None where there is none of that id."""
        return self._journal.states([job]).get(job)

    def states(self, jobs: Sequence[str]) -> dict[str, State]:
        """Return the states of many jobs; those that are not there are left out."""
        return self._journal.states(jobs)

    def forget(self, jobs: Sequence[str]) -> None:
        """Remove ended jobs with all they recorded; an id that is forgotten can be enqueued afresh."""
        self._journal.forget(jobs)

    def forget_before(self, moment: datetime) -> int:
        """Remove all jobs that ended before a moment (aware), and return how many."""
        return self._journal.forget_before(moment)

    def close(self) -> None:
        """Close the connections to the database."""
        self._journal.close()
