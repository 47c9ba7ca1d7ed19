"""The weights of a run as a model of their own: what others can load, measure and serve."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from panglot.training.distributed import World, whole
from panglot.training.lora import add_low_rank, merged
from panglot.training.network import Network
from panglot.training.settings import Settings
from panglot.training.whisper import Trainable, save_trainable


def save_model(trainable: Trainable, network: Network, *, settings: Settings, world: World, folder: Path) -> None:
    """Write the network as it is now, low-rank updates merged; every process has to take part.

    Parameters
    ----------
    trainable
        What training started from.
    network
        What became of it.
    settings
        Of the run.
    world
        The first process writes.
    folder
        Replaced as a whole.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    module = _whole_module(trainable.module, settings) if network.is_shared_out else trainable.module

    def save() -> None:
        with merged(module):
            save_trainable(replace(trainable, module=module), folder)

    world.in_first(save)


def _whole_module(shared_out: Any, settings: Settings) -> Any:
    """A module with all the weights of one that is shared out."""
    state = {name: whole(tensor) for name, tensor in shared_out.state_dict().items()}
    # Without numbers at first: drawing some would change what dropout draws next.
    with torch.device("meta"):
        module = type(shared_out)(shared_out.config)
        if settings.lora is not None:
            add_low_rank(module, rank=settings.lora)
    module.load_state_dict(state, assign=True)
    module.tie_weights()
    module.generation_config = shared_out.generation_config
    return module
