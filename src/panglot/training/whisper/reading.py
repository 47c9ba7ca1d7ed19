"""Reading a model that is to be trained, from whatever form it is in, without a model hub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import safetensors.torch
import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from tokenizers import Tokenizer
from torch import Tensor
from transformers import WhisperConfig, WhisperForConditionalGeneration

from panglot.errors import ModelError, ModelUnknownError, WeightsCorruptError, WeightsMissingError
from panglot.models import Store
from panglot.models.binary import read_arrays
from panglot.models.verification import digest
from panglot.training.whisper.beside import TOKENIZER, make_files, read_files, read_tokenizer
from panglot.training.whisper.folders import standing
from panglot.training.whisper.generation import make_generation
from panglot.training.whisper.layout import make_layout, to_state
from panglot.training.whisper.module import make_config, make_module
from panglot.training.whisper.trainable import Trainable

WEIGHTS = "model.safetensors"
INDEX = f"{WEIGHTS}.index.json"
"""Names the files of a model whose weights are in several."""
CONFIG = "config.json"
ORIGIN = "panglot.json"
"""What training began from; it marks a folder that `save_trainable` has written."""
SERVED_CONFIG = "served-config.json"
"""The served model's configuration, in a folder where ``config.json`` is that of transformers."""


def load_trainable(source: str | Path, *, store: Store | None = None, offline: bool = False) -> Trainable:
    """Read a model to train it.

    Parameters
    ----------
    source
        A name from ``panglot models list``, or a folder: a Whisper model in CTranslate2 format (float16 or float32),
        one in the format of transformers (``config.json``, ``model.safetensors``, ``tokenizer.json``), or what
        `save_trainable` has written.
    store
        Where weights are kept; the user's cache folder unless given.
    offline
        Never download anything.

    Returns
    -------
    Trainable
        Every parameter is the number in the file, in float32.

    Raises
    ------
    ModelUnknownError
        If there is no model of that name and no such folder.
    WeightsMissingError
        If a file is missing.
    WeightsCorruptError
        If a file is damaged or altered, or does not belong to the others.
    ModelError
        If it is a model that cannot be trained, such as a quantized one.
    """
    store = store or Store()
    folder = standing(Path(source).expanduser())
    if str(source) not in store and folder.is_dir() and not (folder / "model.bin").exists():
        return _read_transformers(folder, name=str(source))
    return _read_served(source, store=store, offline=offline)


def _read_served(source: str | Path, *, store: Store, offline: bool) -> Trainable:
    whisper = store.whisper(source, offline=offline)
    path = whisper.folder / "model.bin"
    files = read_files(whisper.folder)
    tokenizer = read_tokenizer(files[TOKENIZER], folder=whisper.folder)
    arrays = read_arrays(path)
    if any(array.dtype.name not in ("float16", "float32") for array in arrays.values() if array.ndim):
        raise ModelError(
            f"{path} is quantized, so the numbers that training would go on from are lost; "
            "give the model in float16 or float32"
        )
    try:
        config = make_config(arrays, tokenizer)
        layout = make_layout(encoder_layers=config.encoder_layers, decoder_layers=config.decoder_layers)
        module = make_module(config, to_state(arrays, layout))
    except ValueError as error:
        raise WeightsCorruptError(
            f"{path} is not a Whisper model as Panglot knows it: {error}; choose one of `panglot models list`"
        ) from error
    return _trainable(module, files, tokenizer, name=str(source), sha256=whisper.model_sha256)


def _read_transformers(folder: Path, *, name: str) -> Trainable:
    config = _read_config(folder)
    weights = _weights(folder)
    if (folder / ORIGIN).is_file():
        files = read_files(folder, config=SERVED_CONFIG)
    else:
        files = make_files(folder, config.to_dict())
    tokenizer = read_tokenizer(files[TOKENIZER], folder=folder)
    try:
        state = {key: value for path in weights for key, value in _load(path).items()}
        module = make_module(config, state)
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsCorruptError(
            f"{weights[0]} is damaged, or holds the weights of another model than the {CONFIG} beside it says: "
            f"{error}; copy the folder again from where it was made, or take an earlier checkpoint"
        ) from error
    return _trainable(module, files, tokenizer, name=name, sha256=digest(weights[0]))


def _trainable(
    module: WhisperForConditionalGeneration,
    files: Mapping[str, bytes],
    tokenizer: Tokenizer,
    *,
    name: str,
    sha256: str,
) -> Trainable:
    trainable = Trainable(module=module, tokenizer=tokenizer, files=files, name=name, sha256=sha256)
    module.generation_config = make_generation(
        files, tokenizer, positions=module.config.max_target_positions, multilingual=trainable.multilingual
    )
    return trainable


def _read_config(folder: Path) -> WhisperConfig:
    path = folder / CONFIG
    if not path.is_file():
        raise WeightsMissingError(
            f"{folder} holds no model: there is neither a model.bin (CTranslate2) nor a {CONFIG} and {WEIGHTS} "
            "(transformers); name one of `panglot models list`, or the folder of a Whisper model"
        )
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        kind = config.get("model_type")
    except (ValueError, AttributeError) as error:
        raise WeightsCorruptError(f"{path} is not a JSON object: {error}; copy it again") from error
    if kind != "whisper":
        raise ModelUnknownError(f"{path} describes a model of the kind {kind!r}, not 'whisper'; give a Whisper model")
    if not config.get("tie_word_embeddings", True):
        raise ModelError(f"{folder} has a projection of its own instead of the embeddings: it cannot be served")
    try:
        return cast("Any", WhisperConfig).from_dict(config)
    except StrictDataclassError as error:
        raise WeightsCorruptError(f"{path} has a value that cannot be: {error}; copy it again") from error


def _weights(folder: Path) -> list[Path]:
    """The files with the weights, in the order of their names."""
    names = {WEIGHTS}
    if (folder / INDEX).is_file():
        names = _indexed(folder / INDEX)
    paths = [folder / name for name in sorted(names)]
    missing = [path for path in paths if not path.is_file()]
    if missing:
        raise WeightsMissingError(f"{missing[0]} is missing; save the model with transformers, as safetensors")
    return paths


def _indexed(path: Path) -> set[str]:
    try:
        return set(json.loads(path.read_text(encoding="utf-8"))["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsCorruptError(f"{path} does not name the files of the weights: {error}; copy it again") from error


def _load(path: Path) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = cast("Any", safetensors.torch).load_file(path)
    # Copies: what was loaded is still mapped from the file. The projection is the embeddings under another name.
    return {name: tensor.to(torch.float32, copy=True) for name, tensor in tensors.items() if name != "proj_out.weight"}
