"""Jobs outlive the processes that run them."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path.append(str(TESTS))

from panglot.jobs.queue import JobQueue  # noqa: E402
from postgres import NO_POSTGRES, PostgresServer, find_postgres, fresh_database  # noqa: E402 - found by the line above

LEASE = 3.0
PATIENCE = 90
"""Seconds after which a test gives up; none waits that long when all is well."""


class Yard:
    """A database, a folder, and the toy workers that share them."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.queue = JobQueue(url)
        self.workers: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, worker: str) -> None:
        command = [sys.executable, str(TESTS / "e2e" / "toy_worker.py"), self.url, worker, str(self.folder), str(LEASE)]
        self.workers[worker] = subprocess.Popen(command)
        self.wait(lambda: f"ready {worker}" in self.trace())

    def hold(self, worker: str, step: int) -> None:
        """Keep a worker in a step, from when it comes there."""
        (self.folder / f"hold-{worker}-{step}").touch()

    def let_go(self) -> None:
        for hold in self.folder.glob("hold-*"):
            hold.unlink()

    def signal(self, worker: str, number: signal.Signals) -> None:
        self.workers[worker].send_signal(number)

    def freeze(self, worker: str) -> None:
        """Stop a worker while it is not writing: SQLite would keep all others waiting until it goes on."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.signal(worker, signal.SIGSTOP)
            os.waitpid(self.workers[worker].pid, os.WUNTRACED)
            if self.can_be_written():
                return
            assert time.monotonic() < deadline, f"{worker} was writing each time it was stopped"
            self.signal(worker, signal.SIGCONT)
            time.sleep(0.01)

    def can_be_written(self) -> bool:
        if not self.url.startswith("sqlite"):
            return True
        with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=2, isolation_level=None)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            return True

    def trace(self) -> list[str]:
        path = self.folder / "trace"
        return path.read_text().splitlines() if path.exists() else []

    def wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"it did not come about:\n{chr(10).join(self.trace())}"
            time.sleep(0.02)

    def wait_for(self, line: str) -> None:
        self.wait(lambda: line in self.trace())

    def starts(self, job: str) -> list[str]:
        """Which steps of a job started, and where."""
        return [line.removeprefix(f"start {job} ") for line in self.trace() if line.startswith(f"start {job} ")]

    def ends(self, job: str) -> list[str]:
        return [line for line in self.trace() if line.startswith(f"done {job} ")]

    def close(self) -> None:
        self.let_go()
        for process in self.workers.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
        self.queue.close()


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer | None]:
    if find_postgres() is None:
        yield None
        return
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def yard(request: pytest.FixtureRequest, tmp_path: Path, server: PostgresServer | None) -> Iterator[Yard]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'jobs.sqlite'}"
    elif server is None:
        pytest.skip(NO_POSTGRES)
    else:
        url = fresh_database(server.url)
    yard = Yard(url, tmp_path)
    yield yard
    yard.close()


def test_a_killed_workers_job_goes_on_elsewhere_from_the_step_in_hand(yard: Yard):
    yard.hold("a", 2)
    yard.start("a")
    yard.queue.enqueue("one", priority=1)
    yard.wait_for("start one 2 a")
    yard.start("b")
    yard.signal("a", signal.SIGKILL)
    yard.wait_for("done one 10 b")
    assert yard.starts("one") == ["0 a", "1 a", "2 a", "2 b", "3 b", "4 b"]
    assert yard.ends("one") == ["done one 10 b"]
    yard.wait(lambda: yard.queue.state("one") == "done")


def test_what_a_stopped_worker_finishes_after_its_lease_does_not_count(yard: Yard):
    yard.hold("a", 2)
    yard.start("a")
    yard.queue.enqueue("one", priority=1)
    yard.wait_for("start one 2 a")
    yard.start("b")
    yard.freeze("a")
    yard.hold("b", 4)
    yard.wait_for("start one 4 b")
    yard.let_go()
    yard.hold("b", 4)
    yard.signal("a", signal.SIGCONT)
    yard.wait_for("superseded one a")
    yard.let_go()
    yard.wait_for("done one 10 b")
    assert yard.starts("one") == ["0 a", "1 a", "2 a", "2 b", "3 b", "4 b"]
    assert yard.ends("one") == ["done one 10 b"]
    yard.queue.enqueue("two", priority=1)
    yard.wait(lambda: yard.queue.states(["one", "two"]) == {"one": "done", "two": "done"})


def test_a_worker_that_is_asked_to_stop_hands_over_after_its_step(yard: Yard):
    yard.hold("a", 2)
    yard.start("a")
    yard.queue.enqueue("one", priority=1)
    yard.wait_for("start one 2 a")
    yard.start("b")
    yard.signal("a", signal.SIGTERM)
    yard.wait_for("draining one 2 a")
    yard.let_go()
    yard.wait_for("drained True a")
    yard.wait_for("done one 10 b")
    assert yard.workers["a"].wait(PATIENCE) == 0
    assert yard.starts("one") == ["0 a", "1 a", "2 a", "3 b", "4 b"]
    assert yard.ends("one") == ["done one 10 b"]


def test_many_jobs_on_several_workers_run_once_each_though_one_is_killed(yard: Yard):
    jobs = [f"job-{number}" for number in range(60)]
    yard.start("a")
    yard.start("b")
    yard.hold("a", 3)
    for job in jobs:
        yard.queue.enqueue(job, priority=1)
    yard.wait(lambda: sum(line.endswith(" 3 a") for line in yard.trace()) == 2)
    yard.signal("a", signal.SIGKILL)
    yard.wait(lambda: list(yard.queue.states(jobs).values()) == ["done"] * len(jobs))
    assert [len(yard.ends(job)) for job in jobs] == [1] * len(jobs)
    redone = sum(len(yard.starts(job)) - 5 for job in jobs)
    assert redone == 2


def test_a_worker_opens_no_connection_but_to_the_database(tmp_path: Path):
    yard = Yard(f"sqlite:///{tmp_path / 'jobs.sqlite'}", tmp_path)
    yard.start("a")
    yard.queue.enqueue("one", priority=1)
    yard.wait_for("done one 10 a")
    of_the_process = Path(f"/proc/{yard.workers['a'].pid}")
    links = [str(each.readlink()) for each in (of_the_process / "fd").iterdir()]
    sockets = {link.removeprefix("socket:[").removesuffix("]") for link in links if link.startswith("socket:")}
    tables = [of_the_process / "net" / name for name in ("tcp", "tcp6", "udp", "udp6")]
    used = {line.split()[9] for table in tables if table.exists() for line in table.read_text().splitlines()[1:]}
    yard.close()
    assert not sockets & used


def test_jobs_go_on_by_themselves_when_the_database_comes_back(tmp_path: Path, server: PostgresServer | None):
    if server is None:
        pytest.skip(NO_POSTGRES)
    yard = Yard(fresh_database(server.url), tmp_path)
    try:
        yard.hold("a", 2)
        yard.start("a")
        yard.queue.enqueue("one", priority=1)
        yard.wait_for("start one 2 a")
        server.kill()
        yard.let_go()
        yard.wait_for("end one 2 a")
        time.sleep(LEASE)
        server.start()
        yard.wait_for("done one 10 a")
        yard.queue.enqueue("two", priority=1)
        yard.wait_for("done two 10 a")
        assert yard.starts("one") == ["0 a", "1 a", "2 a", "3 a", "4 a"]
    finally:
        yard.close()
