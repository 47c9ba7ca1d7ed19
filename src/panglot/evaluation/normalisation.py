"""What counts as the same text: the rules a reference and a transcript pass through before they are compared.

English uses the Whisper paper's English rules (spelling, numbers, contractions), every other language its basic rules
(lower case, punctuation and symbols to spaces), with one difference: combining marks are kept. The basic rules as
published turn every mark into a space, which cuts Hindi, Malayalam, Thai and other words at their vowel signs.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Literal

from whisper_normalizer.basic import BasicTextNormalizer  # pyright: ignore[reportMissingTypeStubs]
from whisper_normalizer.english import EnglishTextNormalizer  # pyright: ignore[reportMissingTypeStubs]

Unit = Literal["word", "character"]

UNSPACED_LANGUAGES = frozenset({"zh", "ja", "th", "lo", "my", "km", "bo"})
"""Languages written without spaces between words: their errors are counted in characters (grapheme clusters).

The Whisper paper (Radford et al. 2022, section 4.4) does the same for zh, ja, th, lo and my; km and bo are ours, for
the same reason. Korean is written with spaces and counted in words, as there.
"""

_UNSPACED_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "MYANMAR", "KHMER", "TIBETAN")

# Older Malayalam text spells a chillu letter as consonant, virama, zero-width joiner; newer text has one code point.
_CHILLU = {
    "\u0d23\u0d4d\u200d": "\u0d7a",
    "\u0d28\u0d4d\u200d": "\u0d7b",
    "\u0d30\u0d4d\u200d": "\u0d7c",
    "\u0d32\u0d4d\u200d": "\u0d7d",
    "\u0d33\u0d4d\u200d": "\u0d7e",
    "\u0d15\u0d4d\u200d": "\u0d7f",
}


def unit_of(language: str | None) -> Unit:
    """Return the unit in which a language's errors are counted; ``None`` stands for several languages in one text."""
    return "character" if language in UNSPACED_LANGUAGES else "word"


def normalise(text: str, *, language: str | None) -> str:
    """Apply the language's rules; words stay apart by single spaces, with nothing at the ends.

    Parameters
    ----------
    text
        Any text.
    language
        ISO 639-1 code. ``None`` for a text in several languages: the rules shared by all but English.

    Returns
    -------
    str
        Empty where only punctuation was given.
    """
    return " ".join(_english()(text).split()) if language == "en" else _basic(text)


def units(text: str, *, language: str | None) -> tuple[str, ...]:
    """Cut a text into the words or characters whose errors are counted, after `normalise`.

    With ``language=None`` words of scripts without spaces are split into characters and all others stay whole, so that
    a text that changes language is cut the same way on both sides.
    """
    words = normalise(text, language=language).split()
    if language is None:
        return tuple(unit for word in words for unit in (_characters(word) if _unspaced(word) else [word]))
    return tuple(_characters(" ".join(words)) if unit_of(language) == "character" else words)


def _basic(text: str) -> str:
    for old, new in _CHILLU.items():
        text = text.replace(old, new)
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return " ".join(_marked()(visible).split())


def _unspaced(word: str) -> bool:
    return any(unicodedata.name(character, "").startswith(_UNSPACED_SCRIPTS) for character in word)


def _characters(text: str) -> list[str]:
    return _split()(text).split()


@cache
def _english() -> EnglishTextNormalizer:
    return EnglishTextNormalizer()


@cache
def _marked() -> BasicTextNormalizer:
    return BasicTextNormalizer(preserve_marks=True)


@cache
def _split() -> BasicTextNormalizer:
    return BasicTextNormalizer(preserve_marks=True, split_letters=True)
