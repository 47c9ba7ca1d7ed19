"""What one recording asked of the scheduler, and how it is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError
from threading import Event

import pytest

from panglot.pipeline.scheduler import Scheduler
from panglot.pipeline.share import Share
from panglot.testing import FakeEngine

PATIENCE = 60.0


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    made = Scheduler(FakeEngine(workers=1))
    yield made
    made.close()


def test_calls_are_passed_on(scheduler: Scheduler) -> None:
    share = Share(scheduler)
    assert share.engine is scheduler.engine
    assert share.call(lambda: 1 + 1).result(PATIENCE) == 2


def test_what_has_not_begun_is_taken_back_and_what_runs_ends(scheduler: Scheduler) -> None:
    begun, gate = Event(), Event()

    def hold() -> str:
        begun.set()
        assert gate.wait(PATIENCE)
        return "done"

    other = Share(scheduler)
    with Share(scheduler) as share:
        running = share.call(hold)
        assert begun.wait(PATIENCE)
        waiting, foreign = share.call(lambda: "late"), other.call(lambda: "mine")
    gate.set()
    assert running.result(PATIENCE) == "done"
    assert foreign.result(PATIENCE) == "mine"
    with pytest.raises(CancelledError):
        waiting.result(PATIENCE)


def test_nothing_begins_once_it_is_cancelled(scheduler: Scheduler) -> None:
    gate = Event()
    blocking = scheduler.call(lambda: gate.wait(PATIENCE))
    share = Share(scheduler)
    share.cancel()
    late = share.call(lambda: "late")
    gate.set()
    assert blocking.result(PATIENCE)
    with pytest.raises(CancelledError):
        late.result(PATIENCE)
