"""Markdown to read: a heading where the language changes, and paragraphs that start with speaker and time."""

from __future__ import annotations

import re

from panglot.transcripts.formats.clock import clock
from panglot.transcripts.labels import label, several_channels, speaker_name
from panglot.transcripts.paragraphs import paragraphs
from panglot.transcripts.records import Segment, Transcript
from panglot.transcripts.text import one_line
from panglot.units import Seconds, milliseconds

# What can mean something inside a paragraph; what only counts at the start of a line cannot stand there.
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|$])")


def write(transcript: Transcript) -> str:
    """Write a transcript as Markdown."""
    blocks = ["# Transcript", f"Duration {_time(transcript.duration)}"]
    channels = several_channels(transcript.segments)
    language: str | None = None
    for paragraph in paragraphs(transcript):
        if not one_line(paragraph.text):
            continue
        if paragraph.language != language:
            language = paragraph.language
            blocks.append(f"## {language}")
        blocks.append(_paragraph(paragraph, channel=paragraph.channel if channels else None))
    return "\n\n".join(blocks) + "\n"


def _paragraph(paragraph: Segment, *, channel: int | None) -> str:
    voice = speaker_name(paragraph.speaker) or label(None, channel).strip()
    bold = f"**{_escape(voice)}** " if voice else ""
    return f"{bold}({_time(paragraph.start).removeprefix('00:')}) {_escape(paragraph.text)}"


def _time(time: Seconds) -> str:
    return clock(milliseconds(time), ".").partition(".")[0]


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", one_line(text))
