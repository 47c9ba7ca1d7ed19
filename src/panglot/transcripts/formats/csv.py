"""A table of segments for spreadsheets: quoted as in RFC 4180, a header line, times in seconds.

Columns are ``start``, ``end``, ``speaker``, ``language`` and ``text``. A spreadsheet takes a cell that begins with
``=``, ``+``, ``-`` or ``@`` for a formula; such a cell gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io

from panglot.transcripts.records import Segment, Transcript
from panglot.transcripts.text import one_line
from panglot.transcripts.words import speaker_turns
from panglot.units import milliseconds

_FORMULA = ("=", "+", "-", "@")


def write(transcript: Transcript) -> str:
    """Write a transcript as a table."""
    made = io.StringIO()
    table = csv.writer(made, lineterminator="\n")
    table.writerow(("start", "end", "speaker", "language", "text"))
    table.writerows(_row(turn) for turn in speaker_turns(transcript) if one_line(turn.text))
    return made.getvalue()


def _row(turn: Segment) -> tuple[str, ...]:
    times = (f"{milliseconds(time) / 1000:.3f}" for time in (turn.start, turn.end))
    return (*times, _cell(turn.speaker or ""), turn.language, _cell(turn.text))


def _cell(text: str) -> str:
    line = one_line(text)
    return f"'{line}" if line.startswith(_FORMULA) else line
