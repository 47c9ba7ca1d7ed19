"""Making the trainable module: its shape, read off the arrays, and its parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import WhisperConfig, WhisperForConditionalGeneration

from panglot.training.whisper.beside import marker
from panglot.training.whisper.layout import EMBEDDINGS, Array


def make_config(arrays: Mapping[str, Array], tokenizer: Tokenizer) -> WhisperConfig:
    """Read the shape of a model off its arrays.

    Parameters
    ----------
    arrays
        Of the served file.
    tokenizer
        Of the same model.

    Returns
    -------
    WhisperConfig
        Without dropout and SpecAugment, as the served model is.

    Raises
    ------
    ValueError
        If an array that tells the shape is missing or has too few axes.
    """
    try:
        vocabulary_size, width = arrays[EMBEDDINGS].shape
        end = marker(tokenizer, "<|endoftext|>")
        return WhisperConfig(
            vocab_size=vocabulary_size,
            d_model=width,
            num_mel_bins=arrays["encoder/conv1/weight"].shape[1],
            **_side(arrays, "encoder"),
            **_side(arrays, "decoder"),
            max_source_positions=arrays["encoder/position_encodings/encodings"].shape[0],
            max_target_positions=arrays["decoder/position_encodings/encodings"].shape[0],
            bos_token_id=end,
            eos_token_id=end,
            pad_token_id=end,
            decoder_start_token_id=marker(tokenizer, "<|startoftranscript|>"),
            begin_suppress_tokens=None,
            architectures=["WhisperForConditionalGeneration"],
            dtype="float32",
        )
    except (KeyError, IndexError) as error:
        raise ValueError(f"it has no usable {error}") from error


def make_module(config: WhisperConfig, state: Mapping[str, Tensor]) -> WhisperForConditionalGeneration:
    """Make a module of given parameters.

    Parameters
    ----------
    config
        Its shape.
    state
        Every parameter in float32, but for the projection, which is tied to the embeddings.

    Returns
    -------
    WhisperForConditionalGeneration
        In evaluation mode, on the CPU; the tensors of ``state`` are its parameters.

    Raises
    ------
    ValueError
        If the parameters do not have this shape.
    """
    # Nothing is allocated and no random numbers are drawn: the parameters are those given.
    with torch.device("meta"):
        module = WhisperForConditionalGeneration(config)
    try:
        found: Any = module.load_state_dict(state, strict=False, assign=True)
    except RuntimeError as error:
        raise ValueError(str(error).splitlines()[-1].strip()) from error
    missing: list[str] = [name for name in found.missing_keys if name != "proj_out.weight"]
    if missing or found.unexpected_keys:
        raise ValueError(f"it lacks {missing[:3]} and has {found.unexpected_keys[:3]}")
    module.tie_weights()
    return module.eval()


def _side(arrays: Mapping[str, Array], side: str) -> dict[str, Any]:
    layers = {found[0] for name in arrays if (found := re.match(rf"{side}/layer_\d+/", name))}
    return {
        f"{side}_layers": len(layers),
        f"{side}_attention_heads": int(arrays[f"{side}/num_heads"].item()),
        f"{side}_ffn_dim": arrays[f"{side}/layer_0/ffn/linear_0/weight"].shape[0],
    }
