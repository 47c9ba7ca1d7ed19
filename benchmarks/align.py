"""Word times on the long German reading, whose clips have known places, beside faster-whisper's word times.

The truth is where the sound of each clip starts and ends (quiet at its ends cut off). A clip's words are those whose
middle lies nearest to it. The first word's start and the last word's end are compared with the truth.
"""

from __future__ import annotations

import argparse
import tempfile
from bisect import bisect_right
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Any

import common
import measure
from measure import Input, Run, System
from report import Report

from panglot.units import to_samples, to_seconds

OUTSIDE_SECONDS = 0.2
SYSTEMS = (
    System(label="panglot", kind="panglot"),
    System(label="faster-whisper sequential", kind="faster-whisper", options={"word_timestamps": True}),
    System(
        label="faster-whisper batched",
        kind="faster-whisper",
        batched=True,
        options={"word_timestamps": True},
    ),
)
HEADINGS = (
    "system",
    "words",
    "clips with words",
    "start error ms: mean, median, 90 %",
    "end error ms: mean, median, 90 %",
    "words out of order",
    "words ending before they start",
    f"words more than {OUTSIDE_SECONDS} s outside speech",
    "segments whose words do not join to their text",
)


def main() -> None:
    """Transcribe with word times and compare them with the clips' places."""
    options = _options()
    report = Report("align", "Word times", quick=options.quick)
    reading = common.long_reading(options.speech)
    recording = common.head(reading, 40) if options.quick else reading
    truth = [_sounding(recording, piece) for piece in recording.pieces]
    with tempfile.TemporaryDirectory() as folder:
        path = common.write_wav(Path(folder) / "reading.wav", recording.samples)
        weights = measure.base_weights()
        chosen = [system for system in SYSTEMS if system.kind in options.systems.split(",")]
        runs = [measure.run(system, [Input(path=path, language="de")], weights=weights) for system in chosen]
    report.table(f"{len(truth)} clips, {recording.seconds:.0f} s", HEADINGS, [_row(run, truth) for run in runs])
    report.data |= {"truth": [asdict(piece) for piece in truth], "runs": [asdict(run) for run in runs]}
    report.write(options.output)


def _options() -> argparse.Namespace:
    parser = common.arguments(__doc__)
    parser.add_argument("--systems", default="panglot,faster-whisper", help="which take part")
    return parser.parse_args()


def _sounding(recording: common.Recording, piece: common.Piece) -> common.Piece:
    """Narrow a piece to where its sound starts and ends."""
    first = to_samples(piece.start)
    start, end = common.speech_bounds(recording.samples[first : to_samples(piece.end)])
    return replace(piece, start=to_seconds(first + start), end=to_seconds(first + end))


def _row(run: Run, truth: list[common.Piece]) -> list[str]:
    segments = run.results[0]["segments"]
    words = [word for segment in segments for word in segment["words"]]
    of_clip: dict[int, list[dict[str, Any]]] = {}
    for word in words:
        of_clip.setdefault(_nearest(truth, (word["start"] + word["end"]) / 2), []).append(word)
    starts = [abs(mine[0]["start"] - truth[number].start) for number, mine in of_clip.items()]
    ends = [abs(mine[-1]["end"] - truth[number].end) for number, mine in of_clip.items()]
    joined = ["".join(word["text"] for word in segment["words"]).strip() for segment in segments]
    return [
        run.label,
        str(len(words)),
        f"{len(of_clip)} / {len(truth)}",
        _spread(starts),
        _spread(ends),
        str(sum(right["start"] < left["start"] for left, right in pairwise(words))),
        str(sum(word["end"] < word["start"] for word in words)),
        str(sum(_distance(truth, word) > OUTSIDE_SECONDS for word in words)),
        str(sum(text != segment["text"].strip() for text, segment in zip(joined, segments, strict=True))),
    ]


def _nearest(truth: list[common.Piece], time: float) -> int:
    later = bisect_right([piece.start for piece in truth], time)
    around = [number for number in (later - 1, later) if 0 <= number < len(truth)]
    return min(around, key=lambda number: max(truth[number].start - time, time - truth[number].end, 0.0))


def _distance(truth: list[common.Piece], word: dict[str, Any]) -> float:
    """Seconds by which a word reaches beyond the clip it belongs to."""
    piece = truth[_nearest(truth, (word["start"] + word["end"]) / 2)]
    return max(piece.start - word["start"], word["end"] - piece.end, 0.0)


def _spread(errors: list[float]) -> str:
    if len(errors) < 2:
        return "too few clips"
    return ", ".join(f"{1000 * value:.0f}" for value in (fmean(errors), median(errors), quantiles(errors, n=10)[-1]))


if __name__ == "__main__":
    main()
