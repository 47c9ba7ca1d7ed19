"""Reading FlatBuffers: tables, strings and vectors by field number, straight from the bytes.

Source: the binary format as documented by the FlatBuffers project. Only what model files in ORT format need.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """One table inside a buffer; a field that is not stored has its default."""

    data: bytes
    position: int

    def number(self, field: int, code: str, default: float = 0) -> float:
        """Return a scalar; ``code`` is its `struct` letter."""
        place = self._place(field)
        return default if place is None else struct.unpack_from("<" + code, self.data, place)[0]

    def integer(self, field: int, code: str, default: int = 0) -> int:
        """Return an integer scalar."""
        return int(self.number(field, code, default))

    def text(self, field: int) -> str:
        """Return a string."""
        place = self._place(field)
        return "" if place is None else self._string(place)

    def table(self, field: int) -> Table:
        """Return a table within this one."""
        place = self._place(field)
        if place is None:
            raise ValueError(f"table {field} is not there")
        return Table(self.data, self._follow(place))

    def tables(self, field: int) -> list[Table]:
        """Return a vector of tables."""
        start, count = self._vector(field)
        return [Table(self.data, self._follow(start + 4 * index)) for index in range(count)]

    def texts(self, field: int) -> list[str]:
        """Return a vector of strings."""
        start, count = self._vector(field)
        return [self._string(start + 4 * index) for index in range(count)]

    def numbers(self, field: int, code: str) -> tuple[float, ...]:
        """Return a vector of scalars."""
        start, count = self._vector(field)
        return struct.unpack_from(f"<{count}{code}", self.data, start)

    def raw(self, field: int) -> bytes:
        """Return a vector of bytes."""
        start, count = self._vector(field)
        return self.data[start : start + count]

    def _place(self, field: int) -> int | None:
        """Where a field is stored: tables begin with the distance back to a list of field offsets."""
        (back,) = struct.unpack_from("<i", self.data, self.position)
        offsets = self.position - back
        (size,) = struct.unpack_from("<H", self.data, offsets)
        entry = 4 + 2 * field
        if entry >= size:
            return None
        (offset,) = struct.unpack_from("<H", self.data, offsets + entry)
        return self.position + offset if offset else None

    def _follow(self, place: int) -> int:
        (distance,) = struct.unpack_from("<I", self.data, place)
        return place + distance

    def _vector(self, field: int) -> tuple[int, int]:
        """Where the elements of a vector start, and how many there are."""
        place = self._place(field)
        if place is None:
            return 0, 0
        start = self._follow(place)
        (count,) = struct.unpack_from("<I", self.data, start)
        return start + 4, count

    def _string(self, place: int) -> str:
        start = self._follow(place)
        (size,) = struct.unpack_from("<I", self.data, start)
        return self.data[start + 4 : start + 4 + size].decode()


def root(data: bytes) -> Table:
    """Return the outermost table of a buffer."""
    (position,) = struct.unpack_from("<I", data, 0)
    return Table(data, position)
