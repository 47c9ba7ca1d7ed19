"""Networks read from files in onnxruntime's ORT format, and parts of them.

A file in ORT format can only be run from end to end, and is not optimised when it is loaded. A part of it, written as
an ONNX model, loads with all optimisations. The fields are those of onnxruntime's ``ort.fbs``.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.flatbuffer import Table, root
from panglot.diarization.onnx_model import TYPES, Attribute, Model, Node, leading_to
from panglot.errors import WeightsCorruptError


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
                Node(
                    operator=node.text(5),
                    inputs=tuple(node.texts(8)),
                    outputs=tuple(node.texts(9)),
                    attributes={attribute.text(0): _attribute(attribute) for attribute in node.tables(10)},
                )
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
        return np.frombuffer(tensor.raw(4), TYPES[tensor.integer(3, "i")]).reshape(shape)

    def part(self, *, source: str, targets: Sequence[str]) -> Model:
        """Return the part between an input and inner values.

        Parameters
        ----------
        source
            Name of the input that alone leads to the values.
        targets
            Names of the inner values, the outputs of the part.

        Returns
        -------
        Model
            Nothing in it is computed or changed.

        Raises
        ------
        WeightsCorruptError
            If no node of the network gives a value.
        """
        for target in targets:
            if not any(target in node.outputs for node in self._nodes):
                raise WeightsCorruptError(f"{self._path} has no value {target}; pull it again")
        nodes = leading_to(targets, self._nodes)
        used = {name for node in nodes for name in node.inputs} & self._constants.keys()
        return Model(
            source=source,
            targets=tuple(targets),
            nodes=nodes,
            constants={name: self.constant(name) for name in sorted(used)},
            opset=self._opsets[""],
        )


def _attribute(attribute: Table) -> Attribute:
    match attribute.integer(2, "i"):
        case 1:
            return attribute.number(3, "f")
        case 2:
            return attribute.integer(4, "q")
        case 3:
            return attribute.text(5)
        case 7:
            return tuple(int(number) for number in attribute.numbers(9, "q"))
        case kind:
            raise ValueError(f"an attribute is of kind {kind}, which is not read")


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
