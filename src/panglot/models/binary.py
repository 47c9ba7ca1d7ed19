"""Reading the arrays of a CTranslate2 ``model.bin`` without loading the model.

The layout is CTranslate2's binary version 6: little-endian; a header, then each variable as name, shape, type and
bytes, then aliases. The file is memory-mapped, so only the arrays that are used are read from disk.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from panglot.errors import WeightsCorruptError

VERSION = 6
_DTYPES = ("float32", "int8", "int16", "int32", "float16")
"""Element types by their number in the file (bfloat16, number 5, is not used by published Whisper weights)."""


class _Reader:
    """A cursor over mapped bytes."""

    def __init__(self, data: npt.NDArray[np.uint8]) -> None:
        self.data = data
        self.offset = 0

    def number(self, code: str) -> int:
        size = struct.calcsize("<" + code)
        (value,) = struct.unpack("<" + code, self.take(size).tobytes())
        return value

    def text(self) -> str:
        return self.take(self.number("H")).tobytes().rstrip(b"\0").decode()

    def take(self, size: int) -> npt.NDArray[np.uint8]:
        if self.offset + size > len(self.data):
            raise ValueError(f"ends {self.offset + size - len(self.data)} bytes early")
        part = self.data[self.offset : self.offset + size]
        self.offset += size
        return part


def read_arrays(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    """Arrays of a CTranslate2 model file by name, mapped from disk.

    Parameters
    ----------
    path
        The ``model.bin``.

    Returns
    -------
    dict
        Read-only arrays in the shape and type they are stored in; aliases appear under both names.

    Raises
    ------
    WeightsCorruptError
        If the file does not follow the format.
    """
    try:
        return _read(_Reader(np.memmap(path, dtype=np.uint8, mode="r")))
    except (ValueError, IndexError, UnicodeDecodeError, struct.error) as error:
        raise WeightsCorruptError(
            f"{path} is not a CTranslate2 model of binary version {VERSION}: {error}; convert it again, or pull it"
        ) from error


def _read(reader: _Reader) -> dict[str, npt.NDArray[np.generic]]:
    version = reader.number("I")
    if version != VERSION:
        raise ValueError(f"its version is {version}")
    reader.text()
    reader.number("I")
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for _ in range(reader.number("I")):
        name = reader.text()
        shape = tuple(reader.number("I") for _ in range(reader.number("B")))
        dtype = np.dtype(_DTYPES[reader.number("B")])
        arrays[name] = reader.take(reader.number("I")).view(dtype).reshape(shape)
    for _ in range(reader.number("I")):
        alias = reader.text()
        arrays[alias] = arrays[reader.text()]
    return arrays
