"""The recordings that belong to the repository."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panglot.transcripts import LanguageSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A recording of tests/data and what is said in it."""

    path: Path
    duration: float
    parts: tuple[dict[str, Any], ...]

    @property
    def text(self) -> str:
        return " ".join(part["text"] for part in self.parts)

    @property
    def spans(self) -> tuple[LanguageSpan, ...]:
        return tuple(
            LanguageSpan(start=part["start"], end=part["end"], language=part["language"], probability=1.0)
            for part in self.parts
        )
