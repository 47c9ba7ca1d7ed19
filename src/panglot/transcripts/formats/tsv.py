"""A table of segments: tab-separated, a header line, times in whole milliseconds.

Columns are ``start``, ``end``, ``language`` and ``text``; where speakers are known, ``speaker`` stands before ``text``.
"""

from __future__ import annotations

from panglot.transcripts.records import Segment, Transcript
from panglot.transcripts.text import one_line
from panglot.transcripts.words import speaker_turns
from panglot.units import milliseconds


def write(transcript: Transcript) -> str:
    """Write a transcript as a table."""
    turns = [turn for turn in speaker_turns(transcript) if one_line(turn.text)]
    speakers = any(turn.speaker is not None for turn in turns)
    header = ["start", "end", "language", *(["speaker"] if speakers else []), "text"]
    rows = [header, *(_row(turn, speakers=speakers) for turn in turns)]
    return "".join("\t".join(row) + "\n" for row in rows)


def _row(turn: Segment, *, speakers: bool) -> list[str]:
    speaker = [one_line(turn.speaker or "")] if speakers else []
    times = [str(milliseconds(turn.start)), str(milliseconds(turn.end))]
    return [*times, turn.language, *speaker, one_line(turn.text)]
