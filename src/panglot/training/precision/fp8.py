"""Linear layers that multiply in fp8, by torchao."""

from __future__ import annotations

import importlib
from typing import Any

from torch import nn

from panglot.errors import TrainingError

_MULTIPLE = 16
"""Sides of a matrix must be multiples of this for the fp8 product of the hardware."""


def convert(model: nn.Module) -> nn.Module:
    """Exchange the linear layers that fit for such that multiply in fp8; their weights stay as they are.

    A `TrainingError` says that torchao is not there, or no layer fits.
    """
    if not any(fits(module, "") for module in model.modules()):
        raise TrainingError(
            f"no linear layer of the model has both sides a multiple of {_MULTIPLE}, so fp8 would change nothing; "
            "use bf16"
        )
    try:
        float8: Any = importlib.import_module("torchao.float8")
    except ImportError as error:
        raise TrainingError("fp8 needs torchao; install panglot[train], or use bf16") from error
    return float8.convert_to_float8_training(model, module_filter_fn=fits)


def fits(module: nn.Module, _name: str) -> bool:
    """Whether a layer can multiply in fp8."""
    return (
        isinstance(module, nn.Linear) and module.in_features % _MULTIPLE == 0 and module.out_features % _MULTIPLE == 0
    )
