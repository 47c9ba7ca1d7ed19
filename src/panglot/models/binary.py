"""The arrays of a CTranslate2 ``model.bin``, read without loading the model, and written.

The layout is CTranslate2's binary version 6: little-endian; a header, then each variable as name, shape, type and
bytes, then aliases. A file that is read is memory-mapped, so only the arrays that are used are read from disk.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from panglot.errors import WeightsCorruptError

VERSION = 6
_SPECIFICATION = "WhisperSpec"
_REVISION = 3
"""What kind of model the arrays make, and which names they have in it."""
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


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
    """Write the arrays of a Whisper model as a CTranslate2 model file, and force it to disk.

    What `read_arrays` gives of a published Whisper model is written as the very bytes it was read from.

    Parameters
    ----------
    path
        Where the ``model.bin`` goes.
    arrays
        By name. An array object that is there under two names is written once, under the first name of the alphabet;
        the other one becomes an alias.

    Raises
    ------
    ValueError
        If an array has a type that the format does not know.
    OSError
        If the file cannot be written.
    """
    variables: dict[str, npt.NDArray[np.generic]] = {}
    aliases: dict[str, str] = {}
    first: dict[int, str] = {}
    for name in sorted(arrays):
        variable = first.setdefault(id(arrays[name]), name)
        if variable == name:
            variables[name] = arrays[name]
        else:
            aliases[name] = variable
    with path.open("wb") as file:
        _write(file, variables, aliases)
        file.flush()
        os.fsync(file.fileno())


def _write(file: BinaryIO, variables: Mapping[str, npt.NDArray[np.generic]], aliases: Mapping[str, str]) -> None:
    file.write(struct.pack("<I", VERSION) + _text(_SPECIFICATION) + struct.pack("<II", _REVISION, len(variables)))
    for name, array in variables.items():
        shape = struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
        file.write(_text(name) + shape + struct.pack("<BI", _DTYPES.index(array.dtype.name), array.nbytes))
        file.write(np.ascontiguousarray(array).data)
    file.write(struct.pack("<I", len(aliases)))
    for alias, name in aliases.items():
        file.write(_text(alias) + _text(name))


def _text(value: str) -> bytes:
    encoded = value.encode() + b"\0"
    return struct.pack("<H", len(encoded)) + encoded
