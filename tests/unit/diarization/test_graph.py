"""A small file in ORT format, written by hand: y = Relu(x + w), z = Abs(y)."""

import struct

import numpy as np
import onnxruntime
import pytest

from panglot.diarization.embedding import VoiceEncoder
from panglot.diarization.graph import Graph
from panglot.diarization.segmentation import Segmenter
from panglot.errors import WeightsCorruptError


@pytest.mark.parametrize("data", [b"", b"\0" * 64, b"no network at all, only text", struct.pack("<I", 1 << 30)])
def test_not_in_the_format(tmp_path, data) -> None:
    path = tmp_path / "embedding.ort"
    path.write_bytes(data)

    with pytest.raises(WeightsCorruptError, match=r"embedding\.ort"):
        VoiceEncoder(path)
    with pytest.raises(WeightsCorruptError, match=r"embedding\.ort"):
        Segmenter(path)


class Builder:
    """Writes tables front to back: what is pointed at comes later."""

    def build(self, value) -> bytes:
        self.data = bytearray(4)
        waiting = [(0, value)]
        while waiting:
            place, value = waiting.pop(0)
            self.data += bytes(-len(self.data) % 8)
            waiting += self.write(place, value)
        return bytes(self.data)

    def write(self, place, value):
        if isinstance(value, dict):
            return self.table(place, value)
        self.point(place, len(self.data))
        if isinstance(value, str):
            self.data += struct.pack("<I", len(value.encode())) + value.encode() + b"\0"
        elif isinstance(value, bytes):
            self.data += struct.pack("<I", len(value)) + value
        elif value and isinstance(value[0], int):
            self.data += struct.pack(f"<I{len(value)}q", len(value), *value)
        else:
            self.data += struct.pack("<I", len(value))
            start = len(self.data)
            self.data += bytes(4 * len(value))
            return [(start + 4 * index, item) for index, item in enumerate(value)]
        return []

    def table(self, place, fields):
        slots = max(fields) + 1
        offsets = len(self.data)
        self.data += bytes(4 + 2 * slots + (-(4 + 2 * slots)) % 8)
        start = len(self.data)
        self.point(place, start)
        self.data += struct.pack("<i", start - offsets) + bytes(4)
        struct.pack_into("<HH", self.data, offsets, 4 + 2 * slots, 8 + 8 * len(fields))
        later = []
        for field, value in fields.items():
            struct.pack_into("<H", self.data, offsets + 4 + 2 * field, len(self.data) - start)
            if isinstance(value, int):
                self.data += struct.pack("<q", value)
            else:
                later.append((len(self.data), value))
                self.data += bytes(8)
        return later

    def point(self, place, target) -> None:
        struct.pack_into("<I", self.data, place, target - place)


def node(operator, inputs, outputs):
    return {5: operator, 8: inputs, 9: outputs, 10: []}


@pytest.fixture
def graph(tmp_path) -> Graph:
    weights = {0: "w", 2: [2], 3: 1, 4: np.array([1.0, -1.0], "<f4").tobytes()}
    # Not in the order of computing: the reader has to find it.
    nodes = [node("Abs", ["y"], ["z"]), node("Relu", ["sum"], ["y"]), node("Add", ["x", "w"], ["sum"])]
    model = {1: [{0: "", 1: 17}], 7: {0: [weights], 2: nodes}}
    path = tmp_path / "small.ort"
    path.write_bytes(Builder().build({1: model}))
    return Graph(path)


def test_a_part_is_computed(graph) -> None:
    session = onnxruntime.InferenceSession(
        graph.part(source="x", targets=["y"]).onnx(), providers=["CPUExecutionProvider"]
    )

    [output] = session.run(None, {"x": np.array([-3.0, 5.0], np.float32)})

    assert [value.name for value in session.get_outputs()] == ["y"]
    assert output.tolist() == [0.0, 4.0]


def test_constants_are_read(graph) -> None:
    assert graph.constant("w").tolist() == [1.0, -1.0]
    with pytest.raises(WeightsCorruptError, match="no array nothing"):
        graph.constant("nothing")


def test_a_value_that_is_not_there(graph) -> None:
    with pytest.raises(WeightsCorruptError, match="no value nothing"):
        graph.part(source="x", targets=["nothing"])
