"""One precision, measured from beginning to end: the work of one process."""

from __future__ import annotations

import math
import statistics
import time
from dataclasses import dataclass, field, replace

import torch

from panglot.errors import PanglotError
from panglot.training.comparison.capacity import fits, largest_batch
from panglot.training.comparison.memory import peak_bytes, take_stock
from panglot.training.comparison.operators import OperatorWatch
from panglot.training.comparison.records import Row, Split
from panglot.training.comparison.stepping import PARTS, Trainer
from panglot.training.comparison.workload import Subject
from panglot.units import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured, the same for every precision."""

    device: str = "auto"
    batch_size: int | None = None
    """Samples in a step; what the workload says unless given."""
    steps: int = 20
    """Timed steps; they are also the loss curve."""
    warmup: int = 3
    """Steps before them, for caches and compilers; part of the training, not of the times."""
    seed: int = 0
    compiled: bool = False
    parity: bool = True
    """Whether gradients are compared with those of IEEE fp32; needs the memory of a second model."""
    operators: bool = True
    largest: bool = False
    """Whether the largest batch that fits is searched for."""
    memory_limit: int | None = None
    """Bytes that the largest batch may need; on a GPU all there is unless given."""
    threads: int | None = None
    """Of the CPU; torch's default unless given."""
    limit: Seconds = 300.0
    """For one precision: where it is over, no further step is begun, and what is left to measure is left out."""


def measure(subject: Subject, precision: str, plan: Plan) -> Row:
    """Train in one precision and note everything.

    Parameters
    ----------
    subject
        What is trained.
    precision
        One of `PRECISIONS`.
    plan
        How much.

    Returns
    -------
    Row
        A precision that is not there, fails or turns non-finite is a row that says so.

    Raises
    ------
    OptionError
        If the subject itself cannot be made.
    """
    if plan.threads:
        torch.set_num_threads(plan.threads)
    workload = subject.make(seed=plan.seed)
    size = plan.batch_size or workload.batch_size
    try:
        trainer = Trainer(workload, precision=precision, device=plan.device, seed=plan.seed, compiled=plan.compiled)
        return _measured(trainer, precision, size, plan)
    except torch.OutOfMemoryError:
        return Row(precision=precision, reason=f"out of memory with a batch of {size}", batch_size=size)
    except PanglotError as error:
        return Row(precision=precision, reason=str(error), batch_size=size)
    except Exception as error:  # whatever it is, the other precisions are compared
        message = " ".join(str(error).split())[:300]
        return Row(precision=precision, reason=f"{type(error).__name__}: {message}", batch_size=size)


def _measured(trainer: Trainer, precision: str, size: int, plan: Plan) -> Row:
    clock = _Clock(plan.limit)
    cosines = [trainer.cosine(size, 0)] if plan.parity else []
    if trainer.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(trainer.device)
    curve = _train(trainer, size, plan, clock)
    row = Row(
        precision=precision,
        reason=curve.trouble,
        batch_size=size,
        losses=tuple(curve.losses),
        scales=tuple(curve.scales),
        skipped=trainer.recipe.skipped,
    )
    if curve.trouble:
        return row
    row = replace(row, step=statistics.median(curve.times))
    peak = peak_bytes(trainer.device)
    if clock.over:
        return replace(row, cosines=tuple(cosines), remark=f"cut short after {plan.limit:g} s")
    if plan.parity:
        cosines.append(trainer.cosine(size, plan.warmup + plan.steps))
    split = _split(trainer, size, len(curve.losses), statistics.median(curve.waits))
    gradients, saved = trainer.gradients(size, 0)
    watch = OperatorWatch(trainer.device)
    if plan.operators:
        with watch:
            trainer.step(size, 0)
    return replace(
        row,
        split=split,
        memory=take_stock(trainer.model, trainer.optimizer, gradients=gradients, saved=saved, peak=peak),
        largest_batch=_largest(trainer, size, plan) if plan.largest else None,
        cosines=tuple(cosines),
        operators=watch.operators(),
        misaligned=watch.misaligned() if trainer.device.type == "cuda" else (),
    )


class _Clock:
    def __init__(self, limit: Seconds) -> None:
        self._end = time.monotonic() + limit

    @property
    def over(self) -> bool:
        return time.monotonic() > self._end


@dataclass
class _Curve:
    """What the steps were like."""

    losses: list[float] = field(default_factory=list[float])
    scales: list[float] = field(default_factory=list[float])
    times: list[Seconds] = field(default_factory=list[Seconds])
    waits: list[Seconds] = field(default_factory=list[Seconds])
    trouble: str = ""


def _train(trainer: Trainer, size: int, plan: Plan, clock: _Clock) -> _Curve:
    curve = _Curve()
    for number in range(plan.warmup + plan.steps):
        began = time.perf_counter()
        loss, report = trainer.step(size, number)
        took = time.perf_counter() - began
        curve.losses.append(loss)
        curve.scales.append(report.scale_after)
        if number >= plan.warmup or clock.over:
            curve.times.append(took)
            curve.waits.append(trainer.times["synchronisation"])
        if not math.isfinite(loss):
            curve.trouble = f"the loss is {loss} at step {number + 1}"
            break
        if clock.over:
            break
    return curve


def _split(trainer: Trainer, size: int, number: int, wait: float) -> Split:
    """Median parts of three steps; what the device is waited for comes from the steps that were not taken apart."""
    seen: list[dict[str, float]] = []
    for each in range(3):
        trainer.step(size, number + each, apart=True)
        seen.append(dict(trainer.times))
    parts = {name: statistics.median(times[name] for times in seen) for name in PARTS}
    return Split(**(parts | {"synchronisation": wait}))


def _largest(trainer: Trainer, size: int, plan: Plan) -> int:
    return largest_batch(lambda batch: fits(trainer, batch, limit=plan.memory_limit), start=size)
