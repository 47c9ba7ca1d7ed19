"""What a comparison measures, as frozen records of plain values: they travel between processes as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, Self

from panglot.units import Seconds

BASELINE = "fp32"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Median seconds of the parts of a step."""

    data: Seconds
    """Making the batch and moving it to the device."""
    forward: Seconds
    backward: Seconds
    optimizer: Seconds
    """Unscaling, clipping, the update, the loss scale."""
    synchronisation: Seconds
    """Waiting at the end of a step for the device; nothing on a CPU."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes at their most in a step."""

    parameters: int
    gradients: int
    optimizer: int
    activations: int
    """Tensors that the forward pass keeps for the backward pass, parameters not counted."""
    peak: int
    """On a GPU what the allocator had in use at most; on a CPU the process's resident memory at most, with its code."""

    @property
    def counted(self) -> int:
        """What a step needs, without temporary tensors."""
        return self.parameters + self.gradients + self.optimizer + self.activations


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """All calls of one operator in one step, forward, backward and update together."""

    name: str
    dtype: str
    """In which it computed: that of its first floating-point input."""
    calls: int
    seconds: Seconds
    matrix: bool
    """Whether it is a matrix product or convolution: what tensor cores and wide dot products are for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misaligned:
    """Matrix products of a size that tensor cores take only in part."""

    shape: str
    """``m x k x n``."""
    calls: int
    seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One precision."""

    precision: str
    reason: str = ""
    """Why it did not run, or ran no further; empty where it did."""
    remark: str = ""
    step: Seconds = 0.0
    """Median of the timed steps."""
    split: Split | None = None
    batch_size: int = 0
    memory: Memory | None = None
    largest_batch: int | None = None
    losses: tuple[float, ...] = ()
    scales: tuple[float, ...] = ()
    skipped: int = 0
    cosines: tuple[float, ...] = ()
    """Of the gradient and that of IEEE fp32 at the same weights and batch: at the first step and at the last."""
    operators: tuple[Operator, ...] = ()
    misaligned: tuple[Misaligned, ...] = ()

    @property
    def ran(self) -> bool:
        """Whether all steps were made."""
        return not self.reason

    @property
    def samples_per_second(self) -> float:
        """Throughput."""
        return self.batch_size / self.step if self.step else 0.0

    @property
    def parity(self) -> float | None:
        """The lowest gradient cosine; None where it was not measured."""
        return min(self.cosines, default=None)

    @property
    def matrix_share(self) -> float | None:
        """Share of the operators' time that is matrix products; None where they were not measured."""
        whole = sum(each.seconds for each in self.operators)
        return sum(each.seconds for each in self.operators if each.matrix) / whole if whole else None

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Read what `dataclasses.asdict` made."""
        parts = dict(plain)
        parts["split"] = Split(**parts["split"]) if parts.get("split") else None
        parts["memory"] = Memory(**parts["memory"]) if parts.get("memory") else None
        parts["operators"] = tuple(Operator(**each) for each in parts.get("operators", ()))
        parts["misaligned"] = tuple(Misaligned(**each) for each in parts.get("misaligned", ()))
        for name in ("losses", "scales", "cosines"):
            parts[name] = tuple(parts.get(name, ()))
        return cls(**parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The precisions side by side; the baseline is IEEE fp32, in the same run."""

    workload: str
    device: str
    """Its name, as its maker gives it."""
    compiled: bool
    rows: tuple[Row, ...]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def baseline(self) -> Row | None:
        """The row of IEEE fp32, where it ran."""
        return next((row for row in self.rows if row.precision == BASELINE and row.ran), None)

    def speedup(self, row: Row) -> float | None:
        """Throughput as a multiple of the baseline's; None where one of them did not run."""
        base = self.baseline
        if base is None or not row.ran or not base.samples_per_second:
            return None
        return row.samples_per_second / base.samples_per_second

    def loss_difference(self, row: Row) -> float | None:
        """How far the mean of the last quarter of the losses that both have is from the baseline's, as a share."""
        base = self.baseline
        if base is None or not row.ran or not row.losses:
            return None
        steps = min(len(row.losses), len(base.losses))
        last = slice(steps - max(1, steps // 4), steps)
        mine, theirs = (fmean(each.losses[last]) for each in (row, base))
        return abs(mine - theirs) / abs(theirs) if theirs else abs(mine)

    def amdahl(self) -> float | None:
        """The speed-up if matrix products took no time at all, by their share of the baseline's step (Amdahl 1967)."""
        share = self.baseline.matrix_share if self.baseline else None
        return None if share is None or share >= 1 else 1 / (1 - share)
