"""WebVTT subtitles, as the W3C describes them (https://www.w3.org/TR/webvtt1/, sections 4.1 and 4.2)."""

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
    """Write a transcript as WebVTT; for the options see `panglot.transcripts.captions.captions`."""
    cues = captions(
        transcript, max_line_length=max_line_length, max_lines=max_lines, words=words, reading_speed=reading_speed
    )
    return "WEBVTT\n" + "".join(map(_block, cues))


def _block(cue: Cue) -> str:
    voice = f"<v {_escape(cue.speaker)}>" if cue.speaker is not None else cue.label
    text = voice + "\n".join(map(_escape, cue.lines))
    return f"\n{clock(cue.start, '.')} --> {clock(cue.end, '.')}\n{text}\n"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
