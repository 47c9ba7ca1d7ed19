"""Whisper models of a few thousand numbers besides the embeddings, with a tokenizer of a few words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from tokenizers import Tokenizer, models
from transformers import GenerationConfig, WhisperConfig, WhisperForConditionalGeneration

TOKENS = (
    *("a", "b", "c"),
    *("<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|zh|>", "<|haw|>", "<|translate|>", "<|transcribe|>"),
    *("<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"),
)
GENERATION = {"suppress_tokens": [1, 2], "begin_suppress_tokens": [220, 50257], "alignment_heads": [[1, 0]]}


def make_module(**changes: Any) -> WhisperForConditionalGeneration:
    """A module with random weights: two layers on each side, two heads."""
    shape = {
        "vocab_size": 51_865,
        "num_mel_bins": 80,
        "d_model": 8,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
        "encoder_ffn_dim": 16,
        "decoder_ffn_dim": 16,
    }
    torch.manual_seed(5)
    return WhisperForConditionalGeneration(WhisperConfig(**shape | changes)).eval()


def save_transformers(folder: Path, module: WhisperForConditionalGeneration, *, dtype: str = "float32") -> Path:
    """A folder as transformers saves it."""
    folder.mkdir(parents=True)
    state = {
        name: tensor.to(getattr(torch, dtype)).contiguous()
        for name, tensor in module.state_dict().items()
        if name != "proj_out.weight"
    }
    safetensors.torch.save_file(state, folder / "model.safetensors")
    module.config.to_json_file(folder / "config.json", use_diff=False)
    GenerationConfig(**GENERATION).to_json_file(folder / "generation_config.json")
    numbers = {token: number for number, token in enumerate(TOKENS)}
    Tokenizer(models.WordLevel(numbers, unk_token="a")).save(str(folder / "tokenizer.json"))
    return folder


def change_json(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
