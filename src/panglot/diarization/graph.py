"""The part of a network that leads to one of its inner values, taken from a file in ORT format.

A file in ORT format can only be run from end to end, and is not optimised when it is loaded. Written as an ONNX model,
the part that is wanted loads with all optimisations. The fields are those of onnxruntime's ``ort.fbs`` and of ONNX's
``onnx.proto``; nothing is computed or changed on the way.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.flatbuffer import Table, root
from panglot.errors import WeightsCorruptError

_DTYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64}
"""Element types by their number in both formats."""

_FLOAT = 1
_IR_VERSION = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    operator: str
    inputs: list[str]
    outputs: list[str]
    attributes: list[Table]


class Graph:
    """A network read from a file in ORT format.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    WeightsCorruptError
        If it does not follow the format.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            model = root(path.read_bytes()).table(1)
            graph = model.table(7)
            self._opsets = {opset.text(0): opset.integer(1, "q") for opset in model.tables(1)}
            self._constants = {tensor.text(0): tensor for tensor in graph.tables(0)}
            self._nodes = [
                _Node(operator=node.text(5), inputs=node.texts(8), outputs=node.texts(9), attributes=node.tables(10))
                for node in graph.tables(2)
            ]
        except (OSError, ValueError, struct.error) as error:
            raise WeightsCorruptError(
                f"{path} cannot be read as a network in ORT format: {error}; pull it again"
            ) from error

    def constant(self, name: str) -> NDArray[np.generic]:
        """Return a constant array of the network.

        Parameters
        ----------
        name
            Its name in the file.

        Returns
        -------
        NDArray
            In the shape and type it is stored in.

        Raises
        ------
        WeightsCorruptError
            If there is no such array.
        """
        tensor = self._constants.get(name)
        if tensor is None:
            raise WeightsCorruptError(f"{self._path} has no array {name}; pull it again")
        shape = tuple(int(size) for size in tensor.numbers(2, "q"))
        return np.frombuffer(tensor.raw(4), _DTYPES[tensor.integer(3, "i")]).reshape(shape)

    def part(self, *, source: str, target: str) -> bytes:
        """Write the part between an input and an inner value as an ONNX model.

        Parameters
        ----------
        source
            Name of the input that alone leads to the value.
        target
            Name of the inner value, the only output of the part.

        Returns
        -------
        bytes
            The model; its input and output are of type float32 and of any shape.

        Raises
        ------
        WeightsCorruptError
            If no node of the network gives the value.
        """
        nodes = self._leading_to(target)
        if not nodes:
            raise WeightsCorruptError(f"{self._path} has no value {target}; pull it again")
        used = sorted({name for node in nodes for name in node.inputs} & self._constants.keys())
        graph = b"".join(
            [
                *(_field(1, _node(node)) for node in nodes),
                _field(2, b"part"),
                *(_field(5, _tensor(name, self._constants[name])) for name in used),
                _field(11, _value(source)),
                _field(12, _value(target)),
            ]
        )
        opset = _field(1, b"") + _varint(2, self._opsets[""])
        return _varint(1, _IR_VERSION) + _field(7, graph) + _field(8, opset)

    def _leading_to(self, target: str) -> list[_Node]:
        """Nodes that a value depends on, in an order in which they can be computed."""
        makers = {name: node for node in self._nodes for name in node.outputs}
        ordered: dict[int, _Node] = {}
        waiting = [target]
        while waiting:
            node = makers.get(waiting[-1])
            missing = [] if node is None else [name for name in node.inputs if self._is_missing(name, makers, ordered)]
            if missing:
                waiting.extend(missing)
                continue
            waiting.pop()
            if node is not None:
                ordered[id(node)] = node
        return list(ordered.values())

    @staticmethod
    def _is_missing(name: str, makers: dict[str, _Node], ordered: dict[int, _Node]) -> bool:
        return name in makers and id(makers[name]) not in ordered


def _node(node: _Node) -> bytes:
    return b"".join(
        [
            *(_field(1, name.encode()) for name in node.inputs),
            *(_field(2, name.encode()) for name in node.outputs),
            _field(4, node.operator.encode()),
            *(_field(5, _attribute(attribute)) for attribute in node.attributes),
        ]
    )


def _attribute(attribute: Table) -> bytes:
    kind = attribute.integer(2, "i")
    match kind:
        case 1:
            value = _key(2, 5) + struct.pack("<f", attribute.number(3, "f"))
        case 2:
            value = _varint(3, attribute.integer(4, "q"))
        case 3:
            value = _field(4, attribute.text(5).encode())
        case 7:
            value = b"".join(_varint(8, int(number)) for number in attribute.numbers(9, "q"))
        case _:
            raise WeightsCorruptError(f"the network has an attribute of kind {kind}, which is not read; pull it again")
    return _field(1, attribute.text(0).encode()) + value + _varint(20, kind)


def _tensor(name: str, tensor: Table) -> bytes:
    dims = b"".join(_varint(1, int(size)) for size in tensor.numbers(2, "q"))
    return dims + _varint(2, tensor.integer(3, "i")) + _field(8, name.encode()) + _field(9, tensor.raw(4))


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


def dequantised(graph: Graph, name: str) -> NDArray[np.float32]:
    """Return weights that are stored as 8-bit numbers with one scale and one offset.

    Parameters
    ----------
    graph
        Where they are.
    name
        Name of the weights, to which the file adds ``_quantized``, ``_scale`` and ``_zero_point``.

    Returns
    -------
    NDArray[np.float32]
        The weights as the network itself computes them: number times scale, plus offset.
    """
    numbers, scale, offset = (
        graph.constant(f"{name}_{part}").astype(np.float32) for part in ("quantized", "scale", "zero_point")
    )
    return numbers * scale + offset
