"""Ten hours: memory, whether time grows with length, and whether the last hour has the speakers of the first.

An hour of conversation is repeated, so that every hour is the same audio.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import common
import numpy as np
from conversations import Turn
from report import percent

from diarizing.bench import Bench
from diarizing.plans import Plan
from diarizing.scores import turns_of
from diarizing.simulated import simulate
from diarizing.stability import counted_from
from panglot.evaluation.speakers import label_agreement
from panglot.units import SAMPLE_RATE

MEMORY_BAR_MIB = 1.5e9 / 2**20
_PEOPLE = 4


def run(bench: Bench, folder: Path) -> None:
    """Find the speakers of an hour, and of as many of them as are asked for."""
    minutes = 1 if bench.options.quick else 60
    case = simulate(bench, Plan(groups=frozenset(), people=_PEOPLE, minutes=minutes), "clean", folder / "hour.wav")
    hour = common.read(case.path)
    common.read.cache_clear()
    rows: list[list[str]] = []
    for times in (1, bench.options.hours):
        path = common.write_flac(folder / f"{times}.flac", _blocks(hour, times))
        for label, done in bench.run([path]).items():
            seconds = times * len(hour) / SAMPLE_RATE
            turns = turns_of(done.results[0])
            agreed = label_agreement(_within(turns, 0, case.seconds), _within(turns, seconds - case.seconds, seconds))
            rows.append(
                [
                    *(f"{seconds / 3600:.2f}", label, f"{done.wall:.1f}", f"{seconds / done.wall:.1f}x"),
                    *(f"{done.cpu:.1f}", f"{done.peak_memory:.0f}"),
                    "yes" if done.peak_memory < MEMORY_BAR_MIB else "no",
                    *(str(len({turn.speaker for turn in turns})), percent(agreed.rate), percent(agreed.label_rate)),
                ]
            )
            bench.report.data[f"hours, {times}, {label}"] = asdict(done) | {"results": []}
    bench.report.table(
        f"A conversation of an hour among {_PEOPLE} people, again and again",
        (
            *("hours", "system", "wall s", "speed", "CPU s", "peak MiB", f"under {MEMORY_BAR_MIB:.0f} MiB (1.5 GB)"),
            *("speakers found", "same label, first and last hour", "labels alone"),
        ),
        rows,
    )


def _blocks(hour: common.Samples, times: int) -> Iterator[common.Samples]:
    for _ in range(times):
        yield from np.array_split(hour, 60)


def _within(turns: list[Turn], start: float, end: float) -> list[Turn]:
    return counted_from(start, [turn for turn in turns if turn.start < end])
