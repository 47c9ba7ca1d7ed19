"""Which precision to train in: decided once, with its reason kept as text."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from panglot.errors import DeviceError, OptionError

PRECISIONS = ("fp32", "tf32", "fp16", "bf16", "fp8")
"""What can be asked for, beside ``auto``."""

Capability = tuple[int, int]
"""Compute capability of a CUDA device: major, minor."""

_TENSOR_CORES: dict[str, Capability] = {"tf32": (8, 0), "bf16": (8, 0), "fp8": (8, 9)}
"""Where NVIDIA's tensor cores learned a format; fp16 is computed by every device torch still runs on."""

_CPU_BF16 = ("amx_bf16", "avx512_bf16")
"""Instructions that multiply bf16. Without them torch converts to fp32 and back, which is slower than fp32 itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A precision for a device, and why."""

    precision: str
    device: str
    """As torch writes it: ``cpu``, ``cuda:0``."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """What of a device decides."""

    device: str
    name: str
    capability: Capability | None = None
    """None for a CPU."""
    instructions: frozenset[str] = frozenset()
    """Of a CPU, by cpuinfo's names."""


def choose(precision: str = "auto", *, device: str = "auto") -> Choice:
    """Decide on a precision, once.

    Parameters
    ----------
    precision
        One of `PRECISIONS`, or ``auto``: on CUDA bf16 from compute capability 8.0 and fp16 below it; on a CPU bf16
        where it has AMX or AVX512-BF16, else fp32.
    device
        ``cpu``, ``cuda``, ``cuda:1``, or ``auto``: CUDA where there is some.

    Returns
    -------
    Choice
        Precision and device, both definite, and the reason.

    Raises
    ------
    OptionError
        If there is no such precision.
    DeviceError
        If there is no such device, or it does not have the precision.
    """
    if precision not in (*PRECISIONS, "auto"):
        raise OptionError(f"{precision!r} is not a precision; use auto or one of {', '.join(PRECISIONS)}")
    return decide(precision, hardware(device))


def hardware(device: str) -> Hardware:
    """Look at a device; a `DeviceError` says that it is not there."""
    found = _device(device)
    if found.type == "cpu":
        flags = torch.cpu.get_capabilities()
        return Hardware(
            device="cpu",
            name=str(flags.get("cpu_name", "CPU")),
            instructions=frozenset(name for name, there in flags.items() if there is True),
        )
    index = found.index if ":" in str(found) else torch.cuda.current_device()
    return Hardware(
        device=f"cuda:{index}",
        name=torch.cuda.get_device_name(index),
        capability=torch.cuda.get_device_capability(index),
    )


def decide(precision: str, hardware: Hardware) -> Choice:
    """Decide for a device that was looked at; a `DeviceError` says that it does not have the precision."""
    if hardware.capability is None:
        return _for_cpu(precision, hardware)
    return _for_cuda(precision, hardware, hardware.capability)


def _device(device: str) -> torch.device:
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        found = torch.device(device)
    except RuntimeError as error:
        raise DeviceError(f"{device!r} is not a device; use auto, cpu, cuda or cuda:N") from error
    if found.type not in ("cpu", "cuda"):
        raise DeviceError(f"training on {device!r} is not supported; use auto, cpu, cuda or cuda:N")
    if found.type == "cuda" and not torch.cuda.is_available():
        raise DeviceError(f"{device!r} was asked for, and torch finds no CUDA device here; use cpu or auto")
    if found.type == "cuda" and int(found.index or 0) >= torch.cuda.device_count():
        raise DeviceError(f"{device!r} was asked for, and there are {torch.cuda.device_count()} CUDA devices here")
    return found


def _for_cpu(precision: str, cpu: Hardware) -> Choice:
    if precision in ("tf32", "fp8"):
        raise DeviceError(f"{precision} exists on CUDA devices only, and the device is a CPU; use fp32 or bf16")
    fast = [name for name in _CPU_BF16 if name in cpu.instructions]
    if precision == "auto":
        if fast:
            return Choice(precision="bf16", device="cpu", reason=f"{cpu.name} multiplies bf16 ({fast[0]})")
        return Choice(
            precision="fp32", device="cpu", reason=f"{cpu.name} has neither AMX nor AVX512-BF16: bf16 would be slower"
        )
    if precision == "fp32" or (precision == "bf16" and fast):
        return Choice(precision=precision, device="cpu", reason="asked for")
    return Choice(
        precision=precision, device="cpu", reason=f"asked for; {cpu.name} has no {precision} arithmetic: expect it slow"
    )


def _for_cuda(precision: str, gpu: Hardware, capability: Capability) -> Choice:
    version = f"{gpu.name}, compute capability {capability[0]}.{capability[1]}"
    needed = _TENSOR_CORES.get(precision, (0, 0))
    if capability < needed:
        raise DeviceError(
            f"{precision} needs compute capability {needed[0]}.{needed[1]}, and this is {version}; use auto or fp16"
        )
    if precision != "auto":
        return Choice(precision=precision, device=gpu.device, reason="asked for")
    if capability >= _TENSOR_CORES["bf16"]:
        return Choice(
            precision="bf16", device=gpu.device, reason=f"{version}: has bf16, with the range of fp32 and no loss scale"
        )
    return Choice(precision="fp16", device=gpu.device, reason=f"{version}: has no bf16, which starts at 8.0")
