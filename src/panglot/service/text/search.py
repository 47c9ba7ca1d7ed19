"""Finding words and phrases in a transcript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panglot.errors import RequestError
from panglot.service.text.editing import affixes
from panglot.transcripts.records import Transcript, Word
from panglot.transcripts.words import timed_words
from panglot.units import milliseconds

PHRASE_LENGTH = 5
"""Words that a phrase may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Where one item was found."""

    text: str
    """The item, in lower case."""
    timestamps: tuple[tuple[int, int], ...]
    """Start and end of each place, in milliseconds."""
    indexes: tuple[int, ...]
    """Of the first word of each place, in `flat_words`."""

    @property
    def count(self) -> int:
        """How often it occurs."""
        return len(self.indexes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search found."""

    matches: tuple[Match, ...]
    """One for each item that occurs, in the order of the items."""

    @property
    def total_count(self) -> int:
        """How often all items occur together."""
        return sum(match.count for match in self.matches)


def flat_words(transcript: Transcript) -> tuple[Word, ...]:
    """All words of a transcript in the order of its segments, those that are blank left out."""
    return tuple(word for segment in transcript.segments for word in timed_words(segment) if word.text.strip())


def search(transcript: Transcript, items: Sequence[str]) -> Search:
    """Find words, numbers and phrases.

    Parameters
    ----------
    transcript
        Where to look.
    items
        Each of one to `PHRASE_LENGTH` words. Neither case nor the punctuation around words matters. In languages
        without spaces between words an item may span several of the transcript's units.

    Returns
    -------
    Search
        What occurs; an item that is given twice counts once.

    Raises
    ------
    RequestError
        If there is no item, or one has no word or too many.
    """
    wanted = dict.fromkeys(" ".join(item.lower().split()) for item in items)
    if not wanted:
        raise RequestError("There is nothing to search for. Give words=..., separated by commas.")
    for item in wanted:
        if not 1 <= len(item.split()) <= PHRASE_LENGTH:
            raise RequestError(
                f"'{item}' cannot be searched for. Give a word, or a phrase of up to {PHRASE_LENGTH} words."
            )
    words = flat_words(transcript)
    plain = [_plain(word.text) for word in words]
    places: dict[str, list[int]] = {}
    for index, text in enumerate(plain):
        places.setdefault(text[:1], []).append(index)
    found = (_match(item, words, plain, places) for item in wanted)
    return Search(matches=tuple(match for match in found if match.count))


def _plain(text: str) -> str:
    return affixes(text)[1].casefold()


def _match(item: str, words: Sequence[Word], plain: Sequence[str], places: dict[str, list[int]]) -> Match:
    phrase = [_plain(word) for word in item.split()]
    spans = [
        (first, last)
        for first in places.get(phrase[0][:1], ())
        if (last := _last(phrase, words, plain, first)) is not None
    ]
    return Match(
        text=item,
        timestamps=tuple((milliseconds(words[a].start), milliseconds(words[b].end)) for a, b in spans),
        indexes=tuple(a for a, _ in spans),
    )


def _last(phrase: Sequence[str], words: Sequence[Word], plain: Sequence[str], index: int) -> int | None:
    """Index of the word that ends a phrase which starts at an index; each of its words may span units without space."""
    start = index
    for wanted in phrase:
        text = ""
        while len(text) < len(wanted):
            if index == len(words) or (text and words[index].text[0].isspace()):
                return None
            text += plain[index]
            index += 1
        if text != wanted:
            return None
    return index - 1 if index > start else None
