"""A Whisper network small enough to be trained in a test, with random weights, and a few recordings to learn."""

from __future__ import annotations

import json
import shutil
import wave
from pathlib import Path

import numpy as np

from panglot.models import Store

WORDS = ("one two", "three", "four five six", "seven", "eight nine", "ten", "two two", "six one")


def save_tiny(folder: Path, *, dropout: float = 0.1, seed: int = 0) -> Path:
    """A folder in the format of transformers, with the tokenizer of ``base``: two layers of width 64."""
    import torch
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    torch.manual_seed(seed)
    config = WhisperConfig(
        vocab_size=51_865,
        d_model=64,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=128,
        decoder_ffn_dim=128,
        dropout=dropout,
        bos_token_id=50_257,
        eos_token_id=50_257,
        pad_token_id=50_257,
        decoder_start_token_id=50_258,
    )
    WhisperForConditionalGeneration(config).save_pretrained(folder)
    shutil.copy(Store().path("base", offline=True) / "tokenizer.json", folder)
    return folder


def save_corpus(folder: Path, *, samples: int = 6, language: str = "en", rows: tuple[str, ...] = ()) -> Path:
    """A manifest of tones of a second or less with texts, and further rows as they are given."""
    folder.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    for number in range(samples):
        name = f"clip{number}.wav"
        _write_tone(folder / name, hertz=200 + 90 * number, seconds=0.5 + 0.05 * number)
        lines.append(
            json.dumps({"id": f"clip{number}", "audio": name, "text": WORDS[number % 8], "language": language})
        )
    path = folder / "data.jsonl"
    path.write_text("\n".join([*lines, *rows]) + "\n", encoding="utf-8")
    return path


def _write_tone(path: Path, *, hertz: float, seconds: float) -> None:
    times = np.arange(int(16_000 * seconds)) / 16_000
    samples = (np.sin(2 * np.pi * hertz * times) * 8_000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())
