"""Who lives: workers report regularly, and each of them brings back the jobs of those that have gone silent."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from panglot.storage.records import WorkerRow
from panglot.units import Seconds

_FORGOTTEN = timedelta(days=1)
"""After this long, a silent worker is no longer on the list."""

_log = logging.getLogger(__name__)


class Register(Protocol):
    """Where workers report."""

    def beat(self, row: WorkerRow, /) -> None:
        """Write the report of a worker over its last one."""
        ...

    def alive(self, since: datetime, /) -> Sequence[WorkerRow]:
        """Return the reports since a moment."""
        ...

    def silent(self, before: datetime, /) -> Sequence[WorkerRow]:
        """Return the last reports that came before a moment."""
        ...

    def remove(self, worker_id: str, /) -> None:
        """Take a worker off the list."""
        ...


class Hands(Protocol):
    """The part of a worker that brings jobs back."""

    def stranded(self, alive: set[str]) -> list[str]:
        """Return jobs that nobody works on."""
        ...

    def resume(self, jobs: Iterable[str]) -> None:
        """Queue them again."""
        ...


class Heart:
    """Reports regularly that this worker lives, from a thread of its own.

    Parameters
    ----------
    register
        Where to report.
    worker_id
        Of this worker.
    interval
        Between two reports.
    info
        Called for each report: plain values to go with it.
    """

    def __init__(
        self,
        register: Register,
        *,
        worker_id: str,
        interval: Seconds,
        info: Callable[[], Mapping[str, Any]],
    ) -> None:
        self._register = register
        self._id = worker_id
        self._info = info
        self._started = datetime.now(UTC)
        self._thread = _Regular("heart", self.beat, interval)

    def start(self) -> None:
        """Report now, and from now on.

        Raises
        ------
        StorageError
            If the first report fails. Later ones that do are logged, and made up for by the next.
        """
        self.beat()
        self._thread.start()

    def beat(self) -> None:
        """Report once."""
        row = WorkerRow(
            id=self._id,
            host=socket.gethostname(),
            pid=os.getpid(),
            started=self._started,
            seen=datetime.now(UTC),
            info=self._info(),
        )
        self._register.beat(row)

    def stop(self) -> None:
        """Stop, and take this worker off the list: to be called when it has given its jobs back."""
        self._thread.stop()
        _try("heart", lambda: self._register.remove(self._id))


class Watch:
    """Tells from their reports which workers live.

    Only whether reports change counts, against the clock of the one who watches: clocks of other machines may be
    wrong. Who did not watch for a while (the database was away, the machine slept) starts afresh.

    Parameters
    ----------
    lease
        Without a new report for so long, a worker is dead.
    """

    def __init__(self, *, lease: Seconds) -> None:
        self._lease = lease
        self._looked = 0.0
        self._last: dict[str, tuple[datetime, float]] = {}
        """For each worker, its last report and when that was new here."""

    def look(self, rows: Iterable[WorkerRow], *, now: Seconds) -> set[str]:
        """Take in the latest reports, and return the workers that live.

        Parameters
        ----------
        rows
            Last report of each worker.
        now
            Of a clock that only goes forward.

        Returns
        -------
        set[str]
            Their ids.
        """
        if now - self._looked > self._lease / 2:
            self._last = {}
        self._looked = now
        last: dict[str, tuple[datetime, float]] = {}
        for row in rows:
            before = self._last.get(row.id)
            last[row.id] = before if before and before[0] == row.seen else (row.seen, now)
        self._last = last
        return {worker for worker, (_, since) in last.items() if now - since < self._lease}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something to be done again and again. Must be safe to be done by many processes at once."""

    name: str
    call: Callable[[], object]
    interval: Seconds


class Sweeper:
    """Does what must be done regularly; runs in every worker, each chore in a thread of its own.

    Brings back the jobs of dead workers, takes in what is waiting, and does the given chores. An error of one is
    logged, and it is tried again at its next time.

    Parameters
    ----------
    hands
        The worker.
    register
        Where all workers report.
    lease
        Without a report for so long, a worker is dead. At least five times the interval of reports and of sweeps.
    interval
        Between two sweeps.
    admit
        Called at each sweep: puts into the queue what should be there.
    chores
        What else to do.
    """

    def __init__(
        self,
        hands: Hands,
        register: Register,
        *,
        lease: Seconds,
        interval: Seconds,
        admit: Callable[[], object],
        chores: Sequence[Chore] = (),
    ) -> None:
        self._hands = hands
        self._register = register
        self._watch = Watch(lease=lease)
        own = (
            Chore(name="sweep", call=self.sweep, interval=interval),
            Chore(name="admit", call=admit, interval=interval),
        )
        self._threads = [_Regular(chore.name, chore.call, chore.interval) for chore in (*own, *chores)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def sweep(self) -> list[str]:
        """Bring back the jobs of dead workers, and return them."""
        now = datetime.now(UTC)
        alive = self._watch.look(self._register.alive(now - _FORGOTTEN), now=time.monotonic())
        found = self._hands.stranded(alive)
        self._hands.resume(found)
        for row in self._register.silent(now - _FORGOTTEN):
            self._register.remove(row.id)
        return found

    def stop(self) -> None:
        """Stop, after what is being done right now."""
        for thread in self._threads:
            thread.stop()


class _Regular:
    """Calls a function at once and then regularly, from a thread of its own, whatever errors it raises."""

    def __init__(self, name: str, call: Callable[[], object], interval: Seconds) -> None:
        self._name = name
        self._call = call
        self._interval = interval
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._go, name=f"panglot-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _go(self) -> None:
        while not self._stopped.is_set():
            _try(self._name, self._call)
            self._stopped.wait(self._interval)


def _try(name: str, call: Callable[[], object]) -> None:
    try:
        call()
    except Exception as error:  # whatever it was, the thread must live on and try again
        _log.warning("%s failed and will be tried again: %s", name, error)
