"""Plain text: one segment a line, a blank line where speaker, channel or language change or nobody speaks for long.

A line is exactly what a segment says, so that lines can be printed as they are recognised and the file is the same.
The first line after a blank one starts with the speaker's name where speakers are known, or with the number of the
channel where there are several.
"""

from __future__ import annotations

from panglot.transcripts.labels import label, several_channels
from panglot.transcripts.paragraphs import separate
from panglot.transcripts.records import Segment, Transcript
from panglot.transcripts.text import one_line
from panglot.transcripts.words import turns_of


class Lines:
    """Lines of one transcript, segment by segment.

    Parameters
    ----------
    channels
        Whether to tell the channel.
    """

    def __init__(self, *, channels: bool = False) -> None:
        self._channels = channels
        self._before: Segment | None = None

    def feed(self, segment: Segment) -> str:
        """Lines for the next segment, each with its end."""
        return "".join(self._line(turn) for turn in turns_of(segment) if one_line(turn.text))

    def _line(self, turn: Segment) -> str:
        before, self._before = self._before, turn
        line = f"{one_line(turn.text)}\n"
        if before is not None and not separate(before, turn):
            return line
        voice = label(turn.speaker, turn.channel if self._channels else None)
        return f"{voice}{line}" if before is None else f"\n{voice}{line}"


def write(transcript: Transcript) -> str:
    """Write a transcript as plain text."""
    lines = Lines(channels=several_channels(transcript.segments))
    return "".join(map(lines.feed, transcript.segments))
