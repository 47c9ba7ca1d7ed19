"""One recording's share of the scheduler: what it asked for can be taken back, so that it delays nobody else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

from panglot.engines import DecodeOptions, Engine, Hypothesis, Request
from panglot.pipeline.scheduler import Scheduler

T = TypeVar("T")


class Share:
    """Passes calls on to a scheduler, and remembers those that are not done.

    Parameters
    ----------
    scheduler
        Shared by all recordings.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._lock = threading.Lock()
        self._open: set[Future[Any]] = set()
        self._cancelled = False

    @property
    def engine(self) -> Engine:
        """The engine behind the scheduler."""
        return self._scheduler.engine

    def call(self, function: Callable[[], T], *, urgent: bool = False) -> Future[T]:
        """See `panglot.pipeline.scheduler.Scheduler.call`."""
        return self.keep(self._scheduler.call(function, urgent=urgent))

    def decode(self, request: Request, options: DecodeOptions) -> Future[Hypothesis]:
        """See `panglot.pipeline.scheduler.Scheduler.decode`."""
        return self.keep(self._scheduler.decode(request, options))

    def keep(self, future: Future[T]) -> Future[T]:
        """Remember work of this recording that was started elsewhere; cancelled at once where all of it is."""
        with self._lock:
            self._open.add(future)
            cancelled = self._cancelled
        future.add_done_callback(self._forget)
        if cancelled:
            future.cancel()
        return future

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.cancel()

    def cancel(self) -> None:
        """Take back what has not begun, now and from now on; whoever waits for it gets a `CancelledError`."""
        with self._lock:
            self._cancelled = True
            futures = list(self._open)
        for future in futures:
            future.cancel()

    def _forget(self, future: Future[Any]) -> None:
        with self._lock:
            self._open.discard(future)
