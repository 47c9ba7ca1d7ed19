"""Memory and sameness on a very long recording: five minutes of speech, again and again for ten hours.

The unit is cut from the long German reading and filled up with silence to exactly 300 s, so that every hour is the same
audio. Peak memory is that of the whole process tree. The text and times of each unit of the last hour are compared with
those of the same unit of the first hour, and with all others.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import common
import measure
import numpy as np
from measure import Input, Run, System
from report import Report, percent

from panglot.evaluation.words import error_rate
from panglot.units import SAMPLE_RATE

UNIT_SECONDS = 300
SHORT_MINUTES = 10
MEMORY_BAR_GB = 1.2
MEMORY_BAR_WITH_SPEAKERS_GB = 1.5
TIME_TOLERANCE_SECONDS = 0.02


def main() -> None:
    """Write the recordings block by block, transcribe them, compare."""
    options = _options()
    report = Report("long", "A very long recording", quick=options.quick)
    unit = _unit(options.speech, options.speech_seconds)
    with tempfile.TemporaryDirectory(dir=options.temporary) as folder:
        weights = measure.base_weights()
        lengths = {"short": SHORT_MINUTES / 60, "long": options.hours}
        runs: dict[str, Run] = {}
        for name, hours in lengths.items():
            units = round(hours * 3600 / UNIT_SECONDS)
            path = common.write_flac(Path(folder) / f"{name}.flac", _blocks(unit, units))
            print(f"{name}: {units * UNIT_SECONDS} s written, {path.stat().st_size / 2**20:.0f} MiB", file=sys.stderr)
            runs[name] = measure.run(_system(options), [Input(path=path)], weights=weights)
            path.unlink()
    _describe(report, unit, lengths, runs, bar=MEMORY_BAR_WITH_SPEAKERS_GB if options.speakers else MEMORY_BAR_GB)
    report.write(options.output)


def _options() -> argparse.Namespace:
    parser = common.arguments(__doc__)
    parser.add_argument("--hours", type=float, default=10, help="length of the long recording")
    parser.add_argument("--speech-seconds", type=int, default=UNIT_SECONDS - 4, help="speech in each unit of 300 s")
    parser.add_argument("--system", default="panglot", choices=("panglot", "faster-whisper"), help="which one")
    parser.add_argument("--speakers", action="store_true", help="find out who speaks as well; only Panglot does")
    parser.add_argument("--temporary", type=Path, help="directory for the recording (10 hours: about 0.6 GiB)")
    options = parser.parse_args()
    if options.quick:
        options.hours = SHORT_MINUTES / 60
    return options


def _system(options: argparse.Namespace) -> System:
    wanted = {"speakers": True} if options.speakers else {}
    return System(label=options.system, kind=options.system, batched=options.system == "faster-whisper", options=wanted)


def _unit(speech: Path, seconds: int) -> common.Recording:
    """Take the first pieces of the long reading, with silence up to the unit's length."""
    part = common.head(common.long_reading(speech), seconds)
    samples = np.zeros(UNIT_SECONDS * SAMPLE_RATE, np.float32)
    samples[: len(part.samples)] = part.samples
    return common.Recording(name="unit", samples=samples, pieces=part.pieces)


def _blocks(unit: common.Recording, units: int) -> Iterator[common.Samples]:
    for _ in range(units):
        yield from np.array_split(unit.samples, 60)


def _describe(
    report: Report, unit: common.Recording, lengths: dict[str, float], runs: dict[str, Run], *, bar: float
) -> None:
    most = bar * 1e9 / 2**20
    report.table(
        "Memory and speed",
        ("recording", "seconds", "wall s", "speed", "CPU s", "peak MiB", f"under {most:.0f} MiB ({bar} GB)"),
        [
            [
                name,
                f"{lengths[name] * 3600:.0f}",
                f"{run.wall:.1f}",
                f"{lengths[name] * 3600 / run.wall:.1f}x",
                f"{run.cpu:.1f}",
                f"{run.peak_memory:.0f}",
                "yes" if run.peak_memory < most else "no",
            ]
            for name, run in runs.items()
        ],
    )
    units = _by_unit(runs["long"].results[0], count=round(lengths["long"] * 3600 / UNIT_SECONDS))
    # A segment that is cut where the speaker changes loses the space there.
    texts = [" ".join(" ".join(segment["text"] for segment in segments).split()) for segments in units]
    # A recording shorter than two hours has no other hour: its halves are compared instead.
    period = min(3600 // UNIT_SECONDS, len(units) // 2)
    pairs = list(zip(range(period), range(len(units) - period, len(units)), strict=True))
    usual, times = Counter(texts).most_common(1)[0]
    rate = error_rate(" ".join(piece.text for piece in unit.pieces), usual, language="de")
    rows = [
        ["units compared, first and last hour", str(len(pairs))],
        ["same text", _share(sum(texts[a] == texts[b] for a, b in pairs), len(pairs))],
        ["same times within 20 ms", _share(sum(_same_times(units[a], units[b], b - a) for a, b in pairs), len(pairs))],
        ["all units with the most frequent text", _share(times, len(units))],
        ["word error rate of the most frequent text", percent(rate.rate)],
    ]
    speakers = {turn["speaker"] for turn in runs["long"].results[0].get("turns", ())}
    if speakers:
        rows.append(["speakers found, of one", str(len(speakers))])
    report.table("Sameness", ("what", "value"), rows)
    report.data |= {
        "texts": dict(Counter(texts)),
        "order": [sorted(set(texts)).index(text) for text in texts],
        "peak_mib": {name: run.peak_memory for name, run in runs.items()},
        "wall_s": {name: run.wall for name, run in runs.items()},
        "cpu_s": {name: run.cpu for name, run in runs.items()},
    }


def _by_unit(result: dict[str, Any], *, count: int) -> list[list[dict[str, Any]]]:
    """Segments of each unit, by their middle."""
    units: list[list[dict[str, Any]]] = [[] for _ in range(count)]
    for segment in result["segments"]:
        middle = (segment["start"] + segment["end"]) / 2
        units[min(int(middle // UNIT_SECONDS), count - 1)].append(segment)
    return units


def _same_times(first: list[dict[str, Any]], last: list[dict[str, Any]], apart: int) -> bool:
    shift = apart * UNIT_SECONDS
    return len(first) == len(last) and all(
        abs(b[edge] - a[edge] - shift) <= TIME_TOLERANCE_SECONDS
        for a, b in zip(first, last, strict=True)
        for edge in ("start", "end")
    )


def _share(part: int, whole: int) -> str:
    return f"{part} / {whole} ({percent(part / whole)})"


if __name__ == "__main__":
    main()
