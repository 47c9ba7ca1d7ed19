"""Run recognisers side by side, each in a process of its own, and note time, CPU and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from systems import descendants

from panglot.models import Store

SAMPLING_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A recogniser with its settings."""

    label: str
    kind: str
    """``panglot`` or ``faster-whisper``."""
    batched: bool = False
    load: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    together: bool = False
    """All recordings in one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A recording to be transcribed; ``language`` only where the recogniser is to be told."""

    path: Path
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one process did."""

    label: str
    wall: float
    """Seconds of transcription, without loading and warm-up."""
    cpu: float
    """CPU seconds (user and system) of transcription, with all child processes."""
    load: float
    peak_memory: float
    """Largest resident memory of the whole process tree at any moment, in MiB; shared pages count once a process."""
    results: list[dict[str, Any]]
    facts: dict[str, Any]

    @property
    def texts(self) -> list[str]:
        """What was written, one text a recording."""
        return [result["text"] for result in self.results]


def run(
    system: System, inputs: Sequence[Input], *, weights: Path, warmup: Path | None = None, mode: str = "transcribe"
) -> Run:
    """Transcribe recordings one after another in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        job, result = Path(folder) / "job.json", Path(folder) / "result.json"
        job.write_text(
            json.dumps(
                {
                    "system": system.kind,
                    "mode": mode,
                    "batched": system.batched,
                    "load": system.load,
                    "options": system.options,
                    "together": system.together,
                    "weights": str(weights),
                    "warmup": str(warmup) if warmup else None,
                    "inputs": [{"path": str(item.path), "language": item.language} for item in inputs],
                }
            ),
            "utf-8",
        )
        command = [sys.executable, str(Path(__file__).with_name("systems.py")), str(job), str(result)]
        with subprocess.Popen(command, env=os.environ | system.environment) as process:
            peak = _watch(process)
        if process.returncode:
            raise SystemExit(f"{system.label} ended with {process.returncode}; its message is above")
        answer = json.loads(result.read_text("utf-8"))
    return Run(
        label=system.label,
        wall=answer["wall_s"],
        cpu=answer["cpu_s"],
        load=answer["load_s"],
        peak_memory=peak,
        results=answer["results"],
        facts=answer["facts"],
    )


def interleaved(
    systems: Sequence[System],
    inputs: Sequence[Input],
    *,
    rounds: int,
    weights: Path,
    warmup: Path,
    once: frozenset[str] = frozenset(),
) -> dict[str, list[Run]]:
    """Run all systems in turn, several rounds, every other round in reverse order; those in ``once`` only first."""
    runs: dict[str, list[Run]] = {system.label: [] for system in systems}
    for number in range(rounds):
        order = [system for system in systems if number == 0 or system.label not in once]
        for system in order if number % 2 == 0 else reversed(order):
            done = run(system, inputs, weights=weights, warmup=warmup)
            runs[system.label].append(done)
            print(f"  round {number + 1}  {system.label:<44} {done.wall:8.1f} s", file=sys.stderr, flush=True)
    return runs


def speed_rows(runs: dict[str, list[Run]], *, seconds: float) -> list[list[str]]:
    """One row a system: medians over the rounds, and its wall time over that of the first system in each round."""
    base = next(iter(runs.values()))
    rows: list[list[str]] = []
    for label, mine in runs.items():
        wall = median(one.wall for one in mine)
        ratios = [one.wall / other.wall for one, other in zip(mine, base, strict=False)]
        rows.append(
            [
                label,
                f"{wall:.1f}",
                f"{seconds / wall:.1f}x",
                f"{median(one.cpu for one in mine):.1f}",
                f"{max(one.peak_memory for one in mine):.0f}",
                f"{median(one.load for one in mine):.1f}",
                f"{median(ratios):.2f}",
                " ".join(f"{ratio:.2f}" for ratio in ratios),
            ]
        )
    return rows


SPEED_HEADINGS = (
    "system",
    "wall s",
    "speed",
    "CPU s",
    "peak MiB",
    "load s",
    "wall / first system",
    "that, by round",
)


def base_weights() -> Path:
    """Directory of the published ``base`` weights, verified: the same bytes for every system."""
    return Store().path("base", offline=True)


def _watch(process: subprocess.Popen[bytes]) -> float:
    """Wait for a process; largest sum of resident memory over it and all below it, in MiB."""
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(_resident(number) for number in [process.pid, *descendants(process.pid)]))
        time.sleep(SAMPLING_SECONDS)
    return peak / 2**20


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
