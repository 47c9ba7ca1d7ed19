"""What a worker has done, counted for those who look after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from panglot.units import Seconds


class Counters:
    """Thread-safe counts, reported with every heartbeat."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._jobs: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._audio: Seconds = 0.0
        self._busy: Seconds = 0.0
        self._chunks = 0
        self._in_hand: dict[object, datetime] = {}
        """When each job in hand last got further."""

    @contextmanager
    def job(self) -> Generator[Callable[[], None]]:
        """Count a job as in hand; yields what is to be called whenever it gets further."""
        job = object()

        def progressed() -> None:
            with self._lock:
                self._in_hand[job] = datetime.now(UTC)

        progressed()
        try:
            yield progressed
        finally:
            with self._lock:
                del self._in_hand[job]

    def chunk(self, *, audio: Seconds, took: Seconds) -> None:
        """Count a chunk that was recognised."""
        with self._lock:
            self._chunks += 1
            self._audio += audio
            self._busy += took

    def finished(self) -> None:
        """Count a completed job."""
        with self._lock:
            self._jobs["completed"] += 1

    def failed(self, kind: str) -> None:
        """Count a job that ended in an error; ``kind`` is the error's code."""
        with self._lock:
            self._jobs["error"] += 1
            self._failures[kind] += 1

    def report(self) -> dict[str, Any]:
        """Return everything as plain values; ``progressed`` is of the job in hand that has stood still for longest."""
        with self._lock:
            return {
                "jobs": dict(self._jobs),
                "failures": dict(self._failures),
                "audio_seconds": self._audio,
                "busy_seconds": self._busy,
                "chunks": self._chunks,
                "progressed": min(self._in_hand.values(), default=datetime.now(UTC)).isoformat(),
            }
