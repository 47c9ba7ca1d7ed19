"""A network as a list of nodes, and how it is written as an ONNX model.

The fields are those of ONNX's ``onnx.proto``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Attribute = int | float | str | tuple[int, ...]
Constants = Mapping[str, NDArray[np.generic]]

TYPES: dict[int, type[np.generic]] = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64}
"""Element types by their number, which onnxruntime's format shares."""

_NUMBERS = {np.dtype(kind): number for number, kind in TYPES.items()}
_FLOAT = 1
_IR_VERSION = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One operation."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A network with one input; its input and outputs are of type float32 and of any shape."""

    source: str
    targets: tuple[str, ...]
    nodes: tuple[Node, ...]
    """In an order in which they can be computed."""
    constants: Constants
    opset: int

    def onnx(self) -> bytes:
        """Write it as an ONNX model."""
        used = {name for node in self.nodes for name in node.inputs}
        graph = b"".join(
            [
                *(_field(1, _node(node)) for node in self.nodes),
                _field(2, b"part"),
                *(_field(5, _tensor(name, value)) for name, value in self.constants.items() if name in used),
                _field(11, _value(self.source)),
                *(_field(12, _value(target)) for target in self.targets),
            ]
        )
        opset = _field(1, b"") + _varint(2, self.opset)
        return _varint(1, _IR_VERSION) + _field(7, graph) + _field(8, opset)


def leading_to(targets: Sequence[str], nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Choose the nodes that some values depend on, in an order in which they can be computed."""
    makers = {name: node for node in nodes for name in node.outputs}
    ordered: dict[int, Node] = {}
    waiting = list(reversed(targets))
    while waiting:
        node = makers.get(waiting[-1])
        inputs = () if node is None else node.inputs
        missing = [name for name in inputs if name in makers and id(makers[name]) not in ordered]
        if missing:
            waiting.extend(missing)
            continue
        waiting.pop()
        if node is not None:
            ordered[id(node)] = node
    return tuple(ordered.values())


def _node(node: Node) -> bytes:
    return b"".join(
        [
            *(_field(1, name.encode()) for name in node.inputs),
            *(_field(2, name.encode()) for name in node.outputs),
            _field(4, node.operator.encode()),
            *(_field(5, _attribute(name, value)) for name, value in node.attributes.items()),
        ]
    )


def _attribute(name: str, value: Attribute) -> bytes:
    match value:
        case int():
            kind, written = 2, _varint(3, value)
        case float():
            kind, written = 1, _key(2, 5) + struct.pack("<f", value)
        case str():
            kind, written = 3, _field(4, value.encode())
        case tuple():
            kind, written = 7, b"".join(_varint(8, number) for number in value)
    return _field(1, name.encode()) + written + _varint(20, kind)


def _tensor(name: str, value: NDArray[np.generic]) -> bytes:
    dims = b"".join(_varint(1, size) for size in value.shape)
    raw = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<")).tobytes()
    return dims + _varint(2, _NUMBERS[value.dtype]) + _field(8, name.encode()) + _field(9, raw)


def _value(name: str) -> bytes:
    """Declaration of an input or output of type float32."""
    return _field(1, name.encode()) + _field(2, _field(1, _varint(1, _FLOAT)))


def _field(number: int, payload: bytes) -> bytes:
    return _key(number, 2) + _number(len(payload)) + payload


def _varint(number: int, value: int) -> bytes:
    return _key(number, 0) + _number(value)


def _key(number: int, wire: int) -> bytes:
    return _number(number << 3 | wire)


def _number(value: int) -> bytes:
    """Base 128, lowest digits first; negative numbers as their 64-bit complement."""
    value &= (1 << 64) - 1
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)
