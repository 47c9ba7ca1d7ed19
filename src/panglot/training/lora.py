"""Low-rank updates: train two thin matrices beside each frozen weight, and add their product to it at the end.

Source: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", arXiv:2106.09685.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from math import sqrt
from typing import TypeVar, cast

import torch
from torch import nn

_Layer = TypeVar("_Layer", bound=nn.Module)

_STRENGTH = 2.0
"""The update counts this much: the paper's alpha, as a multiple of the rank."""


class LowRank(nn.Module):
    """A linear layer whose weight is frozen, and its update.

    ``y = linear(x) + 2 · up(down(x))``, for inputs of shape ``(…, in)``. The update starts at nothing.

    Parameters
    ----------
    linear
        The layer to be updated.
    rank
        Columns of the two thin matrices.
    """

    def __init__(self, linear: nn.Linear, *, rank: int) -> None:
        super().__init__()
        device = linear.weight.device
        self.linear = linear
        self.down = nn.Parameter(torch.empty(rank, linear.in_features, device=device))
        self.up = nn.Parameter(torch.zeros(linear.out_features, rank, device=device))
        nn.init.kaiming_uniform_(self.down, a=sqrt(5))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Output of the layer with its update, shape ``(…, out)``."""
        thin = nn.functional.linear(inputs, self.down)
        return self.linear(inputs) + _STRENGTH * nn.functional.linear(thin, self.up)

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """One ordinary layer that does the same."""
        own = self.linear
        bias = cast("nn.Parameter | None", own.bias)
        layer = nn.Linear(own.in_features, own.out_features, bias=bias is not None, device=own.weight.device)
        layer.weight.copy_(own.weight + _STRENGTH * self.up @ self.down)
        if bias is not None:
            layer.bias.copy_(bias)
        return layer


def add_low_rank(module: nn.Module, *, rank: int) -> None:
    """Freeze a network, and give each linear layer of its attention and feed-forward blocks an update.

    Parameters
    ----------
    module
        A Whisper network; changed in place. Its output layer, which shares its weight with the embedding, is left out.
    rank
        See `LowRank`.
    """
    module.requires_grad_(False)
    for parent, name, child in _children(module, nn.Linear):
        if ".layers." in f".{name}":
            setattr(parent, name.rpartition(".")[2], LowRank(child, rank=rank))


@contextmanager
def merged(module: nn.Module) -> Generator[None]:
    """Put ordinary layers in the place of those with an update, for as long as the block lasts.

    Parameters
    ----------
    module
        Changed in place, and bit for bit as before in the end. Without updates nothing happens.
    """
    found = _children(module, LowRank)
    for parent, name, child in found:
        setattr(parent, name.rpartition(".")[2], child.merged())
    try:
        yield
    finally:
        for parent, name, child in found:
            setattr(parent, name.rpartition(".")[2], child)


def _children(module: nn.Module, kind: type[_Layer]) -> list[tuple[nn.Module, str, _Layer]]:
    """Each layer of a kind with the module that holds it and its full name."""
    everything = cast("Iterable[tuple[str, nn.Module]]", module.named_modules())
    return [
        (module.get_submodule(name.rpartition(".")[0]), name, child)
        for name, child in everything
        if isinstance(child, kind)
    ]
