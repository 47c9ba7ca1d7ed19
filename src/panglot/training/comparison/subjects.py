"""Workloads that come with Panglot: the mini network of a tutorial, a Transformer, and the Whisper family."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from panglot.errors import OptionError
from panglot.training.comparison.workload import Subject, Workload

SHAPES = {
    "tiny": (384, 4, 6, 80),
    "base": (512, 6, 8, 80),
    "small": (768, 12, 12, 80),
    "medium": (1024, 24, 16, 80),
    "large-v3": (1280, 32, 20, 128),
}
"""Width, layers of encoder and decoder each, attention heads, mel bands (Radford et al. 2022, table 1)."""

_FRAMES = 3000
_TOKENS = 64
"""Tokens of a sample's text: about 30 s of speech in English."""
_VOCABULARY = 51_866


def mini_subject() -> Subject:
    """Name the mini network."""
    return Subject(function=f"{__name__}:mini")


def shape_subject(shape: str) -> Subject:
    """Name a network of the Whisper family with random weights."""
    return Subject(function=f"{__name__}:whisper", arguments={"shape": shape})


def model_subject(model: str) -> Subject:
    """Name a model by its name in the catalogue, or its folder, with its weights."""
    return Subject(function=f"{__name__}:trained", arguments={"model": model})


def mini(width: str = "4096") -> Workload:
    """Make the network a tutorial uses: three wide layers, mean squared error, SGD.

    Parameters
    ----------
    width
        Units of each layer.

    Returns
    -------
    Workload
        512 samples a step.
    """
    units = int(width)
    model = nn.Sequential(
        nn.Linear(units, units), nn.ReLU(), nn.Linear(units, units), nn.ReLU(), nn.Linear(units, units)
    )

    def batch(size: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        inputs = torch.randn(size, units, generator=generator)
        return inputs, inputs.roll(1, dims=1)

    def loss(network: nn.Module, sample: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        inputs, targets = sample
        return nn.functional.mse_loss(network(inputs).float(), targets)

    return Workload(
        name=f"mini network ({units} x 3)",
        model=model,
        batch=batch,
        loss=loss,
        batch_size=512,
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.05),
    )


def transformer(width: str = "1024", layers: str = "12", length: str = "512") -> Workload:
    """Make a causal language model of plain Transformer layers with random weights.

    Parameters
    ----------
    width
        Of the residual stream; heads are 64 wide.
    layers
        Their number.
    length
        Tokens of a sample.

    Returns
    -------
    Workload
        16 samples a step, random tokens that repeat with a period of eight, so that there is something to learn.
    """
    model = _Transformer(int(width), int(layers), int(length))

    def batch(size: int, generator: torch.Generator) -> torch.Tensor:
        period = torch.randint(0, model.vocabulary, (size, 8), generator=generator)
        return period.repeat(1, model.length // 8 + 1)[:, : model.length + 1]

    def loss(network: nn.Module, tokens: torch.Tensor) -> torch.Tensor:
        logits = network(tokens[:, :-1])
        return nn.functional.cross_entropy(logits.flatten(0, 1).float(), tokens[:, 1:].flatten())

    return Workload(
        name=f"Transformer ({layers} layers of width {width})", model=model, batch=batch, loss=loss, batch_size=16
    )


class _Transformer(nn.Module):
    """Pre-norm layers, learned positions, and an output that shares the embeddings."""

    vocabulary = 32_000

    def __init__(self, width: int, layers: int, length: int) -> None:
        super().__init__()
        self.length = length - length % 8
        self.tokens = nn.Embedding(self.vocabulary, width)
        self.positions = nn.Embedding(self.length, width)
        layer = nn.TransformerEncoderLayer(
            width, width // 64, 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        for embedding in (self.tokens, self.positions):
            nn.init.normal_(embedding.weight, std=0.02)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """From tokens, shape ``(batch, length)``, to logits, shape ``(batch, length, vocabulary)``."""
        length = tokens.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length, device=tokens.device)
        inside = self.tokens(tokens) + self.positions.weight[:length]
        return nn.functional.linear(self.norm(self.layers(inside, mask=mask, is_causal=True)), self.tokens.weight)


def whisper(shape: str = "base", text_tokens: str = str(_TOKENS)) -> Workload:
    """Make a network of the Whisper family with random weights.

    Parameters
    ----------
    shape
        A name in `SHAPES`.
    text_tokens
        Tokens of a sample's text.

    Returns
    -------
    Workload
        Random features of 30 s a sample.

    Raises
    ------
    OptionError
        If there is no such shape.
    """
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    if shape not in SHAPES:
        raise OptionError(f"there is no shape {shape!r}; there are {', '.join(SHAPES)}")
    width, layers, heads, mel_bands = SHAPES[shape]
    config: Any = WhisperConfig(
        vocab_size=_VOCABULARY,
        num_mel_bins=mel_bands,
        d_model=width,
        encoder_layers=layers,
        decoder_layers=layers,
        encoder_attention_heads=heads,
        decoder_attention_heads=heads,
        encoder_ffn_dim=4 * width,
        decoder_ffn_dim=4 * width,
    )
    model: nn.Module = WhisperForConditionalGeneration(config)
    return _whisper(f"Whisper {shape}, random weights", model, mel_bands, int(text_tokens), _VOCABULARY)


def trained(model: str) -> Workload:
    """Make a workload of a model's own weights.

    Parameters
    ----------
    model
        A name in the catalogue, or a folder.

    Returns
    -------
    Workload
        Random features of 30 s a sample.
    """
    from panglot.training.whisper import load_trainable

    loaded = load_trainable(model)
    module: nn.Module = loaded.module
    vocabulary = int(loaded.module.config.vocab_size)
    return _whisper(f"Whisper {model}", module, loaded.mel_bands, _TOKENS, vocabulary)


def _whisper(name: str, model: nn.Module, mel_bands: int, length: int, vocabulary: int) -> Workload:
    def batch(size: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
        # The text of a batch repeats a few tokens, so that every precision has something to learn from random features.
        tokens = torch.randint(0, 50_000, (size, 4), generator=generator).repeat(1, length // 4 + 1)[:, : length + 1]
        features = torch.randn(size, mel_bands, _FRAMES, generator=generator)
        return {"features": features, "inputs": tokens[:, :-1], "labels": tokens[:, 1:]}

    def loss(network: nn.Module, sample: dict[str, torch.Tensor]) -> torch.Tensor:
        answer = network(input_features=sample["features"], decoder_input_ids=sample["inputs"], use_cache=False)
        logits: torch.Tensor = answer.logits
        return nn.functional.cross_entropy(logits.view(-1, vocabulary).float(), sample["labels"].flatten())

    return Workload(name=name, model=model, batch=batch, loss=loss, batch_size=8)
