"""A Whisper model that can be trained, with all it takes to serve it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tokenizers import Tokenizer
from transformers import WhisperForConditionalGeneration

_MULTILINGUAL_VOCABULARY = 51_865
"""The English-only models have one token fewer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trainable:
    """A Whisper model as a module, and the files that belong to it."""

    module: WhisperForConditionalGeneration
    """Parameters in float32, on the CPU, in evaluation mode."""
    tokenizer: Tokenizer
    """Without the tokens of times: they follow its last marker, ``<|notimestamps|>``, in steps of 0.02 s."""
    files: Mapping[str, bytes]
    """The files beside ``model.bin`` in the served form, byte for byte: configuration, tokenizer, vocabulary."""
    name: str
    """What was asked for: a name of the store, or a folder."""
    sha256: str
    """SHA-256 of the file of weights that was read."""

    @property
    def mel_bands(self) -> int:
        """80, or 128 for the large-v3 family."""
        return self.module.config.num_mel_bins

    @property
    def multilingual(self) -> bool:
        """Whether it has markers for languages; else it knows English only."""
        return self.module.config.vocab_size >= _MULTILINGUAL_VOCABULARY
