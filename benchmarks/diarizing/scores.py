"""Answers judged: errors and their parts, and the number of speakers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from conversations import Turn
from report import percent

from diarizing.bench import Bench
from diarizing.cases import Case
from panglot.evaluation.speakers import (
    DiarizationError,
    SpeakerCount,
    diarization_error,
    pooled_diarization,
    speaker_count,
)

COLLAR = 0.25
ERROR_HEADINGS = (
    "recordings",
    "condition",
    "system",
    "number",
    "error, collar 0",
    "error, collar 0.25",
    "missed",
    "false alarm",
    "confusion",
    "count right",
    "found minus true",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One answer against the truth."""

    name: str
    strict: DiarizationError | None
    lenient: DiarizationError | None
    """With the collar."""
    count: SpeakerCount


def scored(bench: Bench, title: str, cases: Sequence[Case]) -> dict[str, list[Score]]:
    """Let every system do the cases, judge the answers, and note both down."""
    runs = bench.run([case.path for case in cases])
    scores = {
        label: [judged(case, turns_of(result)) for case, result in zip(cases, run.results, strict=True)]
        for label, run in runs.items()
    }
    bench.report.data[title] = {
        "references": [
            {"name": case.name, "seconds": case.seconds, "turns": [asdict(turn) for turn in case.turns]}
            for case in cases
        ],
        "scores": {label: [asdict(score) for score in mine] for label, mine in scores.items()},
        "runs": {label: asdict(run) for label, run in runs.items()},
    }
    return scores


def turns_of(result: dict[str, Any]) -> tuple[Turn, ...]:
    """Turns in what a system answered."""
    return tuple(Turn(start=turn["start"], end=turn["end"], speaker=str(turn["speaker"])) for turn in result["turns"])


def judged(case: Case, found: Sequence[Turn]) -> Score:
    """Judge one answer."""
    judge = partial(diarization_error, case.turns, found, region=(0.0, case.seconds))
    return Score(
        name=case.name,
        strict=judge() if case.turns else None,
        lenient=judge(collar=COLLAR) if case.turns else None,
        count=SpeakerCount(expected=case.speakers, found=speaker_count((), found).found),
    )


def error_rows(
    condition: str, cases: Sequence[Case], scores: dict[str, list[Score]], groups: Sequence[str]
) -> list[list[str]]:
    """One row a group and system."""
    rows: list[list[str]] = []
    for group in groups:
        members = [number for number, case in enumerate(cases) if group in case.groups]
        for label, mine in scores.items() if members else ():
            some = [mine[number] for number in members]
            strict = [score.strict for score in some if score.strict]
            lenient = [score.lenient for score in some if score.lenient]
            right = sum(score.count.error == 0 for score in some)
            off = sum(score.count.error for score in some) / len(some)
            rows.append(
                [
                    group,
                    condition,
                    label,
                    str(len(some)),
                    *_parts(strict, lenient),
                    f"{right} / {len(some)}",
                    f"{off:+.1f}",
                ]
            )
    return rows


def _parts(strict: Sequence[DiarizationError], lenient: Sequence[DiarizationError]) -> list[str]:
    if not strict:
        return ["no times"] * 5
    whole = pooled_diarization(strict)
    return [
        percent(whole.rate),
        percent(pooled_diarization(lenient).rate),
        *(percent(part / whole.total) for part in (whole.missed, whole.false_alarm, whole.confusion)),
    ]
