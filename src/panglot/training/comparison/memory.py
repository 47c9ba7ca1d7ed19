"""Where the memory of a training step goes."""

from __future__ import annotations

import resource
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from panglot.training.comparison.records import Memory


class Saved:
    """Bytes that a forward pass keeps for its backward pass."""

    def __init__(self, model: nn.Module) -> None:
        self._known = {each.untyped_storage().data_ptr() for each in model.parameters()}
        self.bytes = 0

    @contextmanager
    def counting(self) -> Generator[None]:
        """Count what is saved while the block runs; a storage that several tensors share counts once."""

        def pack(tensor: torch.Tensor) -> torch.Tensor:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in self._known:
                self._known.add(storage.data_ptr())
                self.bytes += storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            yield


def take_stock(model: nn.Module, optimizer: torch.optim.Optimizer, *, gradients: int, saved: int, peak: int) -> Memory:
    """Count the bytes of a step that was made.

    Parameters
    ----------
    model
        On its device.
    optimizer
        After its first step, so that it has its state.
    gradients
        Bytes of the gradients before they were zeroed; see `gradient_bytes`.
    saved
        From `Saved`.
    peak
        From `peak_bytes`.

    Returns
    -------
    Memory
        By what it is for.
    """
    own = {id(each) for each in model.parameters()}
    masters = [each for group in optimizer.param_groups for each in group["params"] if id(each) not in own]
    state: list[Any] = [value for values in optimizer.state.values() for value in values.values()]
    tensors = [value for value in state if isinstance(value, torch.Tensor)]
    return Memory(
        parameters=_bytes(model.parameters()),
        gradients=gradients,
        optimizer=_bytes(tensors) + _bytes(masters),
        activations=saved,
        peak=peak,
    )


def gradient_bytes(model: nn.Module) -> int:
    """Bytes of all gradients there are now."""
    return _bytes(each.grad for each in model.parameters() if each.grad is not None)


def peak_bytes(device: torch.device) -> int:
    """The most that was in use on a device so far; on a CPU the resident memory of this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _bytes(tensors: Iterable[torch.Tensor]) -> int:
    return sum(each.numel() * each.element_size() for each in tensors)
