"""Work in other threads, so that the main thread can always be interrupted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

_GRACE_SECONDS = 1.0
"""How long threads may take to notice that they should stop."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@contextmanager
def in_order(
    work: Callable[[_Item], _Result], items: Sequence[_Item], *, threads: int, stop: Event
) -> Generator[Iterator[tuple[_Item, Future[_Result]]]]:
    """Work on several items at the same time and give the results in the order of the items.

    When the block is left early, what has not begun never begins, and what has begun is asked to stop.

    Parameters
    ----------
    work
        Called once for each item, in other threads.
    items
        What to work on.
    threads
        How many at the same time.
    stop
        Set when the block is left; ``work`` should look at it and end.

    Yields
    ------
    Iterator of item and Future
        Whoever asks the future for its result waits for it.
    """
    pool = ThreadPoolExecutor(max_workers=threads)
    futures = [pool.submit(work, item) for item in items]
    try:
        yield _finished(deque(zip(items, futures, strict=True)))
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)
        wait(futures, timeout=_GRACE_SECONDS)


def interruptible(work: Callable[[], _Result]) -> _Result:
    """Call a function in another thread and wait for it; an interrupt does not wait."""
    with in_order(lambda _: work(), [None], threads=1, stop=Event()) as results:
        return next(results)[1].result()


def _finished(
    pending: deque[tuple[_Item, Future[_Result]]],
) -> Iterator[tuple[_Item, Future[_Result]]]:
    while pending:
        # Taken out, so that a result is not kept after it has been used.
        yield pending.popleft()
