import struct
from pathlib import Path

import numpy as np
import pytest

from panglot.errors import WeightsCorruptError
from panglot.models.binary import read_arrays, write_arrays


def text(value: str) -> bytes:
    return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"


BY_HAND = b"".join(
    [
        struct.pack("<I", 6),
        text("WhisperSpec"),
        struct.pack("<II", 3, 3),
        text("a/heads") + struct.pack("<BBI", 0, 2, 2) + struct.pack("<h", -1),
        text("b") + struct.pack("<BIIBI", 2, 2, 3, 4, 12) + np.arange(6, dtype=np.float16).tobytes(),
        text("d") + struct.pack("<BIBI", 1, 1, 0, 4) + struct.pack("<f", 0.5),
        struct.pack("<I", 1),
        text("c") + text("b"),
    ]
)


def test_what_is_written_is_the_format_byte_for_byte(tmp_path: Path) -> None:
    weights = np.arange(6, dtype=np.float16).reshape(2, 3)
    arrays = {"d": np.full(1, 0.5, np.float32), "c": weights, "b": weights, "a/heads": np.array(-1, np.int16)}

    write_arrays(tmp_path / "model.bin", arrays)

    assert (tmp_path / "model.bin").read_bytes() == BY_HAND


def test_what_is_read_is_written_again_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(BY_HAND)

    arrays = read_arrays(tmp_path / "model.bin")
    write_arrays(tmp_path / "again.bin", arrays)

    assert arrays["c"] is arrays["b"]
    assert arrays["b"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert arrays["a/heads"].item() == -1
    assert (tmp_path / "again.bin").read_bytes() == BY_HAND


def test_rows_that_are_not_in_order_in_memory(tmp_path: Path) -> None:
    weights = np.arange(6, dtype=np.float32).reshape(2, 3)

    write_arrays(tmp_path / "model.bin", {"weights": weights.T})

    assert read_arrays(tmp_path / "model.bin")["weights"].tolist() == [[0, 3], [1, 4], [2, 5]]


@pytest.mark.parametrize("length", [0, 3, 30, len(BY_HAND) - 1])
def test_a_file_that_ends_early(tmp_path: Path, length: int) -> None:
    (tmp_path / "model.bin").write_bytes(BY_HAND[:length])

    with pytest.raises(WeightsCorruptError, match="not a CTranslate2 model"):
        read_arrays(tmp_path / "model.bin")


def test_a_type_that_the_format_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        write_arrays(tmp_path / "model.bin", {"weights": np.zeros(2)})
