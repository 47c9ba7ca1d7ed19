"""The network as the loop sees it: one call, however many processes share the work."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.nn.parallel import DistributedDataParallel

from panglot.training.distributed import World, fill, whole
from panglot.training.lora import add_low_rank
from panglot.training.settings import Settings


def choose_trained(module: Any, settings: Settings) -> None:
    """Freeze what the settings say, and set what they say about dropout and memory.

    Parameters
    ----------
    module
        A ``WhisperForConditionalGeneration``; changed in place.
    settings
        Of the run.
    """
    if settings.lora is not None:
        add_low_rank(module, rank=settings.lora)
    if settings.freeze == "encoder":
        module.model.encoder.requires_grad_(False)
    if settings.dropout is not None:
        for layer in (
            module.model.encoder,
            module.model.decoder,
            *module.model.encoder.layers,
            *module.model.decoder.layers,
        ):
            layer.dropout = settings.dropout
    if settings.activation_checkpointing:
        module.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})


class Network:
    """A Whisper network in training.

    Parameters
    ----------
    module
        Already on its device. With FSDP it is shared out in place.
    settings
        Of the run.
    world
        Who trains together.
    """

    def __init__(self, module: Any, *, settings: Settings, world: World) -> None:
        self.module = module
        self.is_shared_out = world.size > 1 and settings.distributed == "fsdp"
        forward: Any = module
        if self.is_shared_out:
            _share_out(module, world)
        elif world.size > 1:
            forward = DistributedDataParallel(module)
        self._wrapped = forward
        self._is_plain = False
        self._compiled: Any = cast("Any", torch).compile(forward) if settings.compile else forward

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.module.parameters()).device

    def logits(self, features: torch.Tensor, decoder_input: torch.Tensor) -> torch.Tensor:
        """Scores of each next token.

        Parameters
        ----------
        features
            Log-mel spectrograms, shape ``(batch, mel_bands, 3000)``.
        decoder_input
            Tokens, shape ``(batch, length)``.

        Returns
        -------
        torch.Tensor
            Shape ``(batch, length, vocabulary)``.
        """
        forward = self._wrapped if self._is_plain else self._compiled
        return forward(input_features=features, decoder_input_ids=decoder_input, use_cache=False).logits

    @contextmanager
    def synchronised(self, now: bool) -> Generator[None]:
        """Exchange gradients with the other processes in the backward pass, or only add them up here for now."""
        if isinstance(self.module, FSDPModule):
            self.module.set_requires_gradient_sync(now)
        if isinstance(self._wrapped, DistributedDataParallel) and not now:
            with self._wrapped.no_sync():
                yield
        else:
            yield

    @contextmanager
    def plain(self) -> Generator[None]:
        """Layer by layer for a while, as hooks need it: what is compiled runs none."""
        self._is_plain = True
        try:
            yield
        finally:
            self._is_plain = False

    def trained(self) -> dict[str, nn.Parameter]:
        """The trained parameters by name; a weight that two layers share is there once."""
        return {name: one for name, one in self.module.named_parameters() if one.requires_grad}

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Trained weights, whole and in main memory; every process has to ask."""
        return {name: whole(one) for name, one in self.trained().items()}

    def load_state_dict(self, state: dict[str, torch.Tensor]) -> None:
        """Go back to weights that `state_dict` gave."""
        parameters = self.trained()
        if parameters.keys() != state.keys():
            raise KeyError(*sorted(parameters.keys() ^ state.keys())[:3])
        for name, parameter in parameters.items():
            fill(parameter, state[name])


def _share_out(module: Any, world: World) -> None:
    """FSDP2: each layer's weights are gathered when it is their turn; the rest makes up the last group."""
    mesh = init_device_mesh(next(module.parameters()).device.type, (world.size,))
    for layer in (*module.model.encoder.layers, *module.model.decoder.layers):
        fully_shard(layer, mesh=mesh)
    fully_shard(module, mesh=mesh)
