"""What became of the jobs, as rows of tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from report import Report

from crashing.blows import GONE_SECONDS, SUPERVISION_SECONDS
from crashing.scene import CHUNK_SECONDS, LEASE_SECONDS


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


def line_of(row: Row) -> str:
    """Return a row as a line of text."""
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


def describe(report: Report, rows: Sequence[Row]) -> None:
    """Write the tables."""
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


def bad(rows: Sequence[Row]) -> bool:
    """Whether a promise was broken."""
    met = [row for row in rows if row.met]
    return any(row.status != "completed" or not row.text_same or row.calls == 0 or row.ids > 1 for row in met)
