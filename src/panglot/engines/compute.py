"""Which device and which number type: decided once, with the reason kept as text."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, cast

from panglot.errors import DeviceError, OptionError

DEVICES = ("auto", "cpu", "cuda")
COMPUTE_TYPES = (
    "auto", "int8", "int8_float32", "int8_float16", "int8_bfloat16", "int16", "float16", "bfloat16", "float32",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """Where and how a model computes."""

    device: str
    compute: str
    reason: str
    threads: int
    """Processor threads in all."""
    workers: int
    """Calls that run side by side."""


def choose_compute(*, device: str = "auto", compute: str = "auto", threads: int | None = None) -> Compute:
    """Choose device, compute type and threads.

    Parameters
    ----------
    device
        ``cpu``, ``cuda``, or ``auto`` for a CUDA device where there is one.
    compute
        A compute type of CTranslate2, or ``auto``: float16 on CUDA, int8 on the processor, where supported.
    threads
        Processor threads; by default as many as this process may use.

    Returns
    -------
    Compute
        The choice, and why.

    Raises
    ------
    DeviceError
        If the device or the compute type is not available here.
    OptionError
        If a value is not one of those allowed.
    """
    import ctranslate2  # pyright: ignore[reportMissingTypeStubs]

    if device not in DEVICES:
        raise OptionError(f"device {device!r} is not known; give one of {', '.join(DEVICES)}")
    if compute not in COMPUTE_TYPES:
        raise OptionError(f"compute type {compute!r} is not known; give one of {', '.join(COMPUTE_TYPES)}")
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if threads is not None and threads < 1:
        raise OptionError(f"threads must be 1 or more, not {threads}; leave it out to use all {available}")
    threads = threads or available
    library = cast("Any", ctranslate2)
    devices: int = library.get_cuda_device_count()
    if device == "cuda" and not devices:
        raise DeviceError("device 'cuda' was asked for, but no CUDA device is visible here; use device='cpu' or 'auto'")
    chosen = ("cuda" if devices else "cpu") if device == "auto" else device
    where = "a CUDA device is there" if devices else "no CUDA device is visible"
    supported: set[str] = library.get_supported_compute_types(chosen)
    kind, why = _compute_type(chosen, compute, supported)
    reason = f"{chosen} ({where if device == 'auto' else 'as asked'}), {kind} ({why})"
    # One thread per worker: two independent windows on two cores finish sooner than one window shared by two.
    workers = min(threads, 4) if chosen == "cpu" else 1
    return Compute(device=chosen, compute=kind, reason=reason, threads=threads, workers=workers)


def _compute_type(device: str, compute: str, supported: set[str]) -> tuple[str, str]:
    if compute != "auto":
        if compute not in supported:
            raise DeviceError(
                f"compute type {compute!r} is not supported on {device} here; supported: {', '.join(sorted(supported))}"
            )
        return compute, "as asked"
    wanted = "float16" if device == "cuda" else "int8"
    if wanted in supported:
        return wanted, "the fastest that does not cost accuracy" if device == "cuda" else "the fastest on processors"
    return "float32", f"{wanted} is not supported here"
