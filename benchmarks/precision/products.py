"""Matrix products by type and size: what the hardware gives where nothing else is in the way."""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import plots
import torch
from report import Report

from panglot.training.precision.arithmetic import fp32_arithmetic

SIZES = (256, 512, 1024, 2048, 4096, 8192, 16384)
LONGEST_SECONDS = 2.0
"""A type whose product takes longer is not tried at larger sizes."""
WORK_SECONDS = 0.5
"""Of repetitions of one product."""


def run(report: Report, options: argparse.Namespace, picture: Path) -> None:
    """Multiply square matrices of every size in every type."""
    device = torch.device(options.device)
    types = ("fp64", "fp32", "tf32", "bf16", "fp16", "fp8") if options.gpu else ("fp64", "fp32", "bf16", "fp16")
    sizes = SIZES[:2] if options.quick else SIZES
    times: dict[str, dict[int, float]] = {}
    failed: dict[str, str] = {}
    for name in types:
        times[name] = {}
        for size in sizes:
            try:
                times[name][size] = measure(name, size, device)
            except (RuntimeError, NotImplementedError, AttributeError) as error:
                failed[name] = f"at {size}: {' '.join(str(error).split())[:120]}"
                break
            if times[name][size] > LONGEST_SECONDS:
                break
    report.table(
        "Time of a product of two square matrices, ms (and times as fast as IEEE fp32)",
        ("size", *types),
        [[size, *(_cell(times, name, size) for name in types)] for size in sizes],
    )
    report.table(
        "Arithmetic, TFLOP/s",
        ("size", *types),
        [[size, *(_rate(times, name, size) for name in types)] for size in sizes],
    )
    for name, reason in failed.items():
        report.text(f"{name} stopped {reason}.")
    report.data |= {"times": times, "failed": failed}
    curves = {name: {size: 2 * size**3 / took / 1e12 for size, took in row.items()} for name, row in times.items()}
    plots.curves(picture, "Matrix products, TFLOP/s", curves, x="size", logarithmic=True)


def measure(name: str, size: int, device: torch.device) -> float:
    """Return the median seconds of one product."""
    left, right, multiply = _operands(name, size, device)
    with fp32_arithmetic("tf32" if name == "tf32" else "fp32", device):
        for _ in range(2):
            multiply(left, right)
        _wait(device)
        began = time.perf_counter()
        multiply(left, right)
        _wait(device)
        once = time.perf_counter() - began
        count = max(1, min(50, int(WORK_SECONDS / max(once, 1e-6) / 5)))
        return statistics.median(_timed(multiply, left, right, device, count) for _ in range(5))


def _timed(multiply: Any, left: torch.Tensor, right: torch.Tensor, device: torch.device, count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        multiply(left, right)
    _wait(device)
    return (time.perf_counter() - began) / count


def _operands(name: str, size: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor, Any]:
    kinds = {"fp64": torch.float64, "bf16": torch.bfloat16, "fp16": torch.float16}
    left, right = (torch.randn(size, size, device=device) for _ in range(2))
    if name != "fp8":
        return left.to(kinds.get(name, torch.float32)), right.to(kinds.get(name, torch.float32)), torch.matmul
    one = torch.ones((), device=device)

    def multiply(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return torch._scaled_mm(first, second, scale_a=one, scale_b=one, out_dtype=torch.bfloat16)

    # The second operand of an fp8 product lies column by column.
    return left.to(torch.float8_e4m3fn), right.to(torch.float8_e4m3fn).t().contiguous().t(), multiply


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _cell(times: dict[str, dict[int, float]], name: str, size: int) -> str:
    took, base = times[name].get(size), times["fp32"].get(size)
    if took is None:
        return ""
    return f"{1000 * took:.3f}" + (f" ({base / took:.3g}x)" if base else "")


def _rate(times: dict[str, dict[int, float]], name: str, size: int) -> str:
    took = times[name].get(size)
    return "" if took is None else f"{2 * size**3 / took / 1e12:.3f}"
