"""Crashes at every state of a job: what is lost, what is done twice, and how long until the work goes on.

Each row is a deployment of its own in which one job is under way. At the moment that the API reports the state, the
victim is struck; whoever supervises processes then starts again what has ended. ``panglot serve`` supervises its own
worker; the API and separate workers are started again by this script, a second later. On SQLite there is one worker,
on PostgreSQL there are three.

The text must be that of a job nobody disturbed, also a while after the job has ended. A webhook may come more than once
(its receiver may have been told just before the crash), but always with the same id. A chunk counts as redone when a
worker's log says more than once that it was begun. Seconds until resumed are from the blow to a worker's next attempt
at the job, or, where none was needed, to the first progress that a client can see.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psycopg
from deployment import ALLOW_PRIVATE, Deployment, finished, longer, submit, wait_until
from neighbours import Files, Receiver, files, receiver
from report import Report

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
SAMPLE = ROOT / "tests" / "data" / "two_languages.flac"

sys.path.insert(0, str(ROOT / "tests"))

from postgres import PostgresServer, find_postgres, fresh_database  # noqa: E402 - found by the line above

CHUNK_SECONDS = 20
LEASE_SECONDS = 4
SUPERVISION_SECONDS = 1.0
"""Until what has ended is started again."""
GONE_SECONDS = 5.0
"""For how long the disk is full, or the database is away."""
FROZEN_SECONDS = LEASE_SECONDS + 6.0
AFTERWARDS_SECONDS = LEASE_SECONDS + 3.0
"""After the end of a job; who was frozen or presumed dead could still write in that time."""
PATIENCE_SECONDS = 240.0
TRIES = 4
"""Times that a state too short to be met is tried."""

DATABASES = {"sqlite": None, "postgresql": 3}
"""Separate workers; None for the one that ``panglot serve`` has."""
STATES = ("accepted", "fetching", "planning", "chunks", "diarizing", "assembling", "delivering")
VICTIMS = ("worker", "api", "both", "postgresql", "frozen worker", "disk full", "database away")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of one job."""

    database: str
    state: str
    victim: str
    met: bool
    """Whether the state was met before it had passed."""
    status: str = "lost"
    error: str | None = None
    text_same: bool = False
    calls: int = 0
    """That the webhook's receiver got."""
    ids: int = 0
    """Different ids in them."""
    chunks: int = 0
    redone: int | None = None
    """None where the logs do not tell."""
    resumed: float | None = None
    """Seconds from the blow to the next progress."""
    seconds: float = 0.0
    """From the blow to the end of the job."""


@dataclass
class Scene:
    """A deployment, what is around it, and the job in it."""

    deployment: Deployment
    client: httpx.Client
    host: Files
    hooks: Receiver
    postgres: PostgresServer | None
    job: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    """The job as it was when the state was met."""

    def look(self) -> dict[str, Any] | None:
        """Return the job as a client sees it; None where nobody answers."""
        try:
            answer = self.client.get(f"/v2/transcript/{self.job}", timeout=10)
        except httpx.TransportError:
            return None
        return answer.json() if answer.status_code == 200 else None

    def worker(self) -> int:
        """Return the number of the worker process that has the job, of any where none has it."""
        for program in self.deployment.workers:
            mine = any(event.get("transcript") == self.job for event in program.events())
            if mine and program.alive:
                return program.pid
        return self.deployment.worker_pids()[0]


def main() -> None:
    """Strike in every state, count, write down."""
    options = _options()
    report = Report("chaos", "Crashes at every state of a job", quick=options.quick)
    rows: list[Row] = []
    for database in options.databases:
        with ExitStack() as stack:
            postgres = stack.enter_context(PostgresServer()) if database == "postgresql" else None
            reference = _undisturbed(database, postgres, options.times)
            print(f"{database}: {reference['chunks']} chunks, {reference['seconds']:.1f} s undisturbed", flush=True)
            for state, victim in _plan(database, options, chunks=reference["chunks"]):
                row = _row(database, postgres, state, victim, reference=reference, times=options.times)
                rows.append(row)
                print(_line(row), flush=True)
    _describe(report, rows)
    report.data["rows"] = [asdict(row) for row in rows]
    report.write(options.output)
    if _bad(rows):
        raise SystemExit("jobs were lost, or done twice with different text, or webhooks are missing; see above")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one row, to see that it runs; not to be quoted")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES), help="which")
    parser.add_argument("--states", nargs="+", choices=STATES, default=STATES, help="when to strike")
    parser.add_argument("--victims", nargs="+", choices=VICTIMS, default=VICTIMS, help="what to strike")
    parser.add_argument("--times", type=int, default=6, help="times that the sample of 22 s is repeated")
    parser.add_argument("--output", type=Path, default=RESULTS, help="directory of the result files")
    options = parser.parse_args()
    if options.quick:
        options.databases, options.states, options.victims, options.times = ["sqlite"], ["chunks"], ["worker"], 3
    if find_postgres() is None and "postgresql" in options.databases:
        print("there are no PostgreSQL binaries here: rows on PostgreSQL are left out", file=sys.stderr)
        options.databases = [name for name in options.databases if name != "postgresql"]
    return options


def _plan(database: str, options: argparse.Namespace, *, chunks: int) -> Iterator[tuple[str, str]]:
    for state, victim in itertools.product(options.states, options.victims):
        if victim == "postgresql" and database != "postgresql":
            continue
        if state != "chunks":
            yield state, victim
            continue
        for number in [1] if options.quick else range(chunks):
            yield f"chunk {number}", victim


@contextmanager
def _scene(database: str, postgres: PostgresServer | None, *, times: int) -> Iterator[Scene]:
    settings = {
        **ALLOW_PRIVATE,
        "PANGLOT_CHUNK_SECONDS": str(CHUNK_SECONDS),
        "PANGLOT_LEASE_SECONDS": str(LEASE_SECONDS),
        "PANGLOT_LOG_FORMAT": "json",
    }
    with ExitStack() as stack:
        home = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="panglot-chaos-", ignore_cleanup_errors=True))
        )
        host, hooks = stack.enter_context(files()), stack.enter_context(receiver())
        host.contents["/recording.flac"] = longer(SAMPLE, times)
        deployment = stack.enter_context(
            Deployment(
                home,
                database_url=None if postgres is None else fresh_database(postgres.url),
                workers=DATABASES[database],
                settings=settings,
            )
        )
        client = stack.enter_context(deployment.client())
        yield Scene(deployment=deployment, client=client, host=host, hooks=hooks, postgres=postgres)


def _submit(scene: Scene) -> None:
    scene.job = submit(
        scene.client,
        f"{scene.host.url}/recording.flac",
        speaker_labels=True,
        language_detection=True,
        webhook_url=scene.hooks.url,
    )


def _undisturbed(database: str, postgres: PostgresServer | None, times: int) -> dict[str, Any]:
    with _scene(database, postgres, times=times) as scene:
        started = time.monotonic()
        _submit(scene)
        job = finished(scene.client, scene.job, seconds=PATIENCE_SECONDS)
        if job["status"] != "completed":
            raise SystemExit(f"the job failed though nobody disturbed it: {job['error']}")
        scene.hooks.wait(1, seconds=30)
        return {
            "text": job["text"],
            "chunks": len(_chunks(scene, "chunk_done")),
            "seconds": time.monotonic() - started,
        }


def _row(
    database: str,
    postgres: PostgresServer | None,
    state: str,
    victim: str,
    *,
    reference: Mapping[str, Any],
    times: int,
) -> Row:
    for _ in range(TRIES):
        with _scene(database, postgres, times=times) as scene:
            if _meet(scene, state):
                return _strike_and_see(scene, Row(database=database, state=state, victim=victim, met=True), reference)
            scene.host.open.set()
            scene.hooks.open.set()
    return Row(database=database, state=state, victim=victim, met=False)


# When


def _meet(scene: Scene, state: str) -> bool:
    """Start the job and wait until it is in a state; False where the state passed unseen."""
    if state == "fetching":
        scene.host.open.clear()
    if state == "delivering":
        scene.hooks.open.clear()
    _submit(scene)
    if state == "accepted":
        scene.before = scene.look() or {}
        return True
    if state == "delivering":
        met = scene.hooks.began.wait(PATIENCE_SECONDS)
        scene.before = scene.look() or {}
        return met
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        job = scene.look()
        if job is None:
            continue
        scene.before = job
        if job["status"] in ("completed", "error"):
            return False
        if _is_in(state, job, scene):
            return True
    return False


def _is_in(state: str, job: Mapping[str, Any], scene: Scene) -> bool:
    stage = job["metadata"]["stage"]
    if state == "fetching":
        return stage == "fetching" and bool(scene.host.requests)
    if not state.startswith("chunk"):
        return stage == state
    number = int(state.split()[1])
    begun = _chunks(scene, "chunk_begun")
    if begun:
        return stage == "recognising" and max(begun) == number
    return stage == "recognising" and int(job["metadata"]["seconds_done"] // CHUNK_SECONDS) == number


# What


def _strike(scene: Scene, victim: str) -> float:
    """Strike; return when, as `time.monotonic` has it. What has ended is started again before this returns."""
    began = time.monotonic()
    _BLOWS[victim](scene)
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


_BLOWS: Mapping[str, Callable[[Scene], None]] = {
    "worker": _kill_worker,
    "api": _kill_api,
    "both": _kill_both,
    "postgresql": _kill_postgres,
    "frozen worker": _freeze,
    "disk full": _fill_disk,
    "database away": _take_database_away,
}


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
    status = Path(f"/proc/{own}/status")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if status.exists():
            break
    else:
        raise RuntimeError("the process of PostgreSQL cannot be seen")
    return int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("PPid:")))


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


# And then


def _strike_and_see(scene: Scene, row: Row, reference: Mapping[str, Any]) -> Row:
    watch = _Watch(scene)
    watch.start()
    at = datetime.now(UTC)
    struck = _strike(scene, row.victim)
    scene.host.open.set()
    scene.hooks.open.set()
    try:
        job = finished(scene.client, scene.job, seconds=PATIENCE_SECONDS)
    except TimeoutError as error:
        watch.stop()
        return _replace(row, error=str(error)[:300], seconds=time.monotonic() - struck)
    ended = time.monotonic()
    wait_for_calls = time.monotonic() + 60
    while not scene.hooks.of(scene.job) and time.monotonic() < wait_for_calls:
        time.sleep(0.1)
    time.sleep(AFTERWARDS_SECONDS)
    watch.stop()
    again = finished(scene.client, scene.job, seconds=30)
    calls = scene.hooks.of(scene.job)
    begun = _chunks(scene, "chunk_begun")
    return _replace(
        row,
        status=job["status"],
        error=job["error"],
        text_same=job["text"] == again["text"] == reference["text"],
        calls=len(calls),
        ids=len({_webhook_id(call.headers) for call in calls}),
        chunks=reference["chunks"],
        redone=sum(begun.values()) - len(begun) if begun else None,
        resumed=_resumed(row.state, watch, scene, struck, at),
        seconds=ended - struck,
    )


class _Watch(threading.Thread):
    """Notes when a client first sees the job go on."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(daemon=True)
        self._scene = scene
        self._over = threading.Event()
        self.moment: float | None = None

    def run(self) -> None:
        """Ask until the job differs from what it was."""
        with self._scene.deployment.client() as client:
            while not self._over.wait(0.05) and self.moment is None:
                try:
                    answer = client.get(f"/v2/transcript/{self._scene.job}", timeout=10)
                except httpx.TransportError:
                    continue
                if answer.status_code == 200 and _progress(answer.json()) != _progress(self._scene.before):
                    self.moment = time.monotonic()

    def stop(self) -> None:
        """Stop asking."""
        self._over.set()
        self.join()


def _progress(job: Mapping[str, Any]) -> tuple[Any, ...]:
    metadata = job.get("metadata") or {}
    return job.get("status"), metadata.get("stage"), metadata.get("seconds_done")


def _resumed(state: str, watch: _Watch, scene: Scene, struck: float, at: datetime) -> float | None:
    """Seconds until a worker began another attempt, or, where none had to, until a client saw the job go on."""
    moment = watch.moment
    if state == "delivering":
        moment = next((call.moment for call in scene.hooks.of(scene.job)), None)
        return None if moment is None else moment - struck
    begun = (
        datetime.fromisoformat(line["timestamp"])
        for line in scene.deployment.events()
        if line.get("event") == "job_started" and line.get("transcript") == scene.job
    )
    after = [(one - at).total_seconds() for one in begun if one > at]
    if after:
        return min(after)
    return None if moment is None else moment - struck


def _chunks(scene: Scene, event: str) -> Counter[int]:
    """How often the logs say something of each chunk of the job."""
    return Counter(
        line["chunk"]
        for line in scene.deployment.events()
        if line.get("event") == event and line.get("transcript") == scene.job
    )


def _webhook_id(headers: Mapping[str, str]) -> str | None:
    return next((value for name, value in headers.items() if name.endswith("webhook-id")), None)


def _replace(row: Row, **changes: Any) -> Row:
    return Row(**{**asdict(row), **changes})


# What is written


def _line(row: Row) -> str:
    return "  ".join(str(cell) for cell in _cells(row))


def _cells(row: Row) -> list[object]:
    if not row.met:
        return [row.database, row.state, row.victim, "not met", "", "", "", "", ""]
    return [
        row.database,
        row.state,
        row.victim,
        row.status,
        "yes" if row.text_same else "NO",
        f"{row.calls} with {row.ids} id{'' if row.ids == 1 else 's'}",
        "?" if row.redone is None else row.redone,
        "" if row.resumed is None else f"{row.resumed:.1f}",
        f"{row.seconds:.1f}",
    ]


def _describe(report: Report, rows: Sequence[Row]) -> None:
    report.text(
        f"{len(rows)} jobs of {CHUNK_SECONDS}-second chunks, lease {LEASE_SECONDS} s; the API and separate workers are "
        f"started again after {SUPERVISION_SECONDS:g} s, disk and database come back after {GONE_SECONDS:g} s."
    )
    summary: list[list[object]] = []
    for database, victim in dict.fromkeys((row.database, row.victim) for row in rows):
        own = [row for row in rows if (row.database, row.victim) == (database, victim) and row.met]
        redone = [row.redone for row in own if row.redone is not None]
        resumed = [row.resumed for row in own if row.resumed is not None]
        summary.append(
            [
                database,
                victim,
                len(own),
                sum(row.status == "lost" for row in own),
                sum(row.status == "error" for row in own),
                sum(row.status == "completed" and not row.text_same for row in own),
                sum(row.calls == 0 for row in own),
                sum(row.ids > 1 for row in own),
                max(redone, default="?"),
                f"{median(resumed):.1f} / {max(resumed):.1f}" if resumed else "",
            ]
        )
    report.table(
        "By victim",
        (
            *("database", "victim", "jobs", "lost", "ended in an error", "other text", "webhooks missing"),
            *("webhooks with two ids", "most chunks redone", "seconds until resumed, median / most"),
        ),
        summary,
    )
    report.table(
        "Every job",
        (
            *("database", "state", "victim", "ended as", "same text", "webhook calls", "chunks redone"),
            *("s until resumed", "s until the end"),
        ),
        [_cells(row) for row in rows],
    )
    errors = {row.error for row in rows if row.error}
    if errors:
        report.text("Errors: " + json.dumps(sorted(errors), ensure_ascii=False))


def _bad(rows: Sequence[Row]) -> bool:
    met = [row for row in rows if row.met]
    return any(row.status != "completed" or not row.text_same or row.calls == 0 or row.ids > 1 for row in met)


if __name__ == "__main__":
    main()
