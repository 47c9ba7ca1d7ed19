"""Jobs are handed to the workers while requests go on: together where they came together, and none is forgotten."""

import threading

import pytest
from working import talk

from panglot.errors import StorageError
from panglot.service import admission
from panglot.service.admission import Admissions, admit

WAIT = 10.0


@pytest.fixture
def passes(monkeypatch):
    """Counts how often jobs are handed over; each time waits until it may."""

    class Passes:
        def __init__(self) -> None:
            self.begun = threading.Semaphore(0)
            self.may = threading.Semaphore(0)
            self.count = 0
            self.error = None

        def __call__(self, platform) -> None:
            self.count += 1
            self.begun.release()
            assert self.may.acquire(timeout=WAIT)
            if self.error:
                raise self.error
            admit(platform)

    made = Passes()
    monkeypatch.setattr(admission, "admit", made)
    return made


def test_a_job_that_is_asked_for_is_soon_in_the_queue(world) -> None:
    row = world.submit(talk("one"))
    world.service.close()

    assert world.platform.queue.state(row.id) == "queued"
    assert world.row(row).admitted


def test_requests_do_not_wait_for_it_and_go_together(world, passes) -> None:
    first = world.submit(talk("one"))
    assert passes.begun.acquire(timeout=WAIT)
    others = [world.submit(talk("one")) for _ in range(5)]
    assert [world.platform.queue.state(row.id) for row in (first, *others)] == [None] * 6

    passes.may.release(6)
    world.service.close()

    assert passes.count == 2
    assert [world.platform.queue.state(row.id) for row in (first, *others)] == ["queued"] * 6


def test_where_the_database_is_away_the_next_request_takes_all_along(world, passes) -> None:
    asked = Admissions(world.platform)
    lost = world.platform.transcripts.add(
        project_id=world.project.id, request={}, audio_url="http://here", upload_id=None, cost=1
    )
    passes.error = StorageError("the database is away")
    passes.may.release(2)
    asked.ask()
    assert passes.begun.acquire(timeout=WAIT)
    asked.close()
    assert world.platform.queue.state(lost.id) is None

    passes.error = None
    world.submit(talk("one"))
    world.service.close()

    assert world.platform.queue.state(lost.id) == "queued"
