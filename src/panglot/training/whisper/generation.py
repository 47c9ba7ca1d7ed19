"""What a module has to know to write text by itself: its markers, and the tokens that are never text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tokenizers import Tokenizer
from transformers import GenerationConfig

from panglot.training.whisper.beside import CONFIG, marker


def make_generation(
    files: Mapping[str, bytes], tokenizer: Tokenizer, *, positions: int, multilingual: bool
) -> GenerationConfig:
    """Make the settings that ``module.generate`` follows, so that it writes what the engine writes.

    Parameters
    ----------
    files
        Those beside the served weights.
    tokenizer
        Of the same model.
    positions
        Of the decoder.
    multilingual
        Whether languages and tasks have markers: the tokenizers of English-only models have them too, without use.

    Returns
    -------
    GenerationConfig
        For ``module.generation_config``.
    """
    served: dict[str, Any] = json.loads(files[CONFIG])
    start, end = marker(tokenizer, "<|startoftranscript|>"), marker(tokenizer, "<|endoftext|>")
    translate, transcribe = marker(tokenizer, "<|translate|>"), marker(tokenizer, "<|transcribe|>")
    settings: dict[str, Any] = {
        "bos_token_id": end,
        "eos_token_id": end,
        "pad_token_id": end,
        "decoder_start_token_id": start,
        "max_length": positions,
        "no_timestamps_token_id": marker(tokenizer, "<|notimestamps|>"),
        "prev_sot_token_id": marker(tokenizer, "<|startofprev|>"),
        "suppress_tokens": served.get("suppress_ids") or None,
        "begin_suppress_tokens": served.get("suppress_ids_begin") or None,
        "alignment_heads": served.get("alignment_heads"),
        "return_timestamps": False,
        "is_multilingual": multilingual,
    }
    if multilingual:
        settings["lang_to_id"] = {tokenizer.id_to_token(number): number for number in range(start + 1, translate)}
        settings["task_to_id"] = {"transcribe": transcribe, "translate": translate}
    return GenerationConfig(**settings)
