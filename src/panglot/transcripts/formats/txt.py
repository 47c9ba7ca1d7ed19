"""Plain text: one segment a line, a blank line where speaker, channel or language change or nobody speaks for long.

A line is exactly what a segment says, so that lines can be printed as they are recognised and the file is the same.
The first line after a blank one starts with the speaker's name where speakers are known.
"""

from __future__ import annotations

from panglot.transcripts.paragraphs import separate
from panglot.transcripts.records import Segment, Transcript
from panglot.transcripts.text import one_line
from panglot.transcripts.words import speaker_turns


def write(transcript: Transcript) -> str:
    """Write a transcript as plain text."""
    lines: list[str] = []
    before: Segment | None = None
    for turn in speaker_turns(transcript):
        if not (text := one_line(turn.text)):
            continue
        starts = before is None or separate(before, turn)
        if before is not None and starts:
            lines.append("")
        lines.append(f"{one_line(turn.speaker)}: {text}" if starts and turn.speaker is not None else text)
        before = turn
    return "".join(f"{line}\n" for line in lines)
