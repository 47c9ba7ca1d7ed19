"""A convolution in 8 bits gives nearly what it gives in float32, and the processor does compute it so."""

import numpy as np
import onnxruntime
import pytest

from panglot.diarization.eight_bits import in_eight_bits
from panglot.diarization.onnx_model import Model, Node

RANGES = {"hidden": (0.0, 4.0), "y": (-20.0, 20.0)}


@pytest.fixture
def model() -> Model:
    """Two convolutions; the weights of the second are stored as small numbers with a scale."""
    rng = np.random.default_rng(0)
    constants = {
        "w1": rng.standard_normal((4, 1, 3, 3)).astype(np.float32) / 3,
        "b1": rng.standard_normal(4).astype(np.float32) / 3,
        "small": rng.integers(-127, 127, (5, 4, 3, 3), dtype=np.int8),
        "step": np.array(0.004, np.float32),
        "b2": rng.standard_normal(5).astype(np.float32),
    }
    around = {"kernel_shape": (3, 3), "pads": (1, 1, 1, 1)}

    def node(operator: str, *inputs: str, gives: str, **attributes) -> Node:
        return Node(operator=operator, inputs=inputs, outputs=(gives,), attributes=attributes)

    return Model(
        source="x",
        targets=("y",),
        nodes=(
            node("Conv", "x", "w1", "b1", gives="sum", **around),
            node("Relu", "sum", gives="hidden"),
            node("Cast", "small", gives="cast", to=1),
            node("Mul", "cast", "step", gives="w2"),
            node("Conv", "hidden", "w2", "b2", gives="y", **around),
        ),
        constants=constants,
        opset=17,
    )


def run(model: Model, values: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.onnx(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": values})[0]


def test_nearly_the_same_numbers(model: Model) -> None:
    values = np.random.default_rng(1).standard_normal((1, 1, 8, 9)).astype(np.float32)
    expected = run(model, values)
    assert np.abs(expected).max() < 20  # as the ranges say

    found = run(in_eight_bits(model, RANGES), values)

    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 0.03 * np.abs(expected).max()
    assert not np.array_equal(found, expected)


def test_what_is_beyond_its_range_is_cut_off(model: Model) -> None:
    values = np.random.default_rng(1).standard_normal((1, 1, 8, 9)).astype(np.float32)

    found = run(in_eight_bits(model, {"y": (-0.5, 1.0)}), values)

    assert found.min() == pytest.approx(-0.5, abs=0.01)
    assert found.max() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("ranges", "integers"), [({}, False), (RANGES, True)])
def test_the_runtime_makes_integer_operations_of_it(model: Model, ranges, integers: bool, tmp_path) -> None:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.optimized_model_filepath = str(tmp_path / "loaded.onnx")
    onnxruntime.InferenceSession(in_eight_bits(model, ranges).onnx(), options, providers=["CPUExecutionProvider"])

    assert (b"QLinearConv" in (tmp_path / "loaded.onnx").read_bytes()) is integers


def test_without_ranges_nothing_changes(model: Model) -> None:
    values = np.random.default_rng(2).standard_normal((1, 1, 5, 5)).astype(np.float32)

    np.testing.assert_array_equal(run(in_eight_bits(model, {}), values), run(model, values))


def test_constants_that_go_through_something_else(model: Model) -> None:
    odd = Node(operator="Sqrt", inputs=("step",), outputs=("root",), attributes={})
    strange = Model(
        source="x", targets=model.targets, nodes=(odd, *model.nodes), constants=model.constants, opset=model.opset
    )

    with pytest.raises(ValueError, match="Sqrt"):
        in_eight_bits(strange, RANGES)
