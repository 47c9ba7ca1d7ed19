"""Sentences and paragraphs: the same words as the segments, cut and joined for reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from panglot.transcripts.records import Segment, Transcript, Word
from panglot.transcripts.text import ending
from panglot.transcripts.words import cut_segment, merge_segments
from panglot.units import Seconds

PARAGRAPH_PAUSE: Seconds = 2.0
"""A silence of this length starts a new paragraph, even in the middle of a sentence."""

PARAGRAPH_LENGTH = 600
"""Characters after which the next end of a sentence ends the paragraph."""


def separate(before: Segment, after: Segment) -> bool:
    """Whether two segments belong to different paragraphs: other speaker, channel or language, or a long pause."""
    same = (before.speaker, before.channel, before.language) == (after.speaker, after.channel, after.language)
    return not same or after.start - before.end >= PARAGRAPH_PAUSE


def sentences(transcript: Transcript) -> tuple[Segment, ...]:
    """Cut and join the segments so that each is a sentence.

    A sentence ends with its punctuation, at a long pause, or where speaker, channel or language change. Its numbers
    about the recognition are the worst of the segments it comes from. Words joined are exactly the sentence's text.
    """
    parts = (part for segment in transcript.segments for part in cut_segment(segment, _ends))
    return _fold(parts, lambda group, part: ending(group[-1].text) != "sentence" and not separate(group[-1], part))


def paragraphs(transcript: Transcript) -> tuple[Segment, ...]:
    """Join sentences to paragraphs: a new one at a long pause, after about 600 characters, or for a new speaker.

    A change of channel or language starts one, too. Words joined are exactly the paragraph's text.
    """
    return _fold(
        sentences(transcript),
        lambda group, part: sum(len(s.text) for s in group) < PARAGRAPH_LENGTH and not separate(group[-1], part),
    )


def _ends(word: Word, after: Word) -> bool:
    return (
        word.speaker != after.speaker
        or after.start - word.end >= PARAGRAPH_PAUSE
        or (ending(word.text) == "sentence" and _starts(word.text, after.text))
    )


def _starts(before: str, text: str) -> bool:
    """Whether a word can start a sentence: not in lower case, and not the rest of a number such as "3.5"."""
    core = text.strip()
    return bool(core) and not core[0].islower() and (text[0].isspace() or not before.endswith("."))


def _fold(parts: Iterable[Segment], joins: Callable[[Sequence[Segment], Segment], bool]) -> tuple[Segment, ...]:
    groups: list[list[Segment]] = []
    for part in parts:
        if groups and joins(groups[-1], part):
            groups[-1].append(part)
        else:
            groups.append([part])
    return tuple(merge_segments(group) for group in groups)
