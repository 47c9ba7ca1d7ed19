"""What every part of the benchmark is given."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import measure
from conversations import Voice
from measure import Input, Run, System
from report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every part needs."""

    options: argparse.Namespace
    report: Report
    systems: tuple[System, ...]
    voices: list[Voice]
    weights: Path

    def run(self, inputs: Sequence[Path]) -> dict[str, Run]:
        """Let every system do the same recordings."""
        runs: dict[str, Run] = {}
        for system in self.systems:
            runs[system.label] = measure.run(system, [Input(path=path) for path in inputs], weights=self.weights)
            print(f"  {system.label:<60} {runs[system.label].wall:8.1f} s", file=sys.stderr, flush=True)
        return runs


def takes_speakers() -> bool:
    """Whether this Panglot can transcribe with speakers."""
    from panglot.pipeline.model import TranscribeOptions

    return "speakers" in TranscribeOptions.__annotations__
