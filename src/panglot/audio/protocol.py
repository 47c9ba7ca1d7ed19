"""What the decoder process and its parent say to each other.

Every message is one byte for its kind, four bytes for the length of its payload (little endian) and the payload. The
parent sends one ``REQUEST`` (JSON) for each file. The child answers with one ``INFO`` (JSON), any number of ``BLOCK``
(float32, channel after channel), ``WARNING`` (text) and ``ALIVE`` (empty: work goes on but there is nothing to hand
over yet), and ends with ``DONE`` (empty) or ``ERROR`` (JSON: ``code``, ``message``).
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from typing import BinaryIO

from panglot.units import SAMPLE_RATE, Seconds

REQUEST = b"R"
INFO = b"I"
BLOCK = b"B"
WARNING = b"W"
ALIVE = b"A"
DONE = b"D"
ERROR = b"E"

HEADER = struct.Struct("<cI")
BLOCK_SAMPLES = 5 * SAMPLE_RATE
"""Samples per channel in every block but the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeLimits:
    """How much a recording may cost before it is refused."""

    memory_bytes: int = 2 << 30
    """Address space of the decoder process."""
    stall: Seconds = 30.0
    """Longest time without any progress of the decoder."""
    channels: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioInfo:
    """What a recording says about itself."""

    name: str
    container: str
    codec: str
    sample_rate: int
    """Samples per second as recorded."""
    channels: int
    duration: Seconds | None
    """Length as declared or estimated by the container, which may be wrong; ``None`` where it says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One file to decode."""

    path: str
    name: str
    """What messages call the recording."""
    start: Seconds
    end: Seconds | None
    separate_channels: bool
    limits: DecodeLimits


def encode(kind: bytes, payload: bytes = b"") -> bytes:
    """Whole message as bytes."""
    return HEADER.pack(kind, len(payload)) + payload


def request_to_json(request: Request) -> bytes:
    """Payload of a ``REQUEST``."""
    return json.dumps(asdict(request)).encode()


def request_from_json(payload: bytes) -> Request:
    """Request from its payload."""
    fields = json.loads(payload)
    return Request(**(fields | {"limits": DecodeLimits(**fields["limits"])}))


def read_message(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """Next message of a blocking stream, or ``None`` at its end."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    kind, length = HEADER.unpack(header)
    return kind, stream.read(length)
