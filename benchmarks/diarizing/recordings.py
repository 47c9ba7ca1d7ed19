"""Recordings with speakers marked by hand."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import common
from conversations import Turn

from diarizing.bench import Bench
from diarizing.cases import Case, in_condition
from diarizing.scores import ERROR_HEADINGS, error_rows, scored
from panglot.units import SAMPLE_RATE


def run(bench: Bench, folder: Path) -> None:
    """Judge the recordings in every condition."""
    rows: list[list[str]] = []
    for condition in bench.options.conditions.split(","):
        cases = _cases(bench.options, condition, folder)
        scores = scored(bench, f"recordings, {condition}", cases)
        singles = [case.name for case in cases] if condition == "clean" else []
        groups = ["real meetings (AMI)", "telephone sample", "joined clips", "all with times"]
        rows += error_rows(condition, cases, scores, [*singles, *groups])
    bench.report.table("Recordings with speakers marked by hand", ERROR_HEADINGS, rows)


def _cases(options: argparse.Namespace, condition: str, folder: Path) -> list[Case]:
    cases: list[Case] = []
    for line in multispeaker(options):
        path = options.speech / line["path"]
        samples = common.read(path)
        turns = turns_marked(options.speech / line["rttm"]) if line.get("rttm") else ()
        kind = "real meetings (AMI)" if path.stem.startswith("ami") else "telephone sample"
        kind = "joined clips" if line.get("constructed") else kind
        groups = {path.stem} | ({kind, "all with times"} if turns else set())
        cases.append(
            Case(
                name=path.stem,
                path=common.write_wav(
                    folder / f"{condition}-{path.stem}.wav", in_condition(samples, turns, condition, options.seed)
                ),
                seconds=len(samples) / SAMPLE_RATE,
                turns=turns,
                speakers=line["num_speakers"],
                groups=frozenset(groups),
            )
        )
    return cases


def multispeaker(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Lines of the speech set's manifest that are about several speakers."""
    lines = [json.loads(line) for line in (options.speech / "manifest.jsonl").read_text("utf-8").splitlines()]
    found = [line for line in lines if line["path"].startswith("multispeaker/")]
    return found[::4] if options.quick else found


def turns_marked(path: Path) -> tuple[Turn, ...]:
    """Read who speaks when from an RTTM file."""
    fields = [line.split() for line in path.read_text("utf-8").splitlines() if line.startswith("SPEAKER")]
    return tuple(
        Turn(start=float(start), end=float(start) + float(length), speaker=speaker)
        for _, _, _, start, length, _, _, speaker, *_ in fields
    )
