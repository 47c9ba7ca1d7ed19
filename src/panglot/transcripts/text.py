"""Text rules shared by everything that joins, cuts or prints transcripts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from panglot.transcripts.records import Segment

SPACELESS = frozenset({"bo", "ja", "km", "lo", "my", "th", "yue", "zh"})
"""Codes of languages that put no space between words."""

SENTENCE_ENDS = frozenset(".?!…。．！？｡।॥؟۔።፧။།༎។៕։")
CLAUSE_ENDS = frozenset(",;:、，；：､،؛၊፣፤፥·–—")

# Not endings, though a dot follows: titles and abbreviations that are common in subtitles of many languages.
_ABBREVIATION = re.compile(
    r"bzw|ca|dr|e\.g|etc|hr|i\.e|jr|mlle|mme|mr|mrs|ms|nr|p\.ex|prof|sr|sra|srta|st|u\.a|usw|vs|z\.b"
)


def is_spaced(language: str) -> bool:
    """Whether a language puts spaces between words."""
    return language not in SPACELESS


def separator(before: Segment, after: Segment) -> str:
    """Return what stands between two segments: nothing inside one language without spaces, else one space."""
    return "" if before.language == after.language and not is_spaced(after.language) else " "


def join_segments(segments: Sequence[Segment]) -> str:
    """Text of several segments as one string, without space at either end; segments without text leave no trace."""
    spoken = [segment for segment in segments if segment.text.strip()]
    if not spoken:
        return ""
    return spoken[0].text.strip() + "".join(separator(a, b) + b.text.strip() for a, b in pairwise(spoken))


def one_line(text: str) -> str:
    """Text without line breaks, tabs or control characters: any run of them and of spaces becomes one space."""
    if text.isprintable():
        return " ".join(text.split())
    printable = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text)
    return " ".join(printable.split())


@lru_cache(maxsize=4096)
def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def width(text: str) -> int:
    """Columns a text takes: 2 for a wide East Asian character, 0 for a combining mark, 1 for any other."""
    return sum(map(_char_width, text))


def ending(text: str) -> Literal["sentence", "clause"] | None:
    """Tell by its punctuation what ends with a word; closing quotes and brackets are looked through."""
    core = text.strip()
    while core and (core[-1] in "\"'" or unicodedata.category(core[-1]) in ("Pe", "Pf")):
        core = core[:-1]
    if not core:
        return None
    if core[-1] in SENTENCE_ENDS:
        return None if core[-1] == "." and _is_dotted(core[:-1]) else "sentence"
    return "clause" if core[-1] in CLAUSE_ENDS else None


def _is_dotted(word: str) -> bool:
    """Whether a dot belongs to the word before it: initials, ordinals such as "3.", common abbreviations."""
    bare = word.lstrip("\"'(«„“").casefold()
    is_initial = len(bare) == 1 and bare.isalpha() and bare.isascii()
    is_ordinal = len(bare) <= 2 and bare.isdigit()
    return is_initial or is_ordinal or _ABBREVIATION.fullmatch(bare) is not None
