"""Tables on the terminal, and a dated pair of files: Markdown to read, JSON with everything behind it."""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "panglot",
    "ctranslate2",
    "faster-whisper",
    "onnxruntime",
    "av",
    "numpy",
    "jiwer",
    "whisper-normalizer",
    "pyannote-metrics",
    "torch",
    "torchao",
    "transformers",
    "lhotse",
)
PLACES = ("--output", "--speech", "--peers", "--temporary")
"""Options whose values are directories."""
INSTRUCTIONS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "amx_bf16", "asimd", "i8mm")


class Report:
    """Collects tables as they are made, prints them, and writes them down at the end."""

    def __init__(self, name: str, title: str, *, quick: bool, device: str | None = None) -> None:
        self.name = name
        self.device = device
        """The GPU, where the figures are of one; the processor is named in any case."""
        self.lines = [f"# {title}", ""]
        self.data: dict[str, Any] = {"quick": quick}
        self.load_at_start = os.getloadavg()[0]
        if quick:
            self.lines += ["**Quick run: it shows that the script works, the figures mean nothing.**", ""]

    def text(self, text: str) -> None:
        """Add a paragraph."""
        print(f"\n{text}", flush=True)
        self.lines += [text, ""]

    def table(self, title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Add a table with a heading."""
        cells = [[str(cell) for cell in row] for row in [headings, *rows]]
        widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
        print(f"\n{title}")
        for row in cells:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        sys.stdout.flush()
        self.lines += [f"## {title}", "", _row(cells[0]), _row(["---"] * len(headings)), *map(_row, cells[1:]), ""]

    def stem(self) -> str:
        """Return the name of the result files, without suffix."""
        quick = "quick_" if self.data["quick"] else ""
        return f"{quick}{self.name}_{_slug(self._facts())}_{datetime.now(UTC):%Y-%m-%d}"

    def _facts(self) -> dict[str, Any]:
        facts = hardware() | {"load average at the start": round(self.load_at_start, 2)}
        return {"gpu": self.device} | facts if self.device else facts

    def write(self, folder: Path) -> None:
        """Write both files, named for the benchmark, the hardware and the day."""
        now = datetime.now(UTC)
        facts = self._facts()
        command = shlex.join(["python", _script(), *_settings(sys.argv[1:])])
        stem = self.stem()
        self.lines += ["## How it was measured", ""]
        self.lines += [f"- {key}: {value}" for key, value in facts.items()]
        self.lines += [f"- versions: {', '.join(f'{name} {number}' for name, number in versions().items())}"]
        self.lines += [f"- date: {now:%Y-%m-%d %H:%M} UTC", f"- command: `{command}`", ""]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{stem}.md").write_text("\n".join(self.lines), "utf-8")
        everything = {
            "hardware": facts,
            "versions": versions(),
            "date": now.isoformat(),
            "command": command,
        } | self.data
        (folder / f"{stem}.json").write_text(json.dumps(everything, ensure_ascii=False, indent=1), "utf-8")
        print(f"\nwritten: {folder / stem}.md and .json")


def _script() -> str:
    """The path of the script that runs, from the repository on."""
    parts = Path(sys.argv[0]).resolve().parts
    return "/".join(parts[len(parts) - parts[::-1].index("benchmarks") - 1 :]) if "benchmarks" in parts else parts[-1]


def _settings(arguments: Sequence[str]) -> list[str]:
    """Leave out options that only name places on this machine: they change no figure."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if not skip and argument.partition("=")[0] not in PLACES:
            kept.append(argument)
        skip = argument in PLACES
    return kept


def hardware() -> dict[str, Any]:
    """Processor, usable cores, instruction sets that matter here, memory and system."""
    described = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*:\s*(.+)", described)
    flags = set(" ".join(re.findall(r"(?:flags|Features)\s*:\s*(.+)", described)[:1]).split())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cpu": model.group(1).strip() if model else platform.processor() or platform.machine(),
        "cores": cores,
        "instructions": " ".join(name for name in INSTRUCTIONS if name in flags),
        "memory GiB": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
    }


def versions() -> dict[str, str]:
    """Versions of the packages that take part."""
    found: dict[str, str] = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def percent(rate: float) -> str:
    """Write a share as a percentage with one decimal."""
    return f"{100 * rate:.1f} %"


def _slug(facts: dict[str, Any]) -> str:
    place = facts.get("gpu") or f"{facts['cpu']} {facts['cores']} cores"
    name = re.sub(r"[^a-z0-9]+", "-", re.sub(r"\(r\)|\bprocessor\b", "", place.lower()))
    return name.strip("-")


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
