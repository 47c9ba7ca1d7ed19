"""Language probabilities from encoder output, for any stretch of a window, at almost no cost.

Whisper names the language with the first token it predicts, so one decoder step with one token is all that detection
takes. For a single query the keys and values of the cross-attention need not be computed for every encoder step: with
``K = E Wk' + bk`` the scores ``q K'`` equal ``(q Wk) E'`` up to a constant that the softmax removes, and the mixture of
values is ``(a E) Wv' + bv``. This turns six projections of the whole window into a few vector products, so that
several stretches of one encoder output can be asked for their language separately.

Source of the architecture: Radford et al. 2022, arXiv:2212.04356, section 2.2; pre-norm decoder of Vaswani et al. 2017.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import threadpoolctl  # pyright: ignore[reportMissingTypeStubs]

Array = npt.NDArray[np.float32]

_UNPACKED = 32_000_000
"""Up to this many weights are kept in single precision; larger models take so long that converting does not show."""
_CACHED = 128 * 1024
"""Weights that stay in a processor's cache: half a megabyte."""


class LanguageHead:
    """The first decoder step of a multilingual Whisper model.

    Parameters
    ----------
    arrays
        The model's arrays as `panglot.models.binary.read_arrays` gives them.
    start_token
        Number of ``<|startoftranscript|>``.
    language_tokens
        Token number of each language code.
    """

    def __init__(
        self,
        arrays: Mapping[str, npt.NDArray[np.generic]],
        *,
        start_token: int,
        language_tokens: Mapping[str, int],
    ) -> None:
        self._lock = threading.Lock()
        self._threads: Any = threadpoolctl.ThreadpoolController()
        self._arrays = dict(arrays)
        self._codes = tuple(language_tokens)
        self._heads = int(arrays["decoder/num_heads"])
        self._layers = sum(name.endswith("/ffn/layer_norm/beta") and "decoder/" in name for name in arrays)
        self._start = self._get("embeddings/weight", start_token) + self._get("position_encodings/encodings", 0)
        self._language_rows = self._get("projection/weight", list(language_tokens.values()))
        used = [
            name for name in arrays if "decoder/layer_" in name and name.endswith(("weight", "bias", "gamma", "beta"))
        ]
        if sum(arrays[name].size for name in used) <= _UNPACKED:
            self._arrays |= {name: np.asarray(arrays[name], np.float32) for name in used}

    def languages(self, memories: Sequence[Array]) -> list[dict[str, float]]:
        """Probability of each language in each of several stretches of encoder output.

        Parameters
        ----------
        memories
            Encoder output, each of shape ``(t, D)`` with ``t`` at least 1.

        Returns
        -------
        list of dict
            Probability by language code, one dict a stretch; each sums to 1.
        """
        # Products this small only lose by being shared among threads, and would round differently. The limit holds for
        # the process, hence the lock.
        with self._lock, self._threads.limit(limits=1, user_api="blas"):
            logits = self._hidden(memories) @ self._language_rows.T
        return [dict(zip(self._codes, map(float, row), strict=True)) for row in _softmax(logits)]

    def _get(self, name: str, rows: int | list[int] | slice = slice(None)) -> Array:
        return np.asarray(self._arrays[f"decoder/{name}"][rows], np.float32)

    def _linear(self, x: Array, name: str, rows: slice = slice(None)) -> Array:
        return _product(x, self._get(f"{name}/weight", rows)) + self._get(f"{name}/bias", rows)

    def _norm(self, x: Array, name: str) -> Array:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
        return scaled * self._get(f"{name}/gamma") + self._get(f"{name}/beta")

    def _hidden(self, memories: Sequence[Array]) -> Array:
        """Output of the last layer for the start token, shape ``(S, D)``."""
        width = len(self._start)
        x = np.repeat(self._start[None], len(memories), 0)
        for index in range(self._layers):
            layer = f"layer_{index}"
            # A single token attends to itself alone: the attention is its value, the last third of the projection.
            value = self._linear(
                self._norm(x, f"{layer}/self_attention/layer_norm"),
                f"{layer}/self_attention/linear_0",
                slice(2 * width, 3 * width),
            )
            x = x + self._linear(value, f"{layer}/self_attention/linear_1")
            x = x + self._cross_attention(
                self._norm(x, f"{layer}/attention/layer_norm"), memories, f"{layer}/attention"
            )
            hidden = _gelu(self._linear(self._norm(x, f"{layer}/ffn/layer_norm"), f"{layer}/ffn/linear_0"))
            x = x + self._linear(hidden, f"{layer}/ffn/linear_1")
        return self._norm(x, "layer_norm")

    def _cross_attention(self, x: Array, memories: Sequence[Array], name: str) -> Array:
        count, width = x.shape
        size = width // self._heads
        queries = self._linear(x, f"{name}/linear_0").reshape(count, self._heads, size) / np.float32(np.sqrt(size))
        keys = self._get(f"{name}/linear_1/weight", slice(0, width)).reshape(self._heads, size, width)
        values = self._get(f"{name}/linear_1/weight", slice(width, 2 * width)).reshape(self._heads, size, width)
        folded = (queries.transpose(1, 0, 2) @ keys).transpose(1, 0, 2)
        mixed = np.stack([_softmax(q @ memory.T) @ memory for q, memory in zip(folded, memories, strict=True)])
        context = (mixed.transpose(1, 0, 2) @ values.transpose(0, 2, 1)).transpose(1, 0, 2).reshape(count, width)
        context = context + self._get(f"{name}/linear_1/bias", slice(width, 2 * width))
        return self._linear(cast("Array", context), f"{name}/linear_2")


def _product(x: Array, weights: Array) -> Array:
    """``x @ weights.T`` for a few rows: part by part of the weights, row by row.

    For more than one row the library of numpy copies all weights into another order first, which takes longer than
    the product. A part stays in the processor's cache until all rows have been through it.
    """
    out = np.empty((len(x), len(weights)), np.float32)
    step = max(1, _CACHED // weights.shape[1])
    for first in range(0, len(weights), step):
        part = weights[first : first + step]
        for row, vector in zip(out, x, strict=True):
            row[first : first + step] = part @ vector
    return out


def _softmax(x: Array) -> Array:
    exponent = np.exp(x - x.max(-1, keepdims=True))
    return cast("Array", exponent / exponent.sum(-1, keepdims=True))


def _gelu(x: Array) -> Array:
    return cast("Array", x * (0.5 * (1.0 + _erf(x / np.float32(np.sqrt(2.0))))))


def _erf(x: Array) -> Array:
    """Error function within 1.5e-7; Abramowitz and Stegun 1964, formula 7.1.26."""
    t = 1.0 / (1.0 + 0.3275911 * np.abs(x))
    polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return cast("Array", np.sign(x) * (1.0 - polynomial * np.exp(-(x**2))))
