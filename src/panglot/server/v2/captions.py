"""Subtitles as the API gives them: the words alone, without the names of speakers."""

from __future__ import annotations

from panglot.transcripts import Transcript
from panglot.transcripts.captions import LINE_LENGTH, LINES, Cue, captions
from panglot.transcripts.formats.clock import clock


def srt(transcript: Transcript, *, chars_per_caption: int | None) -> str:
    """Write SubRip subtitles.

    Parameters
    ----------
    transcript
        What to write.
    chars_per_caption
        The most characters of a caption; a single word may be longer. By default two lines of 42.

    Returns
    -------
    str
        The whole file.
    """
    cues = _cues(transcript, chars_per_caption)
    return "\n".join(
        f"{number}\n{_times(cue, ',')}\n{_text(cue).replace('-->', '→')}\n" for number, cue in enumerate(cues, start=1)
    )


def vtt(transcript: Transcript, *, chars_per_caption: int | None) -> str:
    """Write WebVTT; parameters as for `srt`."""
    cues = _cues(transcript, chars_per_caption)
    return "WEBVTT\n" + "".join(f"\n{_times(cue, '.')}\n{_escape(_text(cue))}\n" for cue in cues)


def _cues(transcript: Transcript, chars: int | None) -> tuple[Cue, ...]:
    if chars is None:
        return captions(transcript)
    lines = 1 if chars <= LINE_LENGTH else LINES
    return captions(transcript, max_line_length=chars // lines, max_lines=lines)


def _text(cue: Cue) -> str:
    return "\n".join(cue.lines)


def _times(cue: Cue, point: str) -> str:
    return f"{clock(cue.start, point)} --> {clock(cue.end, point)}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
