"""Writing a model that was trained: as a checkpoint to go on from, and in the form that is served."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import safetensors.torch
import torch

from panglot.errors import OptionError, TrainingError
from panglot.models.binary import write_arrays
from panglot.training.whisper import beside
from panglot.training.whisper.folders import replacing
from panglot.training.whisper.layout import make_constants, make_layout, to_arrays
from panglot.training.whisper.reading import CONFIG, ORIGIN, SERVED_CONFIG, WEIGHTS
from panglot.training.whisper.trainable import Trainable

DTYPES = ("float16", "float32")

_SERVED = frozenset({"model.bin", CONFIG, beside.TOKENIZER, *beside.VOCABULARIES, beside.PREPROCESSOR})
_SAVED = (_SERVED - {"model.bin"}) | {WEIGHTS, SERVED_CONFIG, ORIGIN, "generation_config.json"}


def save_trainable(trainable: Trainable, folder: str | Path) -> None:
    """Save a model in float32, for training to go on from it; transformers can read the folder too.

    The folder is there whole or not at all. What was saved there before is replaced.

    Parameters
    ----------
    trainable
        The model.
    folder
        Where it goes.

    Raises
    ------
    OutputError
        If it cannot be written, or other files are there.
    """
    module = trainable.module
    state = {
        name: tensor.detach().to("cpu", torch.float32).contiguous()
        for name, tensor in module.state_dict().items()
        if name != "proj_out.weight"
    }
    origin = {"name": trainable.name, "sha256": trainable.sha256}
    with replacing(Path(folder), ours=_SAVED) as new:
        cast("Any", safetensors.torch).save_file(state, new / WEIGHTS, metadata={"format": "pt"})
        cast("Any", module.config).to_json_file(new / CONFIG)
        cast("Any", module.generation_config).to_json_file(new / "generation_config.json")
        for name, content in trainable.files.items():
            (new / (SERVED_CONFIG if name == beside.CONFIG else name)).write_bytes(content)
        (new / ORIGIN).write_text(json.dumps({"origin": origin}, indent=2) + "\n", encoding="utf-8")


def write_served(trainable: Trainable, folder: str | Path, *, dtype: str = "float16") -> None:
    """Write a model in the form that `panglot.load` serves: a folder in CTranslate2 format.

    The folder is there whole or not at all. A served model that was there before is replaced.

    Parameters
    ----------
    trainable
        The model.
    folder
        Where it goes.
    dtype
        ``float16``, as published models are kept, or ``float32``.

    Raises
    ------
    OptionError
        If the type is not one of these.
    TrainingError
        If a parameter is not finite, or too large for the type.
    OutputError
        If it cannot be written, or other files are there.
    """
    if dtype not in DTYPES:
        raise OptionError(f"weights cannot be written as {dtype!r}; choose one of {', '.join(DTYPES)}")
    config = trainable.module.config
    layout = make_layout(encoder_layers=config.encoder_layers, decoder_layers=config.decoder_layers)
    constants = make_constants(
        encoder_heads=config.encoder_attention_heads, decoder_heads=config.decoder_attention_heads
    )
    try:
        arrays = to_arrays(trainable.module.state_dict(), layout, dtype=dtype)
    except ValueError as error:
        raise TrainingError(
            f"the model cannot be written: {error}; write it as float32, or take an earlier checkpoint"
        ) from error
    with replacing(Path(folder), ours=_SERVED) as new:
        write_arrays(new / "model.bin", constants | arrays)
        for name, content in trainable.files.items():
            (new / name).write_bytes(content)
