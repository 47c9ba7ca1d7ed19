"""Networks in training, in every precision: throughput with the batch fixed and grown, compiled or not, equal loss."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import plots
from report import Report

from panglot.training.comparison.compare import compare
from panglot.training.comparison.measure import Plan
from panglot.training.comparison.records import Comparison, Row
from panglot.training.comparison.subjects import mini_subject, shape_subject
from panglot.training.comparison.verdict import verdict
from panglot.training.comparison.workload import Subject

SUBJECTS: dict[str, Subject] = {
    "mini": mini_subject(),
    "transformer": Subject(function="panglot.training.comparison.subjects:transformer"),
    "whisper-base": shape_subject("base"),
    "whisper-small": shape_subject("small"),
    "whisper-large-v3": shape_subject("large-v3"),
}
ON_CPU: dict[str, tuple[Subject, int]] = {
    "mini": (Subject(function="panglot.training.comparison.subjects:mini", arguments={"width": "1024"}), 128),
    "transformer": (
        Subject(
            function="panglot.training.comparison.subjects:transformer",
            arguments={"width": "256", "layers": "4", "length": "128"},
        ),
        4,
    ),
    "whisper-base": (shape_subject("base"), 1),
}
"""Smaller networks and batches, for a processor."""
BARS = {"mini": 2.5}
"""Times the throughput of IEEE fp32 on a GPU for tensor cores; for all others:"""
BAR = 4.0


def precisions(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the precisions asked for; empty for all that the device may have."""
    return tuple(part.strip() for part in (options.precisions or "").split(",") if part.strip())


def runner(name: str) -> Callable[[Report, argparse.Namespace, Path], None]:
    """Return the function that measures one network."""

    def run(report: Report, options: argparse.Namespace, picture: Path) -> None:
        subject, batch = (SUBJECTS[name], None) if options.gpu or options.large else ON_CPU[name]
        steps = options.steps or (3 if options.quick else 60 if options.gpu else 12)
        plan = Plan(
            device=options.device,
            batch_size=options.batch or batch,
            steps=steps,
            limit=options.limit,
            largest=options.gpu,
        )
        chosen = precisions(options)
        fixed = compare(subject, chosen, plan=plan)
        runs = {"batch fixed": fixed}
        if options.gpu and not options.no_grown:
            runs["batch grown"] = _grown(subject, fixed, plan)
        if not options.no_compile and not options.quick:
            runs["batch fixed, compiled"] = compare(
                subject, chosen, plan=replace(plan, compiled=True, largest=False, parity=False)
            )
        for title, found in runs.items():
            _describe(report, title, found)
        for text in verdict(fixed):
            report.text(text)
        _judge(report, name, options, list(runs.values()))
        report.data |= {title: asdict(found) for title, found in runs.items()}
        speeds = {
            title: {row.precision: found.speedup(row) or 0.0 for row in found.rows if row.ran}
            for title, found in runs.items()
        }
        plots.bars(picture, f"{fixed.workload}: throughput, times IEEE fp32", speeds)

    return run


def _grown(subject: Subject, fixed: Comparison, plan: Plan) -> Comparison:
    """Every precision with the largest batch that it has room for."""
    rows: list[Row] = []
    for row in fixed.rows:
        if not row.ran or not row.largest_batch:
            rows.append(row)
            continue
        # A little less than fits, since memory is cut into blocks.
        grown = replace(plan, batch_size=max(1, int(0.9 * row.largest_batch)), steps=10, largest=False, parity=False)
        answer = compare(subject, [row.precision], plan=grown, baseline=False)
        rows.append(answer.rows[0])
    return replace(fixed, rows=tuple(rows))


def _describe(report: Report, title: str, found: Comparison) -> None:
    tf32 = next((row for row in found.rows if row.precision == "tf32" and row.ran), None)
    rows: list[list[object]] = []
    for row in found.rows:
        if not row.ran:
            rows.append([row.precision, row.batch_size or "", *[""] * 6, row.reason])
            continue
        speedup = found.speedup(row)
        equal = seconds_to_equal_loss(found, row)
        rows.append(
            [
                row.precision,
                row.batch_size,
                f"{1000 * row.step:.1f}",
                f"{row.samples_per_second:.1f}",
                "" if speedup is None else f"{speedup:.2f}",
                f"{row.samples_per_second / tf32.samples_per_second:.2f}" if tf32 else "",
                "" if equal is None else f"{equal:.2f}",
                row.largest_batch or "",
                row.remark,
            ]
        )
    report.table(
        f"{found.workload}, {title}",
        (
            *("precision", "batch", "ms a step", "samples/s", "times IEEE fp32", "times TF32"),
            *("s to fp32's last loss", "largest batch", "remark"),
        ),
        rows,
    )


def seconds_to_equal_loss(found: Comparison, row: Row) -> float | None:
    """Seconds of steps until a precision's loss is as low as IEEE fp32's at the end; None where it never is."""
    base = found.baseline
    if base is None or not base.losses or row.batch_size != base.batch_size:
        return None
    reached = [number for number, loss in enumerate(row.losses, 1) if loss <= base.losses[-1] * 1.005]
    return reached[0] * row.step if reached else None


def _judge(report: Report, name: str, options: argparse.Namespace, runs: list[Comparison]) -> None:
    bar = BARS.get(name, BAR)
    best = max((found.speedup(row) or 0.0 for found in runs for row in found.rows), default=0.0)
    if not options.gpu:
        report.text(f"Best: {best:.2f} times IEEE fp32. The bar of {bar} times is for GPUs with tensor cores.")
        return
    report.text(f"Bar: {bar} times IEEE fp32. Best: {best:.2f} times. {'Held' if best >= bar else 'Missed'}.")
