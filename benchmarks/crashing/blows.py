"""What strikes a deployment, and how what has ended is started again."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
from deployment import wait_until

from crashing.scene import LEASE_SECONDS, Scene
from postgres import PostgresServer

SUPERVISION_SECONDS = 1.0
"""Until what has ended is started again."""
GONE_SECONDS = 5.0
"""For how long the disk is full, or the database is away."""
FROZEN_SECONDS = LEASE_SECONDS + 6.0


def strike(scene: Scene, victim: str) -> float:
    """Strike; return when, as `time.monotonic` has it. What has ended is started again before this returns."""
    began = time.monotonic()
    BLOWS[victim](scene)
    return began


def _kill_worker(scene: Scene) -> None:
    _kill(scene.worker())
    time.sleep(SUPERVISION_SECONDS)
    _start_missing(scene)


def _kill_api(scene: Scene) -> None:
    assert scene.deployment.api is not None
    scene.deployment.worker_pids()  # those it leaves behind are known from now on
    scene.deployment.api.kill()
    time.sleep(SUPERVISION_SECONDS)
    _start_missing(scene)


def _kill_both(scene: Scene) -> None:
    assert scene.deployment.api is not None
    workers = scene.deployment.worker_pids()
    scene.deployment.api.kill()
    for number in workers:
        _kill(number)
    time.sleep(SUPERVISION_SECONDS)
    _start_missing(scene)


def _kill_postgres(scene: Scene) -> None:
    assert scene.postgres is not None
    _kill(_postmaster(scene.postgres.url))
    time.sleep(SUPERVISION_SECONDS)
    scene.postgres.stop()
    wait_until(lambda: _starts(scene.postgres), seconds=60, what=lambda: "PostgreSQL after its crash")
    _start_missing(scene)


def _freeze(scene: Scene) -> None:
    number = scene.worker()
    os.kill(number, signal.SIGSTOP)
    try:
        time.sleep(FROZEN_SECONDS)
    finally:
        os.kill(number, signal.SIGCONT)


def _fill_disk(scene: Scene) -> None:
    """Let no process of the service make a file longer: what a full disk does, without the rest of the machine."""
    unlimited = resource.RLIM_INFINITY
    try:
        _limit_files(scene, 0)
        time.sleep(GONE_SECONDS)
    finally:
        _limit_files(scene, unlimited)
    _start_missing(scene)


def _take_database_away(scene: Scene) -> None:
    if scene.postgres is not None:
        scene.postgres.stop()
        time.sleep(GONE_SECONDS)
        scene.postgres.start()
    else:
        with ExitStack() as stack:
            for path in sorted(scene.deployment.home.glob("*.sqlite")):
                locked = stack.enter_context(closing(sqlite3.connect(path, timeout=30, isolation_level=None)))
                locked.execute("BEGIN IMMEDIATE")
            time.sleep(GONE_SECONDS)
    _start_missing(scene)


BLOWS: Mapping[str, Callable[[Scene], None]] = {
    "worker": _kill_worker,
    "api": _kill_api,
    "both": _kill_both,
    "postgresql": _kill_postgres,
    "frozen worker": _freeze,
    "disk full": _fill_disk,
    "database away": _take_database_away,
}
VICTIMS = tuple(BLOWS)


def _kill(number: int) -> None:
    os.kill(number, signal.SIGKILL)


def _limit_files(scene: Scene, most: int) -> None:
    for number in scene.deployment.all_pids():
        try:
            _, hard = resource.prlimit(number, resource.RLIMIT_FSIZE)
            # Decoders have limits of their own that cannot be raised.
            resource.prlimit(number, resource.RLIMIT_FSIZE, (hard if most == resource.RLIM_INFINITY else most, hard))
        except ProcessLookupError:
            continue


def _postmaster(url: str) -> int:
    """Number of the server's first process: the parent of the one that answers."""
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        [own] = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        status = Path(f"/proc/{own}/status").read_text()  # while it is connected: it ends with the connection
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:")))


def _starts(postgres: PostgresServer | None) -> bool:
    """Start the server; it refuses for as long as processes of the killed one are about to end."""
    assert postgres is not None
    try:
        postgres.start()
    except RuntimeError:
        return False
    return True


def _start_missing(scene: Scene) -> None:
    """Do what an init system does: start again what has ended."""
    deployment = scene.deployment
    if deployment.api is None or not deployment.api.alive:
        deployment.start_api()
        deployment.wait_ready()
    for number, worker in enumerate(list(deployment.workers)):
        if not worker.alive:
            deployment.workers.remove(worker)
            deployment.start_worker(number)
