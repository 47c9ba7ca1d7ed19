"""What the queue and its workers promise, on SQLite and on PostgreSQL."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import create_engine, text

sys.path.append(str(Path(__file__).parents[1]))

from panglot.errors import NotFoundError, StorageError
from panglot.jobs.errors import Released, Superseded
from panglot.jobs.journal import Holder, Journal
from panglot.jobs.queue import JobQueue
from panglot.jobs.worker import JobWorker, Steps
from postgres import NO_POSTGRES, find_postgres, fresh_database, postgres_server

PATIENCE = 60
"""Seconds after which a test gives up; none waits that long when all is well."""


@pytest.fixture(scope="module")
def server() -> Iterator[str | None]:
    if find_postgres() is None:
        yield None
        return
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, server: str | None) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.sqlite'}"
    if server is None:
        pytest.skip(NO_POSTGRES)
    return fresh_database(server)


@pytest.fixture
def queue(url: str) -> Iterator[JobQueue]:
    queue = JobQueue(url)
    yield queue
    queue.close()


@contextmanager
def working(
    url: str, work: Callable[[str, Steps], None], *, concurrency: int = 1, worker_id: str = "worker"
) -> Iterator[JobWorker]:
    worker = JobWorker(url, worker_id=worker_id, work=work, concurrency=concurrency, poll_seconds=0.01)
    worker.start()
    try:
        yield worker
    finally:
        worker.close()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def forget_steps(url: str) -> None:
    """Take away where steps are recorded."""
    engine = create_engine(url)
    schema = "panglot_jobs." if engine.name == "postgresql" else ""
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {schema}operation_outputs RENAME TO elsewhere"))
    engine.dispose()


def settled(queue: JobQueue, *jobs: str, state: str = "done") -> Callable[[], bool]:
    return lambda: set(queue.states(jobs).values()) == {state} and len(queue.states(jobs)) == len(jobs)


def test_a_job_is_queued_runs_and_is_done(url: str, queue: JobQueue):
    assert queue.state("one") is None
    queue.enqueue("one", priority=1)
    assert queue.state("one") == "queued"
    going, seen = threading.Event(), threading.Event()

    def work(job: str, steps: Steps) -> None:
        going.set()
        assert seen.wait(PATIENCE)

    with working(url, work) as worker:
        assert going.wait(PATIENCE)
        assert (queue.state("one"), worker.running()) == ("running", ("one",))
        seen.set()
        wait_for(settled(queue, "one"))
        wait_for(lambda: worker.running() == ())


def test_to_enqueue_again_changes_nothing_in_any_state(url: str, queue: JobQueue):
    ran: list[str] = []
    queue.enqueue("one", priority=1)
    queue.enqueue("one", priority=1)
    with working(url, lambda job, steps: ran.append(job)):
        wait_for(settled(queue, "one"))
        queue.enqueue("one", priority=1)
        queue.enqueue("two", priority=1)
        wait_for(settled(queue, "two"))
    assert ran == ["one", "two"]


def test_jobs_are_put_in_together_and_those_that_are_there_stay(url: str, queue: JobQueue):
    ran: list[str] = []
    with working(url, lambda job, steps: ran.append(job)):
        queue.enqueue("old", priority=1)
        wait_for(settled(queue, "old"))
    queue.enqueue_all({"late": 9, "old": 1, "early": 2})
    assert queue.states(["late", "old", "early"]) == {"late": "queued", "old": "done", "early": "queued"}
    with working(url, lambda job, steps: ran.append(job)):
        wait_for(settled(queue, "late", "early"))
    assert ran == ["old", "early", "late"]


def test_of_jobs_that_are_put_in_together_all_go_in_or_none(url: str, queue: JobQueue):
    impossible: Any = "high"
    with pytest.raises((StorageError, TypeError)):
        queue.enqueue_all({"one": 1, "two": impossible})
    assert queue.states(["one", "two"]) == {}
    queue.enqueue("one", priority=1)
    assert queue.state("one") == "queued"


def test_the_smallest_priority_goes_first(url: str, queue: JobQueue):
    ran: list[str] = []
    for job, priority in (("c", 30), ("a", 1), ("d", 2**40), ("b", 2)):
        queue.enqueue(job, priority=priority)
    with working(url, lambda job, steps: ran.append(job)):
        wait_for(settled(queue, "a", "b", "c", "d"))
    assert ran == ["a", "b", "c", "d"]


def test_no_more_jobs_run_at_once_than_a_worker_is_told(url: str, queue: JobQueue):
    jobs = [f"job-{number}" for number in range(12)]
    lock = threading.Lock()
    running, most = 0, 0

    def work(job: str, steps: Steps) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        steps.run("wait", lambda: time.sleep(0.02))
        with lock:
            running -= 1

    for job in jobs:
        queue.enqueue(job, priority=1)
    with working(url, work, concurrency=3):
        wait_for(settled(queue, *jobs))
    assert most == 3


def test_a_place_that_has_become_free_is_taken_though_no_other_does(url: str, queue: JobQueue):
    """Where many jobs are in hand, a worker looks for several at once, but does not wait for ever."""
    names = [f"job {number}" for number in range(13)]
    for name in names:
        queue.enqueue(name, priority=1)
    begun: list[str] = []
    first, all_others = threading.Event(), threading.Event()

    def work(job: str, steps: Steps) -> None:
        begun.append(job)
        assert (first if job == begun[0] else all_others).wait(PATIENCE)

    with working(url, work, concurrency=12):
        wait_for(lambda: len(begun) == 12)
        first.set()
        wait_for(lambda: len(begun) == 13)
        all_others.set()
        wait_for(settled(queue, *names))


def test_finished_steps_of_a_failed_job_are_not_redone(url: str, queue: JobQueue):
    calls: list[str] = []
    results: list[Any] = []
    broken = True

    def second() -> str:
        calls.append("second")
        if broken:
            raise ValueError("broken")
        return "whole"

    def first() -> dict[str, Any]:
        calls.append("first")
        return {"pair": (1, 2), "text": "später\0"}

    def work(job: str, steps: Steps) -> None:
        results.append(steps.run("first", first))
        results.append(steps.run("second", second))

    queue.enqueue("one", priority=1)
    with working(url, work):
        wait_for(settled(queue, "one", state="failed"))
        broken = False
        queue.resume("one")
        wait_for(settled(queue, "one"))
    assert calls == ["first", "second", "second"]
    assert results == [{"pair": [1, 2], "text": "später\0"}] * 2 + ["whole"]


def test_a_step_that_failed_can_be_tried_again_in_the_same_run_and_in_the_next(url: str, queue: JobQueue):
    calls: list[str] = []
    broken = True

    def flaky() -> int:
        calls.append("flaky")
        if len(calls) == 1:
            raise ValueError("the first time")
        return 7

    def last() -> int:
        calls.append("last")
        if broken:
            raise ValueError("broken")
        return 8

    results: list[int] = []

    def work(job: str, steps: Steps) -> None:
        for _ in range(2):
            try:
                results.append(steps.run("flaky", flaky))
                break
            except ValueError:
                pass
        results.append(steps.run("last", last))

    queue.enqueue("one", priority=1)
    with working(url, work):
        wait_for(settled(queue, "one", state="failed"))
        broken = False
        queue.resume("one")
        wait_for(settled(queue, "one"))
    assert calls == ["flaky", "flaky", "last", "last"]
    assert results == [7, 7, 8]


def test_a_step_that_is_not_the_recorded_one_fails_the_job(url: str, queue: JobQueue):
    names = ["old", "new"]
    errors: list[Exception] = []

    def work(job: str, steps: Steps) -> None:
        try:
            steps.run(names.pop(0), lambda: 1)
        except StorageError as error:
            errors.append(error)
            raise
        raise ValueError("so that it can be resumed")

    queue.enqueue("one", priority=1)
    with working(url, work):
        wait_for(settled(queue, "one", state="failed"))
        queue.resume("one")
        wait_for(lambda: settled(queue, "one", state="failed")() and len(errors) == 1)
    assert "'new'" in str(errors[0])
    assert "old" in str(errors[0])


def test_a_result_that_is_not_json_is_an_error_of_the_step(url: str, queue: JobQueue):
    caught: list[Exception] = []

    def work(job: str, steps: Steps) -> None:
        for value in (object(), float("nan")):
            try:
                steps.run("odd", lambda value=value: value)
            except (TypeError, ValueError) as error:
                caught.append(error)

    queue.enqueue("one", priority=1)
    with working(url, work):
        wait_for(settled(queue, "one"))
    assert [type(error) for error in caught] == [TypeError, ValueError]


def test_a_cancelled_job_does_not_start_until_it_is_resumed(url: str, queue: JobQueue):
    ran: list[str] = []
    queue.enqueue("one", priority=1)
    queue.enqueue("two", priority=2)
    queue.cancel("one")
    with working(url, lambda job, steps: ran.append(job)):
        wait_for(settled(queue, "two"))
        assert queue.state("one") == "cancelled"
        queue.resume("one")
        wait_for(settled(queue, "one"))
        queue.cancel("one")
        assert queue.state("one") == "done"
    assert ran == ["two", "one"]


def test_a_running_job_that_is_cancelled_or_forgotten_stops_at_its_next_step(url: str, queue: JobQueue):
    ended: list[str] = []
    going, ready = threading.Barrier(3), threading.Event()

    def work(job: str, steps: Steps) -> None:
        going.wait(PATIENCE)
        assert ready.wait(PATIENCE)
        try:
            steps.run("next", lambda: ended.append("ran"))
        except Superseded:
            ended.append("superseded")
            raise

    queue.enqueue("one", priority=1)
    queue.enqueue("two", priority=1)
    with working(url, work, concurrency=2) as worker:
        going.wait(PATIENCE)
        queue.cancel("one")
        queue.cancel("two")
        queue.forget(["two"])
        ready.set()
        wait_for(lambda: worker.running() == ())
    assert ended == ["superseded", "superseded"]
    assert queue.states(["one", "two"]) == {"one": "cancelled"}


def test_what_does_not_exist_cannot_be_resumed(queue: JobQueue):
    with pytest.raises(NotFoundError, match="nothing-like-it"):
        queue.resume("nothing-like-it")


def test_to_resume_leaves_queued_running_and_finished_jobs_as_they_are(url: str, queue: JobQueue):
    starts: list[str] = []
    going, ready = threading.Event(), threading.Event()

    def work(job: str, steps: Steps) -> None:
        starts.append(job)
        going.set()
        steps.run("wait", lambda: ready.wait(PATIENCE))

    queue.enqueue("one", priority=1)
    queue.resume("one")
    with working(url, work):
        assert going.wait(PATIENCE)
        queue.resume("one")
        ready.set()
        wait_for(settled(queue, "one"))
        queue.resume("one")
        assert queue.state("one") == "done"
    assert starts == ["one"]


def test_only_ended_jobs_are_forgotten_and_can_start_afresh(url: str, queue: JobQueue):
    ran: list[str] = []
    queue.enqueue("one", priority=1)
    queue.enqueue("two", priority=1)
    with working(url, lambda job, steps: steps.run("only", lambda: ran.append(job))):
        wait_for(settled(queue, "one", "two"))
    queue.enqueue("three", priority=1)
    queue.forget(["one", "three", "four"])
    assert queue.states(["one", "two", "three"]) == {"two": "done", "three": "queued"}
    assert queue.forget_before(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert queue.forget_before(datetime.now(UTC) + timedelta(hours=1)) == 1
    assert queue.states(["one", "two", "three"]) == {"three": "queued"}
    queue.enqueue("one", priority=1)
    with working(url, lambda job, steps: steps.run("only", lambda: ran.append(job))):
        wait_for(settled(queue, "one", "three"))
    assert sorted(ran) == ["one", "one", "three", "two"]


def test_a_worker_that_drains_gives_its_jobs_back_and_takes_no_more(url: str, queue: JobQueue):
    calls: list[str] = []
    going, ready = threading.Event(), threading.Event()
    draining: list[bool] = []

    def first() -> None:
        calls.append("first")
        going.set()
        assert ready.wait(PATIENCE)

    def work(job: str, steps: Steps) -> None:
        steps.run("first", first)
        draining.append(steps.draining)
        steps.run("second", lambda: calls.append("second"))

    queue.enqueue("one", priority=1)
    with working(url, work, worker_id="before") as worker:
        assert going.wait(PATIENCE)
        assert not worker.drain(0.01)
        queue.enqueue("two", priority=1)
        ready.set()
        assert worker.drain(PATIENCE)
        assert queue.states(["one", "two"]) == {"one": "queued", "two": "queued"}
    queue.cancel("two")
    with working(url, work, worker_id="after"):
        wait_for(settled(queue, "one"))
    assert calls == ["first", "second"]
    assert draining == [True, False]


def test_what_is_not_recorded_runs_again_with_all_that_follows(url: str, queue: JobQueue):
    calls: list[str] = []
    recording: list[bool] = []

    def note(name: str) -> dict[str, str]:
        calls.append(name)
        return {"name": name}

    def work(job: str, steps: Steps) -> None:
        steps.run("first", lambda: note("first"))
        assert steps.run("second", lambda: note("second"), recorded=lambda result: result["name"] == "first") == {
            "name": "second"
        }
        recording.append(steps.recording)
        steps.run("third", lambda: note("third"))
        if calls.count("third") == 1:
            raise ValueError

    queue.enqueue("one", priority=1)
    with working(url, work):
        wait_for(settled(queue, "one", state="failed"))
        queue.resume("one")
        wait_for(settled(queue, "one"))
    assert calls == ["first", "second", "third", "second", "third"]
    assert recording == [False, False]


@pytest.mark.parametrize(
    ("busy", "state", "done"),
    [("first", "queued", ["first"]), ("second", "done", ["first", "second", "third"])],
    ids=["it has just turned out", "it goes on"],
)
def test_a_worker_that_drains_gives_back_or_ends_what_is_not_recorded(
    url: str, queue: JobQueue, busy: str, state: str, done: list[str]
):
    calls: list[str] = []
    going, ready = threading.Event(), threading.Event()

    def step(name: str) -> None:
        calls.append(name)
        if name == busy:
            going.set()
            assert ready.wait(PATIENCE)

    def work(job: str, steps: Steps) -> None:
        steps.run("first", lambda: step("first"), recorded=lambda _: False)
        steps.run("second", lambda: step("second"))
        steps.run("third", lambda: step("third"))

    queue.enqueue("one", priority=1)
    with working(url, work) as worker:
        assert going.wait(PATIENCE)
        assert not worker.drain(0.01)
        ready.set()
        assert worker.drain(PATIENCE)
        wait_for(settled(queue, "one", state=state))
    assert calls == done


def test_a_worker_that_closes_gives_back_even_what_does_not_stop(url: str, queue: JobQueue):
    results: list[str] = []
    going, ready = threading.Event(), threading.Event()

    def stubborn(job: str, steps: Steps) -> None:
        def wait() -> str:
            going.set()
            assert ready.wait(PATIENCE)
            return "old"

        try:
            results.append(steps.run("only", wait))
        except Superseded:
            results.append("superseded")
            raise

    queue.enqueue("one", priority=1)
    with working(url, stubborn, worker_id="before"):
        assert going.wait(PATIENCE)
    assert queue.state("one") == "queued"
    with working(url, lambda job, steps: results.append(steps.run("only", lambda: "new")), worker_id="after"):
        wait_for(settled(queue, "one"))
    ready.set()
    wait_for(lambda: len(results) == 2)
    assert results == ["new", "superseded"]


def test_a_job_that_its_worker_lost_is_found_at_the_second_look_and_goes_on(url: str, queue: JobQueue):
    calls: list[str] = []

    def work(job: str, steps: Steps) -> None:
        steps.run("first", lambda: calls.append("first"))
        if len(calls) == 1:
            calls.append("away")
            raise Released
        steps.run("second", lambda: calls.append("second"))

    queue.enqueue("one", priority=1)
    with working(url, work) as worker:
        wait_for(lambda: "away" in calls and worker.running() == ())
        assert queue.state("one") == "running"
        assert worker.stranded(set()) == []
        assert worker.stranded(set()) == ["one"]
        worker.resume(["one"])
        wait_for(settled(queue, "one"))
        assert worker.stranded(set()) == []
    assert calls == ["first", "away", "second"]


def test_only_one_of_many_brings_a_job_back(url: str, queue: JobQueue):
    going, ready = threading.Event(), threading.Event()

    def work(job: str, steps: Steps) -> None:
        going.set()
        assert ready.wait(PATIENCE)

    queue.enqueue("one", priority=1)
    journal = Journal(url, name="panglot")
    with working(url, work, worker_id="live") as worker:
        assert going.wait(PATIENCE)
        assert journal.held() == [Holder(job="one", worker="live")]
        assert worker.stranded({"others"}) == []
        assert not journal.give_back(Holder(job="one", worker="dead"))
        assert queue.state("one") == "running"
        worker.drain(0)
        assert [journal.give_back(Holder(job="one", worker="live")) for _ in range(2)] == [True, False]
        ready.set()
    journal.close()


def test_steps_and_their_troubles_are_logged_in_the_context_of_their_job(url: str, queue: JobQueue):
    seen: list[tuple[str, dict[str, Any]]] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append((record.getMessage()[:8], structlog.contextvars.get_contextvars()))

    def work(job: str, steps: Steps) -> None:
        def unlucky() -> None:
            seen.append(("step", structlog.contextvars.get_contextvars()))
            if job == "two":  # its journal goes away before the step can be recorded
                forget_steps(url)

        with structlog.contextvars.bound_contextvars(transcript=job):
            steps.run("only", unlucky)

    handler = Handler()
    logger = logging.getLogger("panglot.jobs.worker")
    logger.addHandler(handler)
    try:
        queue.enqueue("one", priority=1)
        queue.enqueue("two", priority=2)
        with working(url, work):
            wait_for(lambda: len(seen) >= 3)
    finally:
        logger.removeHandler(handler)
    assert seen[:3] == [
        ("step", {"transcript": "one"}),
        ("step", {"transcript": "two"}),
        ("step onl", {"transcript": "two"}),
    ]


def test_a_process_has_one_worker(url: str):
    with working(url, lambda job, steps: None):
        second = JobWorker(url, worker_id="second", work=lambda job, steps: None, concurrency=1)
        with pytest.raises(RuntimeError, match="close it first"):
            second.start()
        second.close()
        with pytest.raises(RuntimeError, match="close it first"):
            second.start()


def test_nothing_is_printed(url: str, queue: JobQueue, capfd: pytest.CaptureFixture[str]):
    queue.enqueue("one", priority=1)
    queue.enqueue("one", priority=1)
    queue.cancel("one")
    queue.enqueue("one", priority=1)
    queue.resume("one")
    with working(url, lambda job, steps: steps.run("only", lambda: None)):
        wait_for(settled(queue, "one"))
    assert capfd.readouterr() == ("", "")


def test_errors_of_jobs_reach_the_log(url: str, queue: JobQueue, caplog: pytest.LogCaptureFixture):
    def work(job: str, steps: Steps) -> None:
        raise ValueError("a very particular mistake")

    queue.enqueue("one", priority=1)
    with working(url, work):
        wait_for(settled(queue, "one", state="failed"))
    assert "a very particular mistake" in caplog.text


def test_a_database_that_is_not_there_is_a_storage_error(tmp_path: Path):
    nobody = "postgresql+psycopg://someone@127.0.0.1:9/none"
    folder = f"sqlite:///{tmp_path / 'missing' / 'jobs.sqlite'}"
    for url in (nobody, folder):
        with pytest.raises(StorageError):
            JobQueue(url)
        with pytest.raises(StorageError):
            JobWorker(url, worker_id="worker", work=lambda job, steps: None, concurrency=1).start()
