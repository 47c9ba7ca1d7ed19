"""Who speaks when, written down: rttm for diarization tools, json for programs."""

from __future__ import annotations

import json

from panglot.errors import OptionError
from panglot.transcripts.formats.json import speakers_content
from panglot.transcripts.formats.rttm import write_turns
from panglot.transcripts.records import SpeakerTimeline

FORMATS = ("rttm", "json")


def write(timeline: SpeakerTimeline, name: str, *, recording: str) -> str:
    """Write a timeline; see `SpeakerTimeline.to`."""
    if name.lower() not in FORMATS:
        raise OptionError(f"speakers alone cannot be written as {name!r}. Formats: {', '.join(FORMATS)}.")
    if name.lower() == "rttm":
        return write_turns(timeline.turns, recording=recording)
    content = {
        **speakers_content(timeline.speakers, timeline.turns),
        "duration": round(timeline.duration, 3),
        "warnings": list(timeline.warnings),
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"
