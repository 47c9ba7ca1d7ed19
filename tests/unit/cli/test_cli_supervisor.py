from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from panglot.cli.supervisor import Supervisor, orphaned_from

WAITS = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
open({!r}, "a").write("x")
time.sleep(60)
"""
STAYS = WAITS.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")


class Ended:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, float]] = []
        self.told = threading.Semaphore(0)

    def __call__(self, code: int, delay: float) -> None:
        self.seen.append((code, delay))
        self.told.release()


def make(script: str, ended: Ended) -> Supervisor:
    command = [sys.executable, "-c", script]
    return Supervisor(command, environment=os.environ, ended=ended, first_delay=0.01)


def wait_for(path: Path, size: int) -> None:
    for _ in range(600):
        if path.is_file() and path.stat().st_size >= size:
            return
        threading.Event().wait(0.05)
    raise AssertionError(f"{path} never had {size} bytes")


def test_a_child_that_ends_is_started_again_and_waits_longer_each_time() -> None:
    ended = Ended()
    supervisor = make("raise SystemExit(3)", ended)
    supervisor.start()
    for _ in range(3):
        assert ended.told.acquire(timeout=30)
    supervisor.stop(patience=10)
    assert ended.seen[:3] == [(3, 0.01), (3, 0.02), (3, 0.04)]


def test_a_child_ends_with_its_supervisor(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    ended = Ended()
    supervisor = make(WAITS.format(str(mark)), ended)
    supervisor.start()
    wait_for(mark, 1)
    pid = supervisor.pid
    assert pid is not None
    supervisor.stop(patience=30)
    assert ended.seen == []
    assert not Path(f"/proc/{pid}").exists()


def test_a_child_that_will_not_end_is_ended(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    supervisor = make(STAYS.format(str(mark)), Ended())
    supervisor.start()
    wait_for(mark, 1)
    pid = supervisor.pid
    supervisor.stop(patience=0.1)
    assert not Path(f"/proc/{pid}").exists()


def test_a_killed_child_comes_back(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    ended = Ended()
    supervisor = make(WAITS.format(str(mark)), ended)
    supervisor.start()
    wait_for(mark, 1)
    assert supervisor.pid is not None
    os.kill(supervisor.pid, 9)
    wait_for(mark, 2)
    supervisor.stop(patience=30)
    assert ended.seen == [(-9, 0.01)]


def test_stopping_what_never_started_is_fine() -> None:
    make("", Ended()).stop(patience=1)


def test_a_process_knows_that_its_parent_is_gone() -> None:
    assert not orphaned_from(os.getppid())()
    assert orphaned_from(os.getpid())()
    script = "import os; from panglot.cli.supervisor import orphaned_from; print(orphaned_from(int(os.environ['P']))())"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "P": str(os.getpid())},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"
