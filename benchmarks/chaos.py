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
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"

sys.path.insert(0, str(ROOT / "tests"))

from crashing.blows import VICTIMS  # noqa: E402 - what it imports is found by the line above
from crashing.rows import Row, bad, describe, line_of  # noqa: E402
from crashing.scene import DATABASES  # noqa: E402
from crashing.states import STATES  # noqa: E402
from crashing.trials import trial, undisturbed  # noqa: E402
from report import Report  # noqa: E402

from postgres import PostgresServer, find_postgres  # noqa: E402


def main() -> None:
    """Strike in every state, count, write down."""
    options = _options()
    report = Report("chaos", "Crashes at every state of a job", quick=options.quick)
    rows: list[Row] = []
    for database in options.databases:
        with ExitStack() as stack:
            postgres = stack.enter_context(PostgresServer()) if database == "postgresql" else None
            reference = undisturbed(database, postgres, options.times)
            print(f"{database}: {reference['chunks']} chunks, {reference['seconds']:.1f} s undisturbed", flush=True)
            for state, victim in _plan(database, options, chunks=reference["chunks"]):
                row = trial(database, postgres, state, victim, reference=reference, times=options.times)
                rows.append(row)
                print(line_of(row), flush=True)
    describe(report, rows)
    report.data["rows"] = [asdict(row) for row in rows]
    report.write(options.output)
    if bad(rows):
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


if __name__ == "__main__":
    main()
