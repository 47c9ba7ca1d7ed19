"""Where a network stops giving numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

import torch
from torch import nn


def first_not_finite(module: nn.Module, forward: Callable[[], object]) -> str | None:
    """Name of the first layer whose output holds an infinity or no number at all.

    Parameters
    ----------
    module
        The network.
    forward
        Runs it once; its result is not looked at.

    Returns
    -------
    str or None
        The layer's name within the network; a parameter's name, if that is not finite itself; None if all is finite.
    """
    for name, parameter in module.named_parameters():
        if not torch.isfinite(parameter.detach()).all():
            return name
    found: list[str] = []

    def look(name: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            if not found and isinstance(output, torch.Tensor) and not torch.isfinite(output).all():
                found.append(name)

        return hook

    everything = cast("Iterable[tuple[str, nn.Module]]", module.named_modules())
    leaves = [(name, one) for name, one in everything if not any(True for _ in one.children())]
    hooks = [one.register_forward_hook(look(name)) for name, one in leaves]
    try:
        with torch.no_grad():
            forward()
    finally:
        for hook in hooks:
            hook.remove()
    return found[0] if found else None
