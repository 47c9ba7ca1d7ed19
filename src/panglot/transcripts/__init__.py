"""What was said, as frozen records, and everything that can be done with it: read, cut, join, write."""

from panglot.transcripts.formats import FORMATS, Format
from panglot.transcripts.formats.json import read_json
from panglot.transcripts.paragraphs import paragraphs, sentences
from panglot.transcripts.records import (
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
from panglot.transcripts.text import join_segments

__all__ = [
    "FORMATS",
    "Audit",
    "Finding",
    "Format",
    "LanguageSpan",
    "Receipt",
    "Segment",
    "Speaker",
    "SpeakerTimeline",
    "Transcript",
    "Turn",
    "Utterance",
    "Word",
    "join_segments",
    "paragraphs",
    "read_json",
    "sentences",
]
