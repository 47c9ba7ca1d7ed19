"""NIST rich transcription time marks: one ``SPEAKER`` line for each turn.

``SPEAKER recording channel start duration <NA> <NA> speaker <NA> <NA>``. Where speakers were told apart by sound, the
lines are their turns. Else words make the turns: pauses under 0.3 s do not end one, as in the NIST evaluations (Rich
Transcription 2009 evaluation plan), and the name is ``<NA>``, the format's own word for what is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from panglot.transcripts.formats.ctm import field
from panglot.transcripts.records import Transcript, Turn
from panglot.transcripts.text import one_line
from panglot.transcripts.words import speaker_turns, timed_words
from panglot.units import milliseconds

LONGEST_GAP = 300
"""Milliseconds of silence that a turn can contain."""


@dataclass(slots=True)
class _Turn:
    channel: int
    speaker: str
    start: int
    end: int


def write(transcript: Transcript, *, recording: str = "recording") -> str:
    """Write the turns of a transcript.

    Parameters
    ----------
    transcript
        Turns say who speaks, or else segments and words.
    recording
        Name of the recording, the second column. A saved file has its own name here.

    Returns
    -------
    str
        The whole file.
    """
    return (
        write_turns(transcript.turns, recording=recording)
        if transcript.turns
        else _lines(_turns(transcript), recording)
    )


def write_turns(turns: Iterable[Turn], *, recording: str) -> str:
    """Write turns, one line each, in order of time."""
    return _lines(map(_heard, turns), recording)


def _lines(found: Iterable[_Turn], recording: str) -> str:
    name = field(recording) or "recording"
    turns = sorted(found, key=lambda turn: (turn.start, turn.channel))
    return "".join(
        f"SPEAKER {name} {turn.channel} {turn.start / 1000:.3f} {(turn.end - turn.start) / 1000:.3f} "
        f"<NA> <NA> {turn.speaker} <NA> <NA>\n"
        for turn in turns
    )


def _heard(turn: Turn) -> _Turn:
    return _Turn(turn.channel or 1, field(turn.speaker) or "<NA>", milliseconds(turn.start), milliseconds(turn.end))


def _turns(transcript: Transcript) -> Iterator[_Turn]:
    open_turns: dict[tuple[int, str], _Turn] = {}
    for part in speaker_turns(transcript):
        voice = (part.channel or 1, field(part.speaker or "") or "<NA>")
        for word in timed_words(part):
            if not one_line(word.text):
                continue
            start, end = milliseconds(word.start), milliseconds(word.end)
            turn = open_turns.get(voice)
            if turn is not None and start - turn.end < LONGEST_GAP:
                turn.end = max(turn.end, end)
                continue
            if turn is not None:
                yield turn
            open_turns[voice] = _Turn(*voice, start, end)
    yield from open_turns.values()
