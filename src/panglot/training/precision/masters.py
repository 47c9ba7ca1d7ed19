"""Master weights: the model computes in half precision, and its fp32 copy is what the optimizer changes.

Source: Micikevicius et al. 2018, "Mixed precision training", arXiv:1710.03740, section 3.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import nn
from torch.distributed.tensor import DTensor
from torch.nn.modules.batchnorm import _BatchNorm  # pyright: ignore[reportPrivateUsage]

from panglot.errors import TrainingError


class Masters:
    """The fp32 copies of a model's trainable parameters; the model's own become half precision.

    Buffers stay as they are, and so does batch normalisation, whose statistics need fp32.

    Parameters
    ----------
    model
        In fp32, on its device, not yet wrapped.
    dtype
        ``torch.float16`` or ``torch.bfloat16``.
    """

    def __init__(self, model: nn.Module, dtype: torch.dtype) -> None:
        self._halves: dict[str, nn.Parameter] = {}
        self._masters: dict[str, nn.Parameter] = {}
        kept = {
            id(parameter)
            for module in model.modules()
            if isinstance(module, _BatchNorm)
            for parameter in module.parameters(recurse=False)
        }
        for name, parameter in model.named_parameters():
            if isinstance(parameter, DTensor):
                raise TrainingError(
                    "the parameters are sharded already, and sharded parameters are master weights themselves: "
                    "use master_weights=False, and FSDP's MixedPrecisionPolicy for copies in half precision"
                )
            if id(parameter) in kept or not parameter.is_floating_point():
                continue
            if parameter.requires_grad:
                self._halves[name] = parameter
                self._masters[name] = nn.Parameter(parameter.detach().float().clone())
            parameter.grad = None
            parameter.data = parameter.data.to(dtype)
        self._by_half = {id(half): self._masters[name] for name, half in self._halves.items()}

    def of(self, parameter: nn.Parameter) -> nn.Parameter:
        """What to optimise for a parameter of the model: its master, or itself where it stayed in fp32.

        A `TrainingError` says that the model changed after it was prepared.
        """
        master = self._by_half.get(id(parameter))
        if master is not None:
            return master
        if isinstance(parameter, DTensor) or parameter.dtype != torch.float32:
            raise TrainingError(
                "the model has trainable parameters without master weights; add, unfreeze or replace parameters "
                "before recipe.prepare(model), and do not shard them (FSDP keeps master weights of its own)"
            )
        return parameter

    def items(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Name and master of each parameter, in the model's order."""
        return iter(self._masters.items())

    @torch.no_grad()
    def gather(self) -> None:
        """Add the gradients in half precision to those of the masters, in fp32, and forget them."""
        for name, half in self._halves.items():
            if half.grad is None:
                continue
            master = self._masters[name]
            if master.grad is None:
                master.grad = half.grad.float()
            else:
                master.grad.add_(half.grad)
            half.grad = None

    @torch.no_grad()
    def publish(self) -> None:
        """Round the masters into the model."""
        for name, half in self._halves.items():
            half.copy_(self._masters[name])

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """Take over saved masters, and round them into the model; a `TrainingError` says that they are another's."""
        if {name: value.shape for name, value in state.items()} != {
            name: value.shape for name, value in self._masters.items()
        }:
            raise TrainingError("the saved master weights are not those of this model; resume with the same model")
        with torch.no_grad():
            for name, master in self._masters.items():
                master.copy_(state[name])
        self.publish()
