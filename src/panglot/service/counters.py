"""What a worker has done, counted for those who look after it."""

from __future__ import annotations

from collections import Counter
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
        self._progressed = datetime.now(UTC)

    def progressed(self) -> None:
        """Say that work goes on."""
        with self._lock:
            self._progressed = datetime.now(UTC)

    def chunk(self, *, audio: Seconds, took: Seconds) -> None:
        """Count a chunk that was recognised."""
        with self._lock:
            self._chunks += 1
            self._audio += audio
            self._busy += took
            self._progressed = datetime.now(UTC)

    def finished(self) -> None:
        """Count a completed job."""
        with self._lock:
            self._jobs["completed"] += 1
            self._progressed = datetime.now(UTC)

    def failed(self, kind: str) -> None:
        """Count a job that ended in an error; ``kind`` is the error's code."""
        with self._lock:
            self._jobs["error"] += 1
            self._failures[kind] += 1
            self._progressed = datetime.now(UTC)

    def report(self) -> dict[str, Any]:
        """Return everything as plain values."""
        with self._lock:
            return {
                "jobs": dict(self._jobs),
                "failures": dict(self._failures),
                "audio_seconds": self._audio,
                "busy_seconds": self._busy,
                "chunks": self._chunks,
                "progressed": self._progressed.isoformat(),
            }
