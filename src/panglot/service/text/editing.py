"""Changing characters of a text that is made of words, so that words, text and times stay in step."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from panglot.transcripts.records import Segment, Transcript, Word
from panglot.transcripts.text import join_segments
from panglot.transcripts.words import trim_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Characters of the words' joined text, from ``start`` up to ``end``, and what stands there instead."""

    start: int
    end: int
    text: str


def edit_words(words: Sequence[Word], edits: Iterable[Edit]) -> tuple[Word, ...]:
    """Make changes that do not overlap; words that a change touches become one word over all their time.

    A word that is left without a letter, digit or symbol by a change is left blank.
    """
    text = "".join(word.text for word in words)
    bounds = [0, *accumulate(len(word.text) for word in words)]
    made: list[Word] = []
    done = 0
    for first, last, group in _groups(bounds, edits):
        made += words[done:first]
        whole = _merged(words[first : last + 1], _changed(text, bounds[first], bounds[last + 1], group))
        made.append(whole if has_content(whole.text) else blank(whole))
        done = last + 1
    return (*made, *words[done:])


def _groups(bounds: Sequence[int], edits: Iterable[Edit]) -> list[tuple[int, int, list[Edit]]]:
    """Changes that touch a common word, with the first and the last word that they touch."""
    groups: list[tuple[int, int, list[Edit]]] = []
    for edit in sorted(edits, key=lambda each: each.start):
        first, last = bisect_right(bounds, edit.start) - 1, bisect_right(bounds, edit.end - 1) - 1
        if groups and groups[-1][1] >= first:
            before = groups.pop()
            groups.append((before[0], max(before[1], last), [*before[2], edit]))
        else:
            groups.append((first, last, [edit]))
    return groups


def _changed(text: str, start: int, end: int, edits: Sequence[Edit]) -> str:
    parts: list[str] = []
    for edit in edits:
        parts += (text[start : edit.start], edit.text)
        start = edit.end
    return "".join((*parts, text[start:end]))


def _merged(words: Sequence[Word], text: str) -> Word:
    return replace(
        words[0],
        end=max(word.end for word in words),
        text=text,
        probability=min(word.probability for word in words),
    )


def has_content(text: str) -> bool:
    """Whether a text holds more than space and punctuation; marks such as ``#`` and ``%`` count as content."""
    return any(not (char.isspace() or is_punctuation(char)) for char in text)


def is_punctuation(char: str) -> bool:
    """Whether a character is punctuation that carries no word of its own."""
    return unicodedata.category(char)[0] == "P" and char not in "#%&*@§"


def affixes(text: str) -> tuple[str, str, str]:
    """Cut a word into the space and punctuation before it, its core, and the punctuation after it."""
    first, last = 0, len(text)
    while first < last and (text[first].isspace() or is_punctuation(text[first])):
        first += 1
    while last > first and (text[last - 1].isspace() or is_punctuation(text[last - 1])):
        last -= 1
    return text[:first], text[first:last], text[last:]


def capitalise(word: Word) -> Word:
    """Return the word with a capital at its start."""
    before, core, after = affixes(word.text)
    return replace(word, text=before + core[:1].upper() + core[1:] + after)


def blank(word: Word) -> Word:
    """Return the word without its text; only the space before it stays, for the word after it."""
    return replace(word, text=word.text[: len(word.text) - len(word.text.lstrip())])


def _without_blanks(words: Iterable[Word]) -> Iterator[Word]:
    space = ""
    for word in words:
        if not word.text.strip():
            space = space or word.text
        else:
            yield word if word.text[0].isspace() else replace(word, text=space + word.text)
            space = ""


def with_words(segment: Segment, words: Sequence[Word]) -> Segment | None:
    """Return the segment with other words, or nothing where they say nothing.

    Parameters
    ----------
    segment
        As it was.
    words
        What became of `panglot.transcripts.words.timed_words` of it; blank ones are left out.

    Returns
    -------
    Segment or None
        Its text is that of the words; it has none of its own where the segment had none.
    """
    kept = trim_words(tuple(_without_blanks(words)))
    if not kept:
        return None
    if kept == segment.words:
        return segment
    return replace(
        segment,
        start=kept[0].start,
        end=max(word.end for word in kept),
        text="".join(word.text for word in kept),
        words=kept if segment.words else (),
    )


def rewrite(transcript: Transcript, change: Callable[[Segment], Segment | None]) -> Transcript:
    """Change each segment and rebuild the text; a segment that becomes nothing is left out."""
    return with_segments(transcript, (change(segment) for segment in transcript.segments))


def with_segments(transcript: Transcript, segments: Iterable[Segment | None]) -> Transcript:
    """Return the transcript with other segments and the text they make."""
    kept = tuple(segment for segment in segments if segment is not None)
    return replace(transcript, segments=kept, text=join_segments(kept))
