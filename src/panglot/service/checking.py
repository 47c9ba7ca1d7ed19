"""What an edited document must be: so that times stay attached to words, and everybody who speaks has a name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise

from panglot.errors import RequestError
from panglot.language import LANGUAGES
from panglot.service.documents import Document, DocumentSegment
from panglot.units import Seconds

_SLACK: Seconds = 0.002
"""Times are rounded to the millisecond, twice."""


def check(document: Document, original: Document) -> None:
    """Check an edited document.

    Parameters
    ----------
    document
        As it was sent.
    original
        As it was recognised.

    Raises
    ------
    RequestError
        If something cannot be; the message names the segment and what is wrong with it.
    """
    end = max([original.duration, *(segment.end for segment in original.segments)]) + _SLACK
    problem = next(_problems(document, end), None)
    if problem is not None:
        raise RequestError(f"The document cannot be kept: {problem}")


def _problems(document: Document, end: Seconds) -> Iterator[str]:
    seen: set[str] = set()
    for segment in document.segments:
        if segment.id in seen:
            yield f"two segments have the id {segment.id!r}. Give each its own."
        seen.add(segment.id)
        yield from _segment_problems(segment, document, end)
    for before, after in pairwise(document.segments):
        if after.start + _SLACK < before.start:
            yield (
                f"segment {after.id!r} starts at {after.start:g} s, and {before.id!r} before it at {before.start:g} s. "
                "Give segments in order of their start."
            )
    for turn in document.turns:
        if turn.speaker not in document.speakers:
            yield f"a turn is of speaker {turn.speaker!r}, who is not in 'speakers'. Add them there."
        if turn.start > turn.end + _SLACK:
            yield f"a turn starts at {turn.start:g} s and ends at {turn.end:g} s. Give an end that is not before it."
    yield from _name_problems(document.speakers.items())


def _segment_problems(segment: DocumentSegment, document: Document, end: Seconds) -> Iterator[str]:
    name = f"segment {segment.id!r}"
    if not 0 <= segment.start <= segment.end <= end:
        yield f"{name} is from {segment.start:g} to {segment.end:g} s; the recording is from 0 to {end:.3f} s."
    if segment.speaker is not None and segment.speaker not in document.speakers:
        yield f"{name} is of speaker {segment.speaker!r}, who is not in 'speakers'. Add them there."
    if segment.language not in LANGUAGES:
        yield f"{name} is in the language {segment.language!r}, which is none of the 99 codes, such as 'de'."
    latest = segment.start - _SLACK
    for word in segment.words:
        if word.start < latest or word.start > word.end + _SLACK or word.end > segment.end + _SLACK:
            yield (
                f"the word {word.text.strip()[:50]!r} of {name} is from {word.start:g} to {word.end:g} s, which is "
                "before the word before it, or outside the segment. Give words in order of their times."
            )
        if any(unicodedata.category(char) == "Cc" and not char.isspace() for char in word.text):
            yield f"a word of {name} has a control character: {word.text[:50]!r}. Leave it out."
        latest = word.start - _SLACK


def _name_problems(speakers: Iterable[tuple[str, str]]) -> Iterator[str]:
    for label, name in speakers:
        if not label.strip() or not name.strip() or not f"{label}{name}".isprintable():
            yield f"the speaker {label!r} is called {name!r}. Give a name of letters, without line breaks."
