"""Words from timed pieces of text, in every language, kept inside speech."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from panglot.audio.activity import HOP_SECONDS
from panglot.engines import Piece
from panglot.pipeline.windows import Window
from panglot.transcripts.records import Word
from panglot.transcripts.text import is_spaced
from panglot.transcripts.words import trim_words
from panglot.units import Seconds

_OPENING = frozenset("\"'“‘«„¿¡([{-—「『（《〈【")
_BEFORE_CONSONANT = frozenset("เแโใไເແໂໃໄ")
"""Thai and Lao vowels that are written before the consonant they follow in speech."""
_STACKERS = frozenset("\u17d2\u1039")
"""Khmer coeng and Burmese virama: the next letter is written under this one."""

_SHORTEST: Seconds = 0.02
_TOLERANCE: Seconds = 0.3
_CJK = ("CJK", "HIRAGANA", "KATAKANA")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """A word in the making; times within the window."""

    text: str
    start: Seconds
    end: Seconds
    weight: int
    probability: float


def words_of(pieces: Sequence[Piece], *, language: str, window: Window) -> tuple[Word, ...]:
    """Group pieces into words and place them on the recording's time line.

    Parameters
    ----------
    pieces
        What the engine aligned, in order; times in the window.
    language
        Decides where words end: at spaces, or for languages without spaces at characters and syllable marks.
    window
        Where the pieces come from; words are kept inside its regions of speech.

    Returns
    -------
    tuple of Word
        Texts joined are the pieces' texts joined, less spaces at the ends. Starts and ends never decrease.
    """
    joins = _joins_spaced if is_spaced(language) else _joins_spaceless
    units: list[_Unit] = []
    for piece in pieces:
        if not piece.text:
            continue
        if units and joins(units[-1].text, piece.text):
            units[-1] = _merge(units[-1], piece)
        else:
            units.append(
                _Unit(text=piece.text, start=piece.start, end=piece.end, weight=1, probability=piece.probability)
            )
    return trim_words(_placed(units, window))


def _joins_spaced(before: str, text: str) -> bool:
    if text[0].isspace():
        return not before.strip()
    return True


def _joins_spaceless(before: str, text: str) -> bool:
    if not before.strip():
        return True
    if text[0].isspace():
        return False
    last = before[-1]
    if last in _BEFORE_CONSONANT or last in _STACKERS or all(char in _OPENING for char in before.strip()):
        return True
    category = unicodedata.category(text[0])
    if category[0] == "M" or category in ("Pe", "Pf", "Po", "Pd") or text[0] in "\u200b\u200c\u200d":
        return True
    # Latin words and numbers inside such a text stay whole.
    return last.isalnum() and text[0].isalnum() and _is_western(last) and _is_western(text[0])


def _is_western(char: str) -> bool:
    return char.isdigit() or unicodedata.name(char, "").startswith("LATIN")


def _merge(unit: _Unit, piece: Piece) -> _Unit:
    weight = unit.weight + 1
    return _Unit(
        text=unit.text + piece.text,
        start=unit.start,
        end=piece.end,
        weight=weight,
        probability=unit.probability + (piece.probability - unit.probability) / weight,
    )


def _placed(units: Sequence[_Unit], window: Window) -> tuple[Word, ...]:
    words: list[Word] = []
    earliest = window.start
    for left, unit in zip(range(len(units), 0, -1), units, strict=True):
        start, end = _in_speech(window.original(unit.start), window.original(unit.end, end=True), window)
        # Words that crowd at the end leave room for those that are left.
        start = max(min(start, window.end - left * _SHORTEST), earliest)
        end = max(min(end, window.end - (left - 1) * _SHORTEST), start + _SHORTEST)
        earliest = end
        words.append(Word(start=start, end=end, text=unit.text, probability=min(max(unit.probability, 0.0), 1.0)))
    return tuple(words)


def _in_speech(start: Seconds, end: Seconds, window: Window) -> tuple[Seconds, Seconds]:
    """The part of a stretch that is speech: of the region it shares most time with, or the nearest one's edge."""
    end = max(end, start)
    shared = [(min(end, region.end) - max(start, region.start), region) for region in window.regions]
    region = max(shared, key=lambda pair: pair[0])[1]
    # Alignment puts silence into the words beside it, so padding is no part of a word, but for the one step of the
    # voice activity by which it may be late.
    first = region.start + max(region.lead - HOP_SECONDS, 0.0)
    last = region.end - max(region.tail - HOP_SECONDS, 0.0)
    return min(max(start, first), last), max(min(end, last), first)


def outside_speech(pieces: Sequence[Piece], window: Window) -> Seconds:
    """Seconds of aligned text that lies wholly where nobody speaks, and not just beside speech.

    Alignment is no more exact than 0.3 s, so that words at the edge of a pause would be counted otherwise.
    """
    total = 0.0
    for piece in pieces:
        start, end = window.original(piece.start), window.original(piece.end, end=True)
        away = min(max(region.start - end, start - region.end) for region in window.regions)
        total += max(0.0, end - start) if piece.text.strip() and away > _TOLERANCE else 0.0
    return total
