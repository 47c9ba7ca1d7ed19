"""Several threads that begin together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def at_once(number: int, work: Callable[[int], Any]) -> list[Any]:
    """What some threads return that begin together."""
    barrier = threading.Barrier(number)

    def begin(which: int) -> Any:
        barrier.wait()
        return work(which)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(begin, range(number)))
