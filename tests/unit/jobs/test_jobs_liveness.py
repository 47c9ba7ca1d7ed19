import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from panglot.errors import StorageError
from panglot.jobs.liveness import Chore, Heart, Sweeper, Watch
from panglot.storage.records import WorkerRow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATIENCE = 30
"""Seconds after which a test gives up; none waits that long when all is well."""


def row(name: str, seen: datetime = NOON) -> WorkerRow:
    return WorkerRow(id=name, host="here", pid=1, started=NOON, seen=seen, info={})


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class Book:
    """A register in memory, which can be away."""

    def __init__(self, *rows: WorkerRow) -> None:
        self.rows = {each.id: each for each in rows}
        self.beats = 0
        self.away = False
        self.changed = threading.Condition()

    def beat(self, row: WorkerRow) -> None:
        with self.changed:
            self.beats += 1
            self.changed.notify_all()
        if self.away:
            raise StorageError("away")
        self.rows[row.id] = row

    def alive(self, since: datetime) -> Sequence[WorkerRow]:
        return [each for each in self.rows.values() if each.seen >= since]

    def silent(self, before: datetime) -> Sequence[WorkerRow]:
        return [each for each in self.rows.values() if each.seen < before]

    def remove(self, worker_id: str) -> None:
        self.rows.pop(worker_id, None)

    def wait(self, beats: int) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.beats >= beats, PATIENCE)


class Crew:
    """Jobs by the worker that holds them."""

    def __init__(self, **held: str) -> None:
        self.held = held
        self.resumed: list[str] = []

    def stranded(self, alive: set[str]) -> list[str]:
        return [job for job, worker in self.held.items() if worker not in alive]

    def resume(self, jobs: Iterable[str]) -> None:
        self.resumed.extend(jobs)


def test_a_worker_is_dead_when_its_report_has_not_changed_for_the_lease():
    watch = Watch(lease=10)
    assert watch.look([row("a"), row("b")], now=100) == {"a", "b"}
    for now in (104, 108):
        assert watch.look([row("a", later(now)), row("b")], now=now) == {"a", "b"}
    assert watch.look([row("a", later(109)), row("b")], now=110) == {"a"}


def test_clocks_of_others_do_not_matter():
    watch = Watch(lease=10)
    wrong = NOON - timedelta(hours=5)
    for now in range(0, 40, 4):
        assert watch.look([row("a", wrong + timedelta(seconds=now))], now=now) == {"a"}


def test_who_did_not_watch_for_a_while_starts_afresh():
    watch = Watch(lease=10)
    watch.look([row("a")], now=100)
    assert watch.look([row("a")], now=111) == {"a"}
    assert watch.look([row("a")], now=115) == {"a"}
    assert watch.look([row("a")], now=120) == {"a"}
    assert watch.look([row("a")], now=121) == set()


def test_a_worker_that_left_the_list_does_not_live():
    watch = Watch(lease=10)
    watch.look([row("a"), row("b")], now=0)
    assert watch.look([row("a")], now=1) == {"a"}


def test_a_heart_reports_at_once_then_regularly_and_leaves_the_list_when_it_stops():
    book = Book()
    heart = Heart(book, worker_id="a", interval=0.001, info=lambda: {"jobs": 2})
    heart.start()
    assert book.rows["a"].info == {"jobs": 2}
    assert book.wait(4)
    heart.stop()
    assert book.rows == {}


def test_a_heart_survives_a_register_that_is_away():
    book = Book()
    heart = Heart(book, worker_id="a", interval=0.001, info=dict)
    heart.start()
    book.away = True
    assert book.wait(book.beats + 3)
    book.away = False
    book.rows = {}
    assert book.wait(book.beats + 3)
    assert "a" in book.rows
    heart.stop()


def test_a_heart_whose_first_report_fails_does_not_start():
    book = Book()
    book.away = True
    with pytest.raises(StorageError):
        Heart(book, worker_id="a", interval=0.001, info=dict).start()


def test_a_sweep_brings_back_the_jobs_of_the_dead_alone():
    now = datetime.now(UTC)
    book = Book(row("living", now), row("long-gone", now - timedelta(days=2)))
    crew = Crew(one="living", two="never-seen", three="long-gone")
    sweeper = Sweeper(crew, book, lease=10, interval=1, admit=lambda: None)
    assert sweeper.sweep() == ["two", "three"]
    assert crew.resumed == ["two", "three"]
    assert set(book.rows) == {"living"}


def test_a_chore_that_fails_is_tried_again_and_holds_up_no_other():
    calls = {"admit": 0, "broken": 0}
    enough = threading.Event()

    def count(name: str) -> None:
        calls[name] += 1
        if all(number >= 3 for number in calls.values()):
            enough.set()
        if name == "broken":
            raise StorageError("broken")

    chores = [Chore(name="broken", call=lambda: count("broken"), interval=0.001)]
    sweeper = Sweeper(Crew(), Book(), lease=10, interval=0.001, admit=lambda: count("admit"), chores=chores)
    sweeper.start()
    assert enough.wait(PATIENCE)
    sweeper.stop()


def test_a_sweep_that_fails_brings_nothing_back():
    book = Book(replace(row("a"), seen=datetime.now(UTC)))
    crew = Crew(one="a")
    sweeper = Sweeper(crew, book, lease=10, interval=1, admit=lambda: None)
    book.alive = lambda since: (_ for _ in ()).throw(StorageError("away"))  # type: ignore[method-assign]
    with pytest.raises(StorageError):
        sweeper.sweep()
    assert crew.resumed == []
