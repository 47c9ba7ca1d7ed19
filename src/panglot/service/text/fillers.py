"""Fillers: sounds of thinking, which English transcripts leave out unless they are asked for."""

from __future__ import annotations

import re
from dataclasses import replace

from panglot.service.text.editing import affixes, blank, capitalise, rewrite, with_words
from panglot.transcripts.records import Segment, Transcript, Word
from panglot.transcripts.text import CLAUSE_ENDS, ending
from panglot.transcripts.words import timed_words

FILLER = r"u+h*m+|u+h+|h+m+|m+h+m+|m+-?h+m+|u+h+-?h+u+h+|a+h+|h+u+h+|m+"
"""Um, uh, hmm, hm, mhm, uh-huh, ah, huh and m, however long they are drawn out."""

_FILLER = re.compile(FILLER, re.IGNORECASE)
_UNIT = re.compile(r"m+", re.IGNORECASE)


def drop_fillers(transcript: Transcript) -> Transcript:
    """Leave out the fillers of English segments, and mend the capitals and the punctuation around them."""
    return rewrite(transcript, lambda segment: _without(segment) if segment.language == "en" else segment)


def _without(segment: Segment) -> Segment | None:
    made: list[Word] = []
    spoken: int | None = None
    capital = False
    words = timed_words(segment)
    for word in words:
        before = None if spoken is None else made[spoken]
        if _is_filler(word, before):
            capital = capital or (affixes(word.text)[1][:1].isupper() and _starts(before))
            if before is not None and spoken is not None:
                made[spoken] = _ended_as(word, before)
            made.append(blank(word))
        else:
            spoken = len(made)
            made.append(capitalise(word) if capital else word)
            capital = False
    return segment if made == list(words) else with_words(segment, made)


def _is_filler(word: Word, before: Word | None) -> bool:
    core = affixes(word.text)[1]
    if _UNIT.fullmatch(core):  # metres or an initial, unless it stands as a sound
        return core.islower() and not (before is not None and before.text[-1:].isdigit())
    return _FILLER.fullmatch(core) is not None


def _starts(before: Word | None) -> bool:
    return before is None or ending(before.text) == "sentence"


def _ended_as(filler: Word, before: Word) -> Word:
    """Return the word before a filler, ended as the filler was where that ended a sentence or was set off by commas."""
    if ending(before.text) == "sentence":
        return before
    bare = before.text[:-1] if before.text[-1:] in CLAUSE_ENDS else before.text
    match ending(filler.text):
        case "sentence":
            return replace(before, text=bare + affixes(filler.text)[2])
        case "clause":
            return replace(before, text=bare)
        case _:
            return before
