"""Recordings that change language, beside faster-whisper's multilingual mode.

Two kinds, several seeds: clips of 6 to 15 s, and clips of 3 to 6 s, so that languages change within 10 s. A piece is
lost when more than 60 % of its own reference is wrong: it was translated, written in another language, or left out.
Lost pieces whose larger part also carries another language's label are counted apart.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import common
import measure
from measure import Input, Run, System
from report import Report, percent

from panglot.evaluation.bootstrap import interval
from panglot.evaluation.spans import SWITCH_TOLERANCE, language_accuracy, score_switches
from panglot.evaluation.words import ErrorRate, piecewise, pooled
from panglot.transcripts.records import LanguageSpan

KINDS = {"clips of 6 to 15 s": (6.0, 15.0), "clips of 3 to 6 s": (3.0, 6.0)}
LOST_ABOVE = 0.6
HEADINGS = (
    "recordings",
    "system",
    "switches found",
    "false switches",
    "language right, share of speech",
    "no label",
    "word error rate, 95 % interval",
    "pieces lost",
    "of them under another language",
    "wall s",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One transcript against its recording."""

    switches: int
    found: int
    false: int
    right: float
    missing: float
    speech: float
    rates: tuple[ErrorRate, ...]
    lost: int
    elsewhere: int


def main() -> None:
    """Build the recordings, transcribe them with each system, score."""
    options = _options()
    report = Report("switching", "Recordings that change language", quick=options.quick)
    report.text(
        f"Languages: {options.languages}. A switch is found if claimed between the same two languages within "
        f"{SWITCH_TOLERANCE} s of the pause it lies in. Word errors: all pieces in time order, one set of text rules "
        f"for all languages (no English number rules), so rates are higher than on single clips. A piece is lost above "
        f"{percent(LOST_ABOVE)} errors."
    )
    systems = [system for system in SYSTEMS if system.kind in options.systems.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        weights = measure.base_weights()
        for kind, lengths in KINDS.items():
            recordings = [_recording(options, kind, lengths, seed=seed) for seed in range(options.seeds)]
            inputs = [
                Input(path=common.write_wav(Path(folder) / f"{number}.wav", recording.samples))
                for number, recording in enumerate(recordings)
            ]
            runs = {system.label: measure.run(system, inputs, weights=weights) for system in systems}
            _describe(report, kind, recordings, runs)
    report.write(options.output)


SYSTEMS = (
    System(label="panglot", kind="panglot"),
    System(label="faster-whisper sequential, multilingual", kind="faster-whisper", options={"multilingual": True}),
    System(
        label="faster-whisper batched, multilingual",
        kind="faster-whisper",
        batched=True,
        options={"multilingual": True},
    ),
)


def _options() -> argparse.Namespace:
    parser = common.arguments(__doc__)
    parser.add_argument("--languages", default="de,en,es,fr,it,pt,ru", help="languages the recordings change between")
    parser.add_argument("--pieces", type=int, default=14, help="clips in a recording")
    parser.add_argument("--seeds", type=int, default=5, help="recordings of each kind")
    parser.add_argument("--systems", default="panglot,faster-whisper", help="which take part")
    options = parser.parse_args()
    if options.quick:
        options.pieces, options.seeds = 4, 1
    return options


def _recording(options: argparse.Namespace, kind: str, lengths: tuple[float, float], *, seed: int) -> common.Recording:
    """Clips in random order, each in another language than the one before and none twice while others are left."""
    draw = random.Random(f"{options.seed} {seed} {kind}")
    shortest, longest = lengths
    pool = [
        clip
        for clip in common.clips(options.speech, texts=True)
        if clip.language in options.languages.split(",")
        and shortest <= len(common.trimmed(clip.path)) / common.SAMPLE_RATE < longest
    ]
    chosen: list[common.Clip] = []
    while len(chosen) < options.pieces:
        others = [clip for clip in pool if not chosen or clip.language != chosen[-1].language]
        fewest = min(chosen.count(clip) for clip in others)
        fresh = [clip for clip in others if chosen.count(clip) == fewest]
        code = draw.choice(sorted({clip.language for clip in fresh}))
        chosen.append(draw.choice([clip for clip in fresh if clip.language == code]))
    return common.join(f"{kind}, seed {seed}", chosen, seed=seed)


def _describe(report: Report, kind: str, recordings: list[common.Recording], runs: dict[str, Run]) -> None:
    scores = {
        label: [_score(recording, result) for recording, result in zip(recordings, run.results, strict=True)]
        for label, run in runs.items()
    }
    seconds = sum(recording.seconds for recording in recordings)
    gaps = [right.start - left.start for one in recordings for left, right in pairwise(one.pieces)]
    title = f"{kind}: {len(recordings)} recordings, {seconds:.0f} s, {median(gaps):.1f} s from switch to switch"
    report.table(title, HEADINGS, [_row(kind, label, scores[label], run.wall) for label, run in runs.items()])
    report.data[kind] = {
        "references": [[asdict(piece) for piece in recording.pieces] for recording in recordings],
        "scores": {label: [asdict(score) for score in mine] for label, mine in scores.items()},
        "runs": {label: asdict(run) for label, run in runs.items()},
    }


def _score(recording: common.Recording, result: dict[str, Any]) -> Score:
    spans = [LanguageSpan(**span) for span in result["spans"]]
    switches = score_switches(recording.spans, spans)
    accuracy = language_accuracy(recording.spans, spans)
    rates = piecewise([(piece.text, piece.language) for piece in recording.pieces], result["text"], language=None)
    lost = [truth for truth, rate in zip(recording.spans, rates, strict=True) if rate.rate > LOST_ABOVE]
    labels = [language_accuracy([truth], spans) for truth in lost]
    return Score(
        switches=len(switches.expected),
        found=len(switches.found),
        false=len(switches.false),
        right=accuracy.right,
        missing=accuracy.missing,
        speech=accuracy.speech,
        rates=rates,
        lost=len(lost),
        elsewhere=sum(label.wrong > label.speech / 2 for label in labels),
    )


def _row(kind: str, label: str, scores: list[Score], wall: float) -> list[str]:
    rates = [rate for score in scores for rate in score.rates]
    sure = interval(rates)
    switches, found = sum(score.switches for score in scores), sum(score.found for score in scores)
    speech = sum(score.speech for score in scores)
    lost = sum(score.lost for score in scores)
    return [
        kind,
        label,
        f"{found} / {switches} ({percent(found / switches)})",
        str(sum(score.false for score in scores)),
        percent(sum(score.right for score in scores) / speech),
        percent(sum(score.missing for score in scores) / speech),
        f"{percent(pooled(rates).rate)} ({percent(sure.low)} to {percent(sure.high)})",
        f"{lost} / {len(rates)} ({percent(lost / len(rates))})",
        str(sum(score.elsewhere for score in scores)),
        f"{wall:.1f}",
    ]


if __name__ == "__main__":
    main()
