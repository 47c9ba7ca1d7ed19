"""Plainer writing: without punctuation, without capitals."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from panglot.service.text.editing import is_punctuation, rewrite, with_words
from panglot.transcripts.records import Segment, Transcript
from panglot.transcripts.text import is_spaced
from panglot.transcripts.words import timed_words

_MARK = re.compile(r"(\[[A-Z]+(?:_[A-Z]+)*\])")
"""What stands in the place of redacted words; it stays as it is."""

_BREAK = re.compile(r"(?<=\w)(?:[…—–]|\.{2,}|--+)(?=\w)")
"""A pause written between two words without space."""

_SPACELESS_PUNCTUATION = re.compile(r"[、。，！？：；「」『』（）]")

_NUMBER_STARTS = ("-", "−", ".")


def remove_punctuation(transcript: Transcript) -> Transcript:
    """Leave out punctuation; what is inside a word, a number or an address stays.

    Words of nothing but punctuation are left out.
    """
    return rewrite(transcript, lambda segment: _changed(segment, _bare))


def lower_case(transcript: Transcript) -> Transcript:
    """Write everything in lower case, by the rules of each segment's language; the spelling of numbers stays."""
    return rewrite(transcript, lambda segment: _changed(segment, _lower))


def _changed(segment: Segment, change: Callable[[str, str], str]) -> Segment | None:
    """Change each word with ``change(text, language)``, but for the marks in it."""
    made = [
        replace(
            word,
            text="".join(
                part if _MARK.fullmatch(part) else change(part, segment.language) for part in _MARK.split(word.text)
            ),
        )
        for word in timed_words(segment)
    ]
    return with_words(segment, made)


def _lower(text: str, language: str) -> str:
    if language in ("tr", "az"):
        text = text.replace("I", "ı").replace("İ", "i")
    return text.lower()


def _bare(text: str, language: str) -> str:
    first, last = 0, len(text)
    while first < last and (is_punctuation(text[first]) or text[first].isspace()):
        if text[first] in _NUMBER_STARTS and text[first + 1 : first + 2].isdigit():
            break
        first += 1
    while last > first and (is_punctuation(text[last - 1]) or text[last - 1].isspace()):
        last -= 1
    core = _BREAK.sub(" ", text[first:last])
    if not is_spaced(language):
        core = _SPACELESS_PUNCTUATION.sub("", core)
    return _space(text[:first]) + core + _space(text[last:])


def _space(text: str) -> str:
    return "".join(char for char in text if char.isspace())
