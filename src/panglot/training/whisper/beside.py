"""The files beside the weights of a served model: read from its folder, or made for a model that was never served."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from panglot.errors import WeightsCorruptError, WeightsMissingError

CONFIG = "config.json"
"""What a served model says of itself: heads that follow time, languages, tokens that are never text."""
TOKENIZER = "tokenizer.json"
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
PREPROCESSOR = "preprocessor_config.json"


def read_files(folder: Path, *, config: str = CONFIG) -> dict[str, bytes]:
    """Read the files beside the weights.

    Parameters
    ----------
    folder
        Where they are.
    config
        What the configuration of the served model is called there.

    Returns
    -------
    dict
        Contents by the names they have in a served folder.

    Raises
    ------
    WeightsMissingError
        If the configuration or the tokenizer cannot be read.
    """
    there = [name for name in (*VOCABULARIES, PREPROCESSOR) if (folder / name).is_file()]
    try:
        files = {CONFIG: (folder / config).read_bytes(), TOKENIZER: (folder / TOKENIZER).read_bytes()}
        return files | {name: (folder / name).read_bytes() for name in there}
    except OSError as error:
        raise WeightsMissingError(f"{error.filename} cannot be read: {error.strerror}; see that it is there") from error


def read_tokenizer(content: bytes, *, folder: Path) -> Tokenizer:
    """Make the tokenizer of a model; ``folder`` is for the message of the `WeightsCorruptError` if it is none."""
    try:
        return Tokenizer.from_str(content.decode())
    except Exception as error:  # the library raises bare Exception
        raise WeightsCorruptError(f"{folder / TOKENIZER} is not a tokenizer: {error}") from error


def marker(tokenizer: Tokenizer, name: str) -> int:
    """Return the number of a marker such as ``<|translate|>``; a `WeightsCorruptError` if there is none."""
    number = tokenizer.token_to_id(name)
    if number is None:
        raise WeightsCorruptError(f"the tokenizer has no {name}: these are not the files of a Whisper model")
    return number


def make_files(folder: Path, config: Mapping[str, Any]) -> dict[str, bytes]:
    """Make the files of the served form for a model in the form of transformers.

    Parameters
    ----------
    folder
        Holds ``tokenizer.json``, and if possible ``generation_config.json`` and ``preprocessor_config.json``.
    config
        Its ``config.json``.

    Returns
    -------
    dict
        Contents by the names they have in a served folder.

    Raises
    ------
    WeightsMissingError
        If there is no tokenizer.
    WeightsCorruptError
        If a file is not what its name promises.
    """
    path = folder / TOKENIZER
    if not path.is_file():
        raise WeightsMissingError(
            f"{path} is missing: save it there with transformers, WhisperTokenizerFast(…).save_pretrained(folder)"
        )
    content = path.read_bytes()
    tokenizer = read_tokenizer(content, folder=folder)
    served = _served_config(_generation(folder), config, tokenizer)
    tokens = _vocabulary(tokenizer, config["vocab_size"])
    files = {CONFIG: _json(served), TOKENIZER: content, VOCABULARIES[0]: _json(tokens)}
    if (folder / PREPROCESSOR).is_file():
        files[PREPROCESSOR] = (folder / PREPROCESSOR).read_bytes()
    return files


def _vocabulary(tokenizer: Tokenizer, size: int) -> list[str]:
    numbers = tokenizer.get_vocab(with_added_tokens=True)
    tokens = sorted(numbers, key=lambda token: numbers[token])
    # The tokenizers of smaller models leave out the tokens of times, which come last.
    return tokens[:size] + [f"<|{number * 0.02:.2f}|>" for number in range(size - len(tokens))]


def _generation(folder: Path) -> dict[str, Any]:
    path = folder / "generation_config.json"
    try:
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError as error:
        raise WeightsCorruptError(f"{path} is not valid JSON: {error}") from error


def _served_config(generation: Mapping[str, Any], config: Mapping[str, Any], tokenizer: Tokenizer) -> dict[str, Any]:
    layers, heads = config["decoder_layers"], config["decoder_attention_heads"]
    # Where the heads that follow time are not known, all of the upper half are taken, as CTranslate2's converter does.
    upper = [list(pair) for pair in product(range(layers // 2, layers), range(heads))]
    languages: dict[str, int] = generation.get("lang_to_id") or {}
    first, end = marker(tokenizer, "<|startoftranscript|>") + 1, marker(tokenizer, "<|translate|>")
    return {
        "alignment_heads": generation.get("alignment_heads") or upper,
        "lang_ids": sorted(languages.values()) or list(range(first, end)),
        "suppress_ids": generation.get("suppress_tokens") or config.get("suppress_tokens") or [],
        "suppress_ids_begin": generation.get("begin_suppress_tokens") or config.get("begin_suppress_tokens") or [],
    }


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()
