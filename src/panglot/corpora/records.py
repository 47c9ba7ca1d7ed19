"""What a corpus is: samples that can be used, and rows that cannot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from panglot.units import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A stretch of a recording and what is said in it."""

    id: str
    """Unique in its corpus."""
    audio: Path
    start: Seconds = 0.0
    """Where the stretch begins in the recording."""
    duration: Seconds
    text: str
    language: str | None
    """Code of one of the 99 languages, or None where nobody said."""
    speaker: str | None = None
    previous_text: str | None = None
    """What was said just before, which a model may be given as its prompt."""
    rttm: Path | None = None
    """File that says who speaks when."""
    confidence: float | None = None
    """Of a text that a model wrote: mean probability of its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A row that cannot be used."""

    where: str
    """File and line, such as ``data.jsonl:17``, or a path."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Samples in the order of their source, and what was set aside."""

    samples: tuple[Sample, ...]
    rejected: tuple[Rejected, ...]
    source: Path

    @property
    def seconds(self) -> Seconds:
        """Seconds of audio in all samples."""
        return sum(sample.duration for sample in self.samples)

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of all languages, sorted."""
        return tuple(sorted({sample.language for sample in self.samples if sample.language is not None}))
