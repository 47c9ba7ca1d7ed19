"""Which operator runs in which precision, for how long, and on shapes that suit the hardware or not."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from panglot.training.comparison.records import Misaligned, Operator

_MULTIPLE: Final = {"float16": 8, "bfloat16": 8, "float32": 4}
"""What sizes must be multiples of for tensor cores, by the type they compute in (NVIDIA, matrix multiplication guide:
16 bytes; for float32 as TF32)."""


class OperatorWatch(TorchDispatchMode):
    """Times every operator while it is active. It makes a step slower, so that only shares mean something.

    Parameters
    ----------
    device
        Where the operators run.
    """

    def __init__(self, device: torch.device) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]
        self._timer = _cuda_timer if device.type == "cuda" else _cpu_timer
        self._calls: list[tuple[str, str, bool, tuple[int, int, int] | None, Callable[[], float]]] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run one operator, and note it."""
        result, seconds = self._timer(lambda: func(*args, **(kwargs or {})))
        packet = func.overloadpacket
        inputs = [each for each in _tensors(args) if each.is_floating_point()]
        if inputs:
            dtype = str(inputs[0].dtype).removeprefix("torch.")
            self._calls.append((str(packet.__name__), dtype, packet in flop_registry, _product(packet, args), seconds))
        return result

    def operators(self) -> tuple[Operator, ...]:
        """Return what ran, the longest first."""
        groups: dict[tuple[str, str, bool], list[float]] = defaultdict(list)
        for name, dtype, matrix, _, seconds in self._calls:
            groups[name, dtype, matrix].append(seconds())
        rows = [
            Operator(name=name, dtype=dtype, matrix=matrix, calls=len(times), seconds=sum(times))
            for (name, dtype, matrix), times in groups.items()
        ]
        return tuple(sorted(rows, key=lambda row: -row.seconds))

    def misaligned(self) -> tuple[Misaligned, ...]:
        """Return the matrix products whose sizes are no multiples of what tensor cores take, the longest first."""
        groups: dict[str, list[float]] = defaultdict(list)
        for _, dtype, _, shape, seconds in self._calls:
            if shape is not None and any(size % _MULTIPLE.get(dtype, 1) for size in shape):
                groups[" x ".join(map(str, shape))].append(seconds())
        rows = [Misaligned(shape=shape, calls=len(times), seconds=sum(times)) for shape, times in groups.items()]
        return tuple(sorted(rows, key=lambda row: -row.seconds))


def _cpu_timer(call: Callable[[], Any]) -> tuple[Any, Callable[[], float]]:
    began = time.perf_counter()
    result = call()
    took = time.perf_counter() - began
    return result, lambda: took


def _cuda_timer(call: Callable[[], Any]) -> tuple[Any, Callable[[], float]]:
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    result = call()
    end.record()
    return result, lambda: begin.elapsed_time(end) / 1000


def _tensors(values: Sequence[Any]) -> Iterator[torch.Tensor]:
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, tuple | list):
            yield from _tensors(cast("Sequence[Any]", value))


def _product(packet: Any, args: tuple[Any, ...]) -> tuple[int, int, int] | None:
    """Rows, inner size and columns of a plain matrix product."""
    aten = torch.ops.aten
    if packet in (aten.mm, aten.bmm):
        left, right = args[:2]
    elif packet in (aten.addmm, aten.baddbmm):
        left, right = args[1:3]
    else:
        return None
    return int(left.shape[-2]), int(left.shape[-1]), int(right.shape[-1])
