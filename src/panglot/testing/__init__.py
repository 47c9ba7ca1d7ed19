"""Fakes and makers for tests: shipped, because users of the library need them as much as its authors."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from panglot.testing.makers import make_receipt, make_segment, make_transcript, make_word, random_transcript

if TYPE_CHECKING:
    from panglot.testing.detector import FakeDetector
    from panglot.testing.diarizer import FakeDiarizer
    from panglot.testing.engine import FakeEngine, write
    from panglot.testing.tones import silence, speak

# These compute with samples: loaded when they are first used, so that making transcripts stays light.
_HOMES = {
    "FakeDetector": "panglot.testing.detector",
    "FakeDiarizer": "panglot.testing.diarizer",
    "FakeEngine": "panglot.testing.engine",
    "silence": "panglot.testing.tones",
    "speak": "panglot.testing.tones",
    "write": "panglot.testing.engine",
}

__all__ = [
    "FakeDetector",
    "FakeDiarizer",
    "FakeEngine",
    "make_receipt",
    "make_segment",
    "make_transcript",
    "make_word",
    "random_transcript",
    "silence",
    "speak",
    "write",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'panglot.testing' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
