"""Panglot: self-hosted speech-to-text for 99 languages.

>>> import panglot
>>> transcript = panglot.transcribe("meeting.m4a")  # doctest: +SKIP
>>> print(transcript.text)  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panglot.diarization.voiceprints import Voiceprint, Voiceprints
    from panglot.errors import PanglotError
    from panglot.pipeline.loading import detect, diarize, load, load_diarizer, transcribe
    from panglot.pipeline.model import Model
    from panglot.pipeline.transcription import Progress, Transcription
    from panglot.transcripts import (
        Audit,
        Finding,
        LanguageSpan,
        Receipt,
        Segment,
        Speaker,
        SpeakerTimeline,
        Transcript,
        Turn,
        Utterance,
        Word,
    )

__version__ = "0.1.0"

# Where each public name lives: loaded when it is first used, so that `import panglot` stays light.
_HOMES = {
    "Audit": "panglot.transcripts",
    "Finding": "panglot.transcripts",
    "LanguageSpan": "panglot.transcripts",
    "Model": "panglot.pipeline.model",
    "PanglotError": "panglot.errors",
    "Progress": "panglot.pipeline.transcription",
    "Receipt": "panglot.transcripts",
    "Segment": "panglot.transcripts",
    "Speaker": "panglot.transcripts",
    "SpeakerTimeline": "panglot.transcripts",
    "Transcript": "panglot.transcripts",
    "Transcription": "panglot.pipeline.transcription",
    "Turn": "panglot.transcripts",
    "Utterance": "panglot.transcripts",
    "Voiceprint": "panglot.diarization.voiceprints",
    "Voiceprints": "panglot.diarization.voiceprints",
    "Word": "panglot.transcripts",
    "detect": "panglot.pipeline.loading",
    "diarize": "panglot.pipeline.loading",
    "load": "panglot.pipeline.loading",
    "load_diarizer": "panglot.pipeline.loading",
    "transcribe": "panglot.pipeline.loading",
}

__all__ = [
    "Audit",
    "Finding",
    "LanguageSpan",
    "Model",
    "PanglotError",
    "Progress",
    "Receipt",
    "Segment",
    "Speaker",
    "SpeakerTimeline",
    "Transcript",
    "Transcription",
    "Turn",
    "Utterance",
    "Voiceprint",
    "Voiceprints",
    "Word",
    "__version__",
    "detect",
    "diarize",
    "load",
    "load_diarizer",
    "transcribe",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'panglot' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
