"""What a finished job leaves: the transcript and what its request asked to know besides."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from panglot.transcripts.formats.json import read_json
from panglot.transcripts.records import Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageShare:
    """A language that occurs in the recording."""

    language: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The outcome of a job."""

    transcript: Transcript
    """After everything that the request asked to be done to the text."""
    unredacted: Transcript | None = None
    """As it was before personal data were taken out, where the request asked for both."""
    languages: tuple[LanguageShare, ...] = ()
    """Most spoken first; empty where the language was given."""
    warnings: tuple[str, ...] = ()

    def write(self) -> bytes:
        """Return the result as bytes for storage; `read` is the way back."""
        content: dict[str, Any] = {
            "transcript": self.transcript.to("json"),
            "unredacted": self.unredacted and self.unredacted.to("json"),
            "languages": [[each.language, each.confidence] for each in self.languages],
            "warnings": list(self.warnings),
        }
        return json.dumps(content, ensure_ascii=False).encode()

    @staticmethod
    def read(content: bytes) -> Result:
        """Make the result of what `write` returned."""
        values = json.loads(content)
        return Result(
            transcript=read_json(values["transcript"]),
            unredacted=values["unredacted"] and read_json(values["unredacted"]),
            languages=tuple(LanguageShare(language=code, confidence=share) for code, share in values["languages"]),
            warnings=tuple(values["warnings"]),
        )
