"""Which parameters of the trainable module make up which array of the served file: one table for both directions.

CTranslate2 stacks the projections of queries, keys and values that read the same input, along their first axis.
Otherwise the arrays of both are the same numbers in the same shapes. Whisper's keys have no bias: in the served file
there are zeros.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Array = npt.NDArray[np.generic]
Layout = Mapping[str, tuple[str | None, ...]]
"""Name of an array → names of the parameters stacked in it; None stands for zeros."""

PROJECTION, EMBEDDINGS = "decoder/projection/weight", "decoder/embeddings/weight"
"""One array under two names: the projection is tied to the embeddings."""


def make_layout(*, encoder_layers: int, decoder_layers: int) -> Layout:
    """Make the table for a model of some depth."""
    return dict(_pairs(encoder_layers, decoder_layers))


def make_constants(*, encoder_heads: int, decoder_heads: int) -> dict[str, Array]:
    """Make the scalars of a served file; all but the numbers of heads are the same for every Whisper model."""
    return {
        "encoder/num_heads": np.array(encoder_heads, np.int16),
        "decoder/num_heads": np.array(decoder_heads, np.int16),
        "decoder/activation": np.array(3, np.int8),  # GELU, exact
        "decoder/alibi": np.array(0, np.int8),
        "decoder/alignment_heads": np.array(1, np.int16),
        "decoder/alignment_layer": np.array(-1, np.int16),
        "decoder/pre_norm": np.array(1, np.int8),
        "decoder/scale_embeddings": np.array(0, np.int8),
        "decoder/start_from_zero_embedding": np.array(0, np.int8),
    }


def to_state(arrays: Mapping[str, Array], layout: Layout) -> dict[str, Tensor]:
    """Take the arrays of a served file apart into parameters.

    Parameters
    ----------
    arrays
        In float16 or float32.
    layout
        Of a model of that depth.

    Returns
    -------
    dict
        The same numbers in float32, by the module's names.

    Raises
    ------
    ValueError
        If the arrays are not those of a Whisper model in floating point.
    """
    unknown = [name for name, array in arrays.items() if array.ndim and name not in layout and name != PROJECTION]
    missing = layout.keys() - arrays.keys()
    if missing or unknown:
        raise ValueError(f"it lacks {sorted(missing)[:3]} and has {sorted(unknown)[:3]}")
    state: dict[str, Tensor] = {}
    for array_name, parameters in layout.items():
        array = arrays[array_name]
        if array.dtype.name not in ("float16", "float32"):
            raise ValueError(f"{array_name} is in {array.dtype.name}, not in float16 or float32")
        whole = torch.tensor(array.astype(np.float32))
        for parameter, part in zip(parameters, whole.chunk(len(parameters)), strict=True):
            if parameter is not None:
                state[parameter] = part.clone()
            elif part.any():
                raise ValueError(f"{array_name} has a bias for keys")
    if not np.array_equal(arrays.get(PROJECTION, arrays[EMBEDDINGS]), arrays[EMBEDDINGS]):
        raise ValueError(f"{PROJECTION} is not {EMBEDDINGS}")
    return state


def to_arrays(state: Mapping[str, Tensor], layout: Layout, *, dtype: str) -> dict[str, Array]:
    """Put parameters together into the arrays of a served file.

    Parameters
    ----------
    state
        By the module's names.
    layout
        Of a model of that depth.
    dtype
        ``float16`` or ``float32``.

    Returns
    -------
    dict
        Arrays by name, without the scalars.

    Raises
    ------
    ValueError
        If a number is not finite, or too large for the type.
    """
    arrays: dict[str, Array] = {}
    for array_name, parameters in layout.items():
        first = state[next(name for name in parameters if name is not None)]
        parts = [torch.zeros_like(first) if name is None else state[name] for name in parameters]
        whole = torch.cat([part.detach().cpu().to(getattr(torch, dtype)) for part in parts])
        if not whole.isfinite().all():
            largest = max(part.detach().abs().max().item() for part in parts)
            raise ValueError(f"{array_name} has numbers that {dtype} cannot hold (the largest is {largest:g})")
        arrays[array_name] = whole.numpy()
    arrays[PROJECTION] = arrays[EMBEDDINGS]
    return arrays


def _pairs(encoder_layers: int, decoder_layers: int) -> Generator[tuple[str, tuple[str | None, ...]]]:
    for name in ("conv1", "conv2"):
        yield from _both(f"encoder/{name}", f"model.encoder.{name}")
    yield EMBEDDINGS, ("model.decoder.embed_tokens.weight",)
    for side, layers in (("encoder", encoder_layers), ("decoder", decoder_layers)):
        yield f"{side}/position_encodings/encodings", (f"model.{side}.embed_positions.weight",)
        yield from _norm(f"{side}/layer_norm", f"model.{side}.layer_norm")
        for number in range(layers):
            yield from _layer(f"{side}/layer_{number}", f"model.{side}.layers.{number}", cross=side == "decoder")


def _layer(array: str, module: str, *, cross: bool) -> Generator[tuple[str, tuple[str | None, ...]]]:
    own = f"{module}.self_attn"
    yield from _both(f"{array}/self_attention/linear_0", f"{own}.q_proj", f"{own}.k_proj", f"{own}.v_proj")
    yield from _both(f"{array}/self_attention/linear_1", f"{own}.out_proj")
    yield from _norm(f"{array}/self_attention/layer_norm", f"{module}.self_attn_layer_norm")
    if cross:
        other = f"{module}.encoder_attn"
        yield from _both(f"{array}/attention/linear_0", f"{other}.q_proj")
        yield from _both(f"{array}/attention/linear_1", f"{other}.k_proj", f"{other}.v_proj")
        yield from _both(f"{array}/attention/linear_2", f"{other}.out_proj")
        yield from _norm(f"{array}/attention/layer_norm", f"{module}.encoder_attn_layer_norm")
    yield from _both(f"{array}/ffn/linear_0", f"{module}.fc1")
    yield from _both(f"{array}/ffn/linear_1", f"{module}.fc2")
    yield from _norm(f"{array}/ffn/layer_norm", f"{module}.final_layer_norm")


def _both(array: str, *modules: str) -> Generator[tuple[str, tuple[str | None, ...]]]:
    yield f"{array}/weight", tuple(f"{module}.weight" for module in modules)
    yield f"{array}/bias", tuple(None if module.endswith(".k_proj") else f"{module}.bias" for module in modules)


def _norm(array: str, module: str) -> Generator[tuple[str, tuple[str | None, ...]]]:
    yield f"{array}/gamma", (f"{module}.weight",)
    yield f"{array}/beta", (f"{module}.bias",)
