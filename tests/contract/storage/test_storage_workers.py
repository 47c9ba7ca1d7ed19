"""Workers report that they are alive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rows import NOW

from panglot.storage.database import Database
from panglot.storage.records import WorkerRow
from panglot.storage.workers import Workers


class TestWorkers:
    def test_the_last_report_counts(self, database: Database) -> None:
        workers = Workers(database)

        def report(name: str, seconds: int, **info: Any) -> WorkerRow:
            seen = NOW + timedelta(seconds=seconds)
            row = WorkerRow(id=name, host="here", pid=2**31, started=NOW, seen=seen, info=info)
            workers.beat(row)
            return row

        report("a", 1, jobs=1)
        report("b", 2)
        a, b = report("a", 10, jobs=2), report("b", 3)
        limit = NOW + timedelta(seconds=10)
        assert workers.alive(limit) == [a]
        assert workers.silent(limit) == [b]
        workers.remove("b")
        assert workers.silent(limit) == []
        assert workers.alive(NOW) == [a]
