"""Memory by precision: what a parameter costs in training, and what a step of real networks needs."""

from __future__ import annotations

import argparse
from pathlib import Path

import plots
from networks import SUBJECTS, precisions
from report import Report

from panglot.training.comparison.compare import compare
from panglot.training.comparison.measure import Plan

BYTES = (
    ("fp64", 8, 8, 0, 16),
    ("fp32", 4, 4, 0, 8),
    ("fp16 or bf16, autocast", 4, 4, 0, 8),
    ("fp16 or bf16, master weights", 2, 2, 4, 8),
)
"""Of a parameter, with AdamW: the weight, its gradient, its fp32 master copy, the optimizer's two moments."""
_MIB = 1 << 20


def run(report: Report, options: argparse.Namespace, picture: Path) -> None:
    """Write the arithmetic, then measure steps."""
    report.table(
        "Bytes of a parameter in training with AdamW (arithmetic, not measured)",
        ("form", "weight", "gradient", "master copy", "moments", "all"),
        [[name, *parts, sum(parts)] for name, *parts in BYTES],
    )
    names = ("mini", "transformer", "whisper-base", "whisper-small", "whisper-large-v3")
    bars: dict[str, dict[str, float]] = {}
    rows: list[list[object]] = []
    for name in names if options.gpu else names[:3]:
        plan = Plan(
            device=options.device,
            steps=2,
            warmup=1,
            batch_size=None if options.gpu else 1,
            parity=False,
            operators=False,
            limit=options.limit,
        )
        found = compare(SUBJECTS[name], precisions(options), plan=plan)
        for row in found.rows:
            if row.memory is None:
                rows.append([found.workload, row.precision, row.batch_size, row.reason or row.remark, *[""] * 4])
                continue
            memory = row.memory
            parts = (memory.parameters, memory.gradients, memory.optimizer, memory.activations, memory.peak)
            rows.append([found.workload, row.precision, row.batch_size, *(f"{part / _MIB:.0f}" for part in parts)])
            bars.setdefault(row.precision, {})[found.workload] = memory.counted / _MIB
    report.table(
        "Memory of a step, MiB (activations: what the forward pass keeps for the backward pass)",
        ("network", "precision", "batch", "parameters", "gradients", "optimizer state", "activations", "peak"),
        rows,
    )
    report.data |= {"rows": rows}
    plots.bars(picture, "Memory of a step, MiB, peak of temporaries left out", bars)
