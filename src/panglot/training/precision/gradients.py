"""Gradients of several optimizers: which there are, how long they are, and which are not finite."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.tensor import DTensor
from torch.nn.utils import get_total_norm
from torch.optim import Optimizer

from panglot.errors import TrainingError

HALF = (torch.float16, torch.bfloat16)
"""Too coarse to add small updates to."""


def parameters_with_gradients(optimizers: Iterable[Optimizer]) -> list[torch.Tensor]:
    """Parameters that a step would change.

    A `TrainingError` says that there is none, that one is sparse or belongs to two of the optimizers, or that an
    optimizer holds parameters in half precision.
    """
    held = [parameter for optimizer in optimizers for group in optimizer.param_groups for parameter in group["params"]]
    if any(parameter.dtype in HALF for parameter in held):
        raise TrainingError(
            "an optimizer holds parameters in half precision, whose updates would be rounded away; "
            "build it from recipe.parameters(model), which are in fp32"
        )
    found = [parameter for parameter in held if parameter.grad is not None]
    if not found:
        raise TrainingError("no parameter of the optimizers has a gradient; call backward(loss) before step(optimizer)")
    if len({id(parameter) for parameter in found}) != len(found):
        raise TrainingError("a parameter belongs to two of the optimizers of one step; give it to one of them")
    if any(parameter.grad.is_sparse for parameter in found):
        raise TrainingError("sparse gradients are not supported; build the embedding with sparse=False")
    return found


@torch.no_grad()
def total_norm(gradients: Sequence[torch.Tensor]) -> float:
    """Euclidean norm over all gradients, the same on every process; not finite only where some gradient is not.

    Sharded gradients (FSDP2) are summed over the processes of their mesh.
    """
    total = math.hypot(*(_value(get_total_norm(group)) for group in _by_mesh(gradients)))
    if math.isfinite(total):
        return total
    # Squares of finite numbers above 1e19 overflow in fp32. Whether a step is skipped must not depend on that.
    return math.hypot(*norms(gradients))


@torch.no_grad()
def norms(gradients: Sequence[torch.Tensor]) -> list[float]:
    """Euclidean norm of each gradient, added up in fp64, the same on every process."""
    linalg: Any = torch.linalg
    return [_value(linalg.vector_norm(gradient, dtype=torch.float64)) for gradient in gradients]


def _by_mesh(gradients: Sequence[torch.Tensor]) -> list[list[torch.Tensor]]:
    """Groups that one call can measure: gradients on the same mesh of processes, and those on none."""
    groups: dict[DeviceMesh | None, list[torch.Tensor]] = {}
    for gradient in gradients:
        mesh = gradient.device_mesh if isinstance(gradient, DTensor) else None
        groups.setdefault(mesh, []).append(gradient)
    return list(groups.values())


def _value(norm: torch.Tensor) -> float:
    return float((norm.full_tensor() if isinstance(norm, DTensor) else norm).item())
