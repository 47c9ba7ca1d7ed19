"""What a folder of Whisper weights in CTranslate2 format says about itself."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from panglot.errors import ModelUnknownError, WeightsCorruptError, WeightsMissingError
from panglot.models.verification import digest

_MEL_INPUT = "encoder/conv1/weight"
"""Shape (width, mel bands, 3)."""
_EMBEDDINGS = "decoder/embeddings/weight"
"""Shape (tokens, width)."""
_MULTILINGUAL_VOCABULARY = 51_865
"""The English-only models have one token fewer; large-v3 has one more."""

_CONVERSION = (
    "give the folder of a Whisper model converted with "
    "`ct2-transformers-converter --copy_files tokenizer.json preprocessor_config.json`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhisperFiles:
    """A folder of verified weights and what an engine must know before it loads them."""

    folder: Path
    model_sha256: str
    """SHA-256 of ``model.bin``, which names the weights in receipts."""
    mel_bands: int
    """80, or 128 for the large-v3 family."""
    vocabulary_size: int
    """Number of tokens, text and markers together."""
    languages: tuple[str, ...]
    """Language codes as the vocabulary writes them, in its order; ``("en",)`` for an English-only model."""
    alignment_heads: bool
    """Whether the attention heads that follow time are known, so that words can be placed."""
    suppressed: tuple[int, ...]
    """Tokens that are never text: markers, notes, brackets."""

    @property
    def multilingual(self) -> bool:
        """Whether the language has to be named or detected."""
        return self.vocabulary_size >= _MULTILINGUAL_VOCABULARY

    @property
    def tokenizer(self) -> Path:
        """The file for the ``tokenizers`` library."""
        return self.folder / "tokenizer.json"


def read_whisper(folder: Path, *, model_sha256: str) -> WhisperFiles:
    """Read what a folder says about its model, checking that it is complete and of a kind that can be loaded.

    Parameters
    ----------
    folder
        Holds ``model.bin``, ``config.json``, ``tokenizer.json`` and ``vocabulary.json`` or ``vocabulary.txt``.
    model_sha256
        The hash of ``model.bin``, known from its verification.

    Returns
    -------
    WhisperFiles
        Languages, mel bands and what else an engine must know.

    Raises
    ------
    ModelUnknownError
        If there is no such folder.
    WeightsMissingError
        If a file is missing or cannot be read.
    WeightsCorruptError
        If a file is truncated or is not what its name promises.
    """
    try:
        shapes = _shapes(_required(folder, "model.bin"))
        config = _json_object(_required(folder, "config.json"))
        _required(folder, "tokenizer.json")
        tokens = _vocabulary(folder)
    except OSError as error:
        raise WeightsMissingError(f"cannot read the weights in {folder}: {error.strerror or error}") from error
    vocabulary_size = len(tokens)
    # A conversion may pad the embeddings to a multiple of 8.
    if not 0 <= shapes[_EMBEDDINGS][0] - vocabulary_size < 8:
        raise WeightsCorruptError(f"the vocabulary in {folder} does not fit its model.bin; {_CONVERSION}")
    return WhisperFiles(
        folder=folder,
        model_sha256=model_sha256,
        mel_bands=shapes[_MEL_INPUT][1],
        vocabulary_size=vocabulary_size,
        languages=_languages(tokens),
        alignment_heads=bool(config.get("alignment_heads")),
        suppressed=tuple(cast("list[int]", config.get("suppress_ids", []))),
    )


def read_own_whisper(folder: Path) -> WhisperFiles:
    """Read a user's own folder, for which there are no published hashes; see `read_whisper` for what is checked.

    The hash of ``model.bin`` is taken as it is found, and the tokenizer must be valid JSON.
    """
    try:
        _json_object(_required(folder, "tokenizer.json"))
        sha256 = digest(_required(folder, "model.bin"))
    except OSError as error:
        raise WeightsMissingError(f"cannot read the weights in {folder}: {error.strerror or error}") from error
    return read_whisper(folder, model_sha256=sha256)


def _required(folder: Path, name: str) -> Path:
    if not folder.is_dir():
        raise ModelUnknownError(f"there is no folder {folder}; {_CONVERSION}")
    path = folder / name
    if not path.is_file():
        raise WeightsMissingError(f"{path} is missing; {_CONVERSION}")
    return path


def _json_object(path: Path) -> dict[str, object]:
    value = _json(path)
    if not isinstance(value, dict):
        raise WeightsCorruptError(f"{path} is not a JSON object; {_CONVERSION}")
    return cast("dict[str, object]", value)


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WeightsCorruptError(f"{path} is not valid JSON ({error}); {_CONVERSION}") from error


def _vocabulary(folder: Path) -> list[str]:
    path = folder / "vocabulary.json"
    if path.is_file():
        value = _json(path)
        if not isinstance(value, list):
            raise WeightsCorruptError(f"{path} is not a JSON list; {_CONVERSION}")
        return cast("list[str]", value)
    # Only a line feed ends a token: other characters that Python takes for line ends are part of one.
    text = _required(folder, "vocabulary.txt").read_bytes().decode("utf-8", errors="replace")
    return text.removesuffix("\n").split("\n")


def _languages(tokens: list[str]) -> tuple[str, ...]:
    if len(tokens) < _MULTILINGUAL_VOCABULARY:
        return ("en",)
    try:
        first, end = tokens.index("<|startoftranscript|>") + 1, tokens.index("<|translate|>")
    except ValueError as error:
        raise WeightsCorruptError(f"the vocabulary has no language tokens; {_CONVERSION}") from error
    return tuple(token.strip("<|>") for token in tokens[first:end])


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    # numpy is loaded only once there is a model to load.
    from panglot.models.binary import read_arrays

    shapes = {name: array.shape for name, array in read_arrays(path).items()}
    if not {_MEL_INPUT, _EMBEDDINGS} <= shapes.keys():
        raise WeightsCorruptError(f"{path} is not a Whisper model; {_CONVERSION}")
    return shapes
