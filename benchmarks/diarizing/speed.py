"""How long it takes, alone and beside recognition."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path

import common
import measure
from measure import Input, System

from diarizing.bench import Bench, takes_speakers
from diarizing.plans import Plan
from diarizing.simulated import simulate
from panglot.units import SAMPLE_RATE


def run(bench: Bench, folder: Path) -> None:
    """Time conversations of several lengths."""
    lengths = ["0.5"] if bench.options.quick else bench.options.speed_minutes.split(",")
    # The first length is measured several times, the others tell whether time grows with it.
    for minutes, rounds in zip(map(float, lengths), [bench.options.rounds] + [1] * len(lengths), strict=False):
        case = simulate(bench, Plan(groups=frozenset(), people=4, minutes=minutes), "clean", folder / "speed.wav")
        warmup = common.write_wav(folder / "warmup.wav", common.read(case.path)[: 12 * SAMPLE_RATE])
        common.read.cache_clear()
        measured = partial(
            measure.interleaved, inputs=[Input(path=case.path)], rounds=rounds, weights=bench.weights, warmup=warmup
        )
        title = f"{case.seconds:.0f} s of conversation, {rounds} rounds"
        runs = {"Speakers alone": measured(bench.systems)}
        if takes_speakers():
            plain = System(label="transcription", kind="panglot")
            both = System(label="transcription with speakers", kind="panglot", options={"speakers": True})
            runs["Beside recognition"] = measured([plain, both])
        for what, mine in runs.items():
            rows = measure.speed_rows(mine, seconds=case.seconds)
            bench.report.table(f"{what}: {title}", measure.SPEED_HEADINGS, rows)
        bench.report.data[f"speed, {minutes:g} min"] = {
            what: {label: [asdict(run) for run in done] for label, done in mine.items()} for what, mine in runs.items()
        }
