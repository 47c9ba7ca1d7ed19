"""Many jobs at once: how long they take beside the library alone, what memory does, how quickly the API answers.

Each load runs four times in the same run, on the same files: by the library directly, through the service, by the
library again, and by the library in a plain loop, one file after another. Service and library are set as is best for
them, and all find the language themselves. The overhead is above the library at its best, whose two runs are averaged:
the machine's speed drifts. The model is loaded before the clock starts. A
job's time to completion is from the moment that the load begins, as if all had been asked for at once; the service's
times are those in its list of transcripts. While a load runs, one client looks at a transcript twice a second, and the
resident memory of all processes of the service is noted once a second.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

import httpx
import numpy as np
from deployment import Deployment, finished, longer, resident_mib, submit, upload, write_flac
from report import Report, percent

import panglot
from panglot.audio import open_audio
from panglot.units import SAMPLE_RATE

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
SAMPLES = ROOT / "tests" / "data"

AT_ONCE = 4
"""Recordings that the library alone has in hand; eight take it as long."""
SHORT = ("english.flac", "german.flac")
LONG = "two_languages.flac"
TINY_SECONDS = 1.0
LOOK_SECONDS = 0.5
LIST_LIMIT = 200
OVERHEAD_BAR = 0.10
LATENCY_BAR_MS = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Recordings that are asked for at once."""

    name: str
    files: tuple[Path, ...]
    seconds: float
    """Of audio, altogether."""


@dataclass
class Watched:
    """What was seen while a load ran."""

    latencies: list[float] = field(default_factory=list)
    """Seconds of each look at a transcript."""
    refused: int = 0
    """Looks that were not answered with 200."""
    memory: list[float] = field(default_factory=list)
    """MiB of all processes of the service, once a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A load through the service, and by the library alone."""

    load: str
    jobs: int
    audio: float
    completed: int
    lost: int
    times: list[float]
    """Seconds from the beginning to the completion of each job."""
    accepted: float
    """Seconds until the last job was accepted."""
    direct: list[list[float]]
    """The same by the library alone, before and after."""
    loop: list[float]
    """The same by the library alone, one file after another."""
    watched: Watched


def main() -> None:
    """Run each load through the service and without it."""
    if len(sys.argv) == 4 and sys.argv[1] == "--directly":
        _directly(Path(sys.argv[2]), int(sys.argv[3]))
        return
    options = _options()
    report = Report("load", "Many jobs at once", quick=options.quick)
    with tempfile.TemporaryDirectory(prefix="panglot-load-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        outcomes: list[Outcome] = []
        for load in _loads(folder, options):
            with Deployment(folder / f"home-{load.name}") as service:
                outcomes.append(_through(service, load, folder))
            _say(outcomes[-1])
    _describe(report, outcomes)
    report.data["outcomes"] = [asdict(outcome) for outcome in outcomes]
    report.write(options.output)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few jobs, to see that it runs; not to be quoted")
    parser.add_argument("--short", type=int, default=200, help="jobs of about five seconds")
    parser.add_argument("--long", type=int, default=20, help="long jobs")
    parser.add_argument("--long-minutes", type=float, default=5, help="length of a long job")
    parser.add_argument("--tiny", type=int, default=1000, help="jobs of one second")
    parser.add_argument("--output", type=Path, default=RESULTS, help="directory of the result files")
    options = parser.parse_args()
    if options.quick:
        options.short, options.long, options.long_minutes, options.tiny = 6, 2, 0.5, 20
    return options


def _loads(folder: Path, options: argparse.Namespace) -> Iterator[Load]:
    short = tuple(SAMPLES / SHORT[number % len(SHORT)] for number in range(options.short))
    long = folder / "long.flac"
    long.write_bytes(longer(SAMPLES / LONG, max(1, round(options.long_minutes * 60 / _seconds(SAMPLES / LONG)))))
    tiny = folder / "tiny.flac"
    tiny.write_bytes(write_flac(_samples(SAMPLES / SHORT[0])[: round(TINY_SECONDS * SAMPLE_RATE)]))
    for name, files in (("short", short), ("long", (long,) * options.long), ("tiny", (tiny,) * options.tiny)):
        if files:
            yield Load(name=name, files=files, seconds=sum(map(_seconds, files)))


def _samples(path: Path) -> np.ndarray:
    with open_audio(path) as stream:
        return np.concatenate([block[0] for block in stream])


_lengths: dict[Path, float] = {}


def _seconds(path: Path) -> float:
    if path not in _lengths:
        _lengths[path] = len(_samples(path)) / SAMPLE_RATE
    return _lengths[path]


# Through the service


def _through(service: Deployment, load: Load, folder: Path) -> Outcome:
    before = _run_directly(load, folder)
    with service.client() as client:
        warm = submit(client, upload(client, (SAMPLES / SHORT[0]).read_bytes()))
        finished(client, warm, seconds=120)
        addresses = _upload_all(service, load)
        with _watching(service, warm) as watched:
            began, clock = datetime.now(UTC), time.monotonic()
            with ThreadPoolExecutor(8) as pool:
                jobs = list(pool.map(lambda address: submit(client, address, language_detection=True), addresses))
            accepted = time.monotonic() - clock
            rows = _wait(client, set(jobs), seconds=600 + load.seconds)
    times = sorted((_moment(row["completed"]) - began).total_seconds() for row in rows if row["status"] == "completed")
    return Outcome(
        load=load.name,
        jobs=len(jobs),
        audio=load.seconds,
        completed=len(times),
        lost=len(jobs) - sum(row["completed"] is not None for row in rows),
        times=times,
        accepted=accepted,
        direct=[before, _run_directly(load, folder)],
        loop=_run_directly(load, folder, at_once=1),
        watched=watched,
    )


def _upload_all(service: Deployment, load: Load) -> list[str]:
    with service.client() as client, ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda path: upload(client, path.read_bytes()), load.files))


def _wait(client: httpx.Client, jobs: set[str], *, seconds: float) -> list[dict[str, Any]]:
    """Wait until no job is open, without looking at each; return the list's rows of the jobs."""
    deadline = time.monotonic() + seconds
    states = ["queued", "processing"]
    while states and time.monotonic() < deadline:
        time.sleep(1)
        if not _page(client, status=states[0], limit=1)["transcripts"]:
            states.pop(0)
    return [row for row in _list(client) if row["id"] in jobs]


def _list(client: httpx.Client) -> Iterator[dict[str, Any]]:
    before: dict[str, str] = {}
    while True:
        page = _page(client, limit=LIST_LIMIT, **before)
        yield from page["transcripts"]
        if page["page_details"]["prev_url"] is None:
            return
        before = {"before_id": page["transcripts"][-1]["id"]}


def _page(client: httpx.Client, **query: Any) -> dict[str, Any]:
    answer = client.get("/v2/transcript", params=query)
    answer.raise_for_status()
    return answer.json()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@contextmanager
def _watching(service: Deployment, transcript: str) -> Iterator[Watched]:
    """Look at a transcript and at memory while the block runs."""
    watched, over = Watched(), threading.Event()

    def look() -> None:
        with service.client() as client:
            while not over.wait(LOOK_SECONDS):
                start = time.perf_counter()
                answer = client.get(f"/v2/transcript/{transcript}")
                watched.latencies.append(time.perf_counter() - start)
                watched.refused += answer.status_code != 200

    def weigh() -> None:
        while not over.wait(1):
            watched.memory.append(resident_mib(service.all_pids()))

    threads = [threading.Thread(target=each) for each in (look, weigh)]
    for thread in threads:
        thread.start()
    try:
        yield watched
    finally:
        over.set()
        for thread in threads:
            thread.join()


# Without it


def _run_directly(load: Load, folder: Path, *, at_once: int = AT_ONCE) -> list[float]:
    order = folder / "order.json"
    order.write_text(json.dumps([str(path) for path in load.files]))
    done = subprocess.run(
        [sys.executable, __file__, "--directly", str(order), str(at_once)],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ,
    )
    if done.returncode:
        raise SystemExit(f"the library alone ended with {done.returncode}; its message is above")
    return sorted(json.loads(done.stdout))


def _directly(order: Path, at_once: int) -> None:
    """Transcribe the files of a list in this process; print when each was done."""
    files = json.loads(order.read_text())
    with panglot.load() as model:
        model.transcribe(SAMPLES / SHORT[0])
        began = time.monotonic()

        def work(path: str) -> float:
            model.transcribe(path)
            return time.monotonic() - began

        with ThreadPoolExecutor(at_once) as pool:
            print(json.dumps(list(pool.map(work, files))))


# What is written


def _say(outcome: Outcome) -> None:
    print(f"{outcome.load}: {outcome.completed} of {outcome.jobs} completed", file=sys.stderr, flush=True)


def _describe(report: Report, outcomes: Sequence[Outcome]) -> None:
    report.table(
        "Seconds to completion, all jobs asked for at once",
        (
            *("load", "jobs", "audio s", "completed", "lost", "accepted in s", "p50", "p95", "all"),
            *("directly p50", "p95", "all", "overhead", "plain loop p50", "p95", "all"),
        ),
        [_time_row(outcome) for outcome in outcomes],
    )
    report.table(
        "Meanwhile",
        (
            *("load", "looks", "not answered", "p50 ms", "p95 ms", "most ms"),
            *("MiB, first quarter", "MiB, last quarter", "most MiB"),
        ),
        [_watched_row(outcome) for outcome in outcomes],
    )
    report.text(f"Bars: overhead below {percent(OVERHEAD_BAR)}, p95 of a look below {LATENCY_BAR_MS:g} ms, none lost.")


def _time_row(outcome: Outcome) -> list[object]:
    alone = [mean(moments) for moments in zip(*outcome.direct, strict=True)]
    overhead = percent(max(outcome.times) / max(alone) - 1) if outcome.times else ""
    return [
        *(outcome.load, outcome.jobs, f"{outcome.audio:.0f}", outcome.completed, outcome.lost),
        *(f"{outcome.accepted:.1f}", *_spread(outcome.times), *_spread(alone), overhead, *_spread(outcome.loop)),
    ]


def _spread(times: Sequence[float]) -> list[str]:
    if not times:
        return ["", "", ""]
    return [f"{np.percentile(times, 50):.1f}", f"{np.percentile(times, 95):.1f}", f"{max(times):.1f}"]


def _watched_row(outcome: Outcome) -> list[object]:
    seen = outcome.watched
    looks = [1000 * seconds for seconds in seen.latencies] or [0.0]
    quarter = max(1, len(seen.memory) // 4)
    memory = seen.memory or [0.0]
    return [
        *(outcome.load, len(seen.latencies), seen.refused),
        *(f"{np.percentile(looks, 50):.1f}", f"{np.percentile(looks, 95):.1f}", f"{max(looks):.0f}"),
        *(f"{mean(memory[:quarter]):.0f}", f"{mean(memory[-quarter:]):.0f}", f"{max(memory):.0f}"),
    ]


if __name__ == "__main__":
    main()
