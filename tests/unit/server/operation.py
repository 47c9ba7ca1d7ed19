"""A service of which tests say how its workers are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from fake_service import FakeService
from panglot.errors import StorageError
from panglot.storage.records import WorkerRow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def worker(
    name: str = "w1", *, running: tuple[str, ...] = (), idle: float = 0.0, now: datetime = NOW, **info: Any
) -> WorkerRow:
    """A worker whose jobs got further some seconds ago."""
    progressed = (now - timedelta(seconds=idle)).isoformat()
    content = {
        "loaded": {"model": "base", "device": "cpu", "compute": "int8"},
        "running": list(running),
        "progressed": progressed,
        **info,
    }
    return WorkerRow(id=name, host="h", pid=1, started=now, seen=now, info=content)


class Watched(FakeService):
    """Its figures are what the test set."""

    def __init__(self, *fleet: WorkerRow, waits: float = 0.0, jobs: Mapping[str, int] | None = None) -> None:
        super().__init__()
        self.fleet = fleet
        self.waits = waits
        self.jobs = jobs or {}
        self.away = False

    def workers(self) -> tuple[WorkerRow, ...]:
        self._check()
        return self.fleet

    def counts(self) -> Mapping[str, int]:
        self._check()
        return self.jobs

    def oldest_wait(self) -> float:
        return self.waits

    def ready(self) -> None:
        self._check()

    def _check(self) -> None:
        if self.away:
            raise StorageError("the database is away")
