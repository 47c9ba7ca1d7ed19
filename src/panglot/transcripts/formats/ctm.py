"""NIST time-marked conversation file: one word a line.

``recording channel start duration word confidence``, sorted by channel and start, as ``sclite`` reads it
(https://github.com/usnistgov/SCTK, doc/infmts.htm). Space inside a word becomes ``_``.
"""

from __future__ import annotations

from panglot.transcripts.records import Transcript
from panglot.transcripts.text import one_line
from panglot.transcripts.words import timed_words
from panglot.units import milliseconds


def write(transcript: Transcript, *, recording: str = "recording") -> str:
    """Write the words of a transcript.

    Parameters
    ----------
    transcript
        Where a segment has no words, their times are estimated from the segment's.
    recording
        Name of the recording, the first column. A saved file has its own name here.

    Returns
    -------
    str
        The whole file.
    """
    name = field(recording) or "recording"
    rows = sorted(
        (segment.channel or 1, milliseconds(word.start), milliseconds(word.end), text, word.probability)
        for segment in transcript.segments
        for word in timed_words(segment)
        if (text := field(word.text))
    )
    return "".join(
        f"{name} {channel} {start / 1000:.3f} {(end - start) / 1000:.3f} {text} {probability:.3f}\n"
        for channel, start, end, text, probability in rows
    )


def field(text: str) -> str:
    """Text as one column of a file whose columns are parted by space."""
    return one_line(text).replace(" ", "_")
