"""SubRip subtitles.

SubRip has no standard and no way to escape. The one sequence that breaks its readers, ``-->``, is written as an arrow.
"""

from __future__ import annotations

from panglot.transcripts.captions import LINE_LENGTH, LINES, Cue, captions
from panglot.transcripts.formats.clock import clock
from panglot.transcripts.records import Transcript


def write(
    transcript: Transcript,
    *,
    max_line_length: int = LINE_LENGTH,
    max_lines: int = LINES,
    words: bool = False,
    reading_speed: float | None = None,
) -> str:
    """Write a transcript as SubRip subtitles; for the options see `panglot.transcripts.captions.captions`."""
    cues = captions(
        transcript, max_line_length=max_line_length, max_lines=max_lines, words=words, reading_speed=reading_speed
    )
    return "\n".join(_block(number, cue) for number, cue in enumerate(cues, start=1))


def _block(number: int, cue: Cue) -> str:
    text = (cue.label + "\n".join(cue.lines)).replace("-->", "→")
    return f"{number}\n{clock(cue.start, ',')} --> {clock(cue.end, ',')}\n{text}\n"
