"""What is trained in each precision: a model, its data, its loss and its optimizer."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from panglot.errors import OptionError, PanglotError

_HOW = (
    "Give MODULE:FUNCTION, where FUNCTION takes no arguments and returns a "
    "panglot.training.comparison.workload.Workload"
)


def adamw(parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """Return the optimizer that a workload has unless it brings its own: AdamW at a learning rate of 1e-4."""
    return torch.optim.AdamW(parameters, lr=1e-4)


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One training step, repeated."""

    name: str
    model: nn.Module
    """With fp32 parameters, on the CPU."""
    batch: Callable[[int, torch.Generator], Any]
    """Makes a batch of that many samples on the CPU, the same for the same generator: a tensor, or tuples, lists and
    dictionaries of them."""
    loss: Callable[[nn.Module, Any], torch.Tensor]
    """From the model and a batch on the device to the mean loss, a scalar."""
    batch_size: int
    """Samples in a step unless the user says otherwise."""
    optimizer: Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer] = adamw


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The name of a function that makes a workload: it is called anew in every process."""

    function: str
    """``MODULE:FUNCTION``."""
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])

    def make(self, *, seed: int) -> Workload:
        """Call the function, with the same random numbers every time.

        Parameters
        ----------
        seed
            Of the model's initial weights.

        Returns
        -------
        Workload
            As it begins.

        Raises
        ------
        OptionError
            If there is no such function, or it returns something else.
        """
        made = self._function()
        cast("Any", torch.manual_seed)(seed)
        try:
            workload = made(**self.arguments)
        except PanglotError:
            raise
        except Exception as error:
            raise OptionError(f"{self.function} ended with {type(error).__name__}: {error}. {_HOW}.") from error
        if not isinstance(workload, Workload):
            raise OptionError(f"{self.function} returned a {type(workload).__name__}. {_HOW}.")
        return workload

    def _function(self) -> Callable[..., object]:
        module, colon, name = self.function.partition(":")
        if not (module and colon and name):
            raise OptionError(f"{self.function!r} names no function. {_HOW}.")
        here = str(Path.cwd())
        if here not in sys.path:
            sys.path.insert(0, here)
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise OptionError(f"{self.function} cannot be imported: {error}. {_HOW}.") from error


def to_device(batch: Any, device: torch.device) -> Any:
    """Return a batch with its tensors on a device; tuples, lists and dictionaries are looked into."""
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, Mapping):
        return {name: to_device(value, device) for name, value in cast("Mapping[Any, Any]", batch).items()}
    if isinstance(batch, tuple | list):
        values = cast("tuple[Any, ...] | list[Any]", batch)
        return type(values)(to_device(value, device) for value in values)
    return batch
