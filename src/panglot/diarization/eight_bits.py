"""Convolutions in 8-bit arithmetic, from a network in float32 and the ranges of its inner values.

Source: Jacob et al. 2018, "Quantization and training of neural networks for efficient integer-arithmetic-only
inference". A value becomes a number of 8 bits; weights get a scale for each output channel. Processors with AVX2 but
without VNNI cut the sum of two products off at 16 bits; weights of 7 bits, which avoid that, were further from float32
on them than this. The network says what is to have 8 bits with pairs of ``QuantizeLinear`` and ``DequantizeLinear``,
from which onnxruntime makes integer operations when it loads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.onnx_model import Model, Node, leading_to

Ranges = Mapping[str, tuple[float, float]]
"""By the name of an inner value, the least and the most that it takes; beyond them it is cut off."""

_LEVELS = 255
_WEIGHT_LEVELS = 127


def in_eight_bits(model: Model, ranges: Ranges) -> Model:
    """Let convolutions compute in 8 bits.

    Parameters
    ----------
    model
        The network in float32. Its weights are constants, or computed from constants.
    ranges
        The values that are to have 8 bits. A convolution whose input is not among them stays as it is.

    Returns
    -------
    Model
        The same inputs and outputs.

    Raises
    ------
    ValueError
        If weights are computed in a way that is not known here.
    """
    return _Rewriting(model, ranges).model()


class _Rewriting:
    def __init__(self, model: Model, ranges: Ranges) -> None:
        self._old = model
        self._ranges = ranges
        self._nodes: list[Node] = []
        self._constants: dict[str, NDArray[np.generic]] = dict(model.constants)
        self._names: dict[str, str] = {}
        """From a value to the one that stands for it in 8 bits."""

    def model(self) -> Model:
        for node in self._old.nodes:
            self._add(node)
        targets = tuple(self._names.get(target, target) for target in self._old.targets)
        return replace(self._old, targets=targets, nodes=leading_to(targets, self._nodes), constants=self._constants)

    def _add(self, node: Node) -> None:
        if all(name in self._constants for name in node.inputs):
            self._constants[node.outputs[0]] = self._computed(node)
            return
        inputs = tuple(self._names.get(name, name) for name in node.inputs)
        if node.operator == "Conv" and node.inputs[0] in self._ranges:
            inputs = (inputs[0], *self._weights(*node.inputs))
        self._nodes.append(replace(node, inputs=inputs))
        for name in node.outputs:
            if name in self._ranges:
                self._round(name)

    def _computed(self, node: Node) -> NDArray[np.generic]:
        """What a node makes of constants: here, weights from how they are stored."""
        first, *others = (self._constants[name].astype(np.float32) for name in node.inputs)
        match node.operator:
            case "Cast":
                return first
            case "Mul":
                return first * others[0]
            case "Add":
                return first + others[0]
            case other:
                raise ValueError(f"constants go through {other}; known are Cast, Mul and Add")

    def _weights(self, source: str, weights: str, bias: str) -> tuple[str, str]:
        """Add weights and bias of a convolution; return their names."""
        values = np.asarray(self._constants[weights], np.float32)
        largest = np.abs(values).max(axis=(1, 2, 3))
        scale = np.where(largest > 0, largest, 1).astype(np.float32) / np.float32(_WEIGHT_LEVELS)
        numbers = np.rint(values / scale[:, None, None, None]).astype(np.int8)
        sums = self._scale(source)[0] * scale
        biases = np.rint(np.asarray(self._constants[bias], np.float64) / sums).astype(np.int32)
        return self._widened(f"{weights}_8", numbers, scale), self._widened(f"{bias}_32", biases, sums)

    def _widened(self, name: str, numbers: NDArray[np.integer], scale: NDArray[np.float32]) -> str:
        """Add constant numbers with a scale for each output channel as a value in float32; return its name."""
        constants = {
            f"{name}_number": numbers,
            f"{name}_scale": scale,
            f"{name}_zero": np.zeros(scale.shape, numbers.dtype),
        }
        self._constants |= constants
        self._nodes.append(
            Node(operator="DequantizeLinear", inputs=tuple(constants), outputs=(name,), attributes={"axis": 0})
        )
        return name

    def _round(self, name: str) -> None:
        """Give a value 8 bits, and make float32 of it again."""
        scale, zero = self._scale(name)
        constants = {f"{name}_8_scale": np.asarray(scale), f"{name}_8_zero": np.asarray(zero)}
        self._constants |= constants
        self._names[name] = f"{name}_8"
        for operator, source, target in (
            ("QuantizeLinear", name, f"{name}_8_number"),
            ("DequantizeLinear", f"{name}_8_number", f"{name}_8"),
        ):
            self._nodes.append(Node(operator=operator, inputs=(source, *constants), outputs=(target,), attributes={}))

    def _scale(self, name: str) -> tuple[np.float32, np.uint8]:
        """Step from one number to the next, and the number that stands for 0."""
        low, high = self._ranges[name]
        low, high = min(low, 0.0), max(high, 0.0)
        scale = np.float32((high - low) / _LEVELS)
        return scale, np.uint8(round(-low / float(scale)))
