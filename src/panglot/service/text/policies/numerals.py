"""Numbers in a text, in any digits, and in words where single digits are spoken."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

_DIGIT_WORDS = {
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zwo=2",
    "en": "zero one two three four five six seven eight nine oh=0 nought=0",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "nl": "nul een twee drie vier vijf zes zeven acht negen één=1",
    "pl": "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć",
    "pt": "zero um dois três quatro cinco seis sete oito nove duas=2 meia=6",
    "ru": "ноль один два три четыре пять шесть семь восемь девять нуль=0",
}
_ENGLISH_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_IDEOGRAPHS = dict(zip("〇一二三四五六七八九零幺", "012345678901", strict=True))

_AMOUNT = r"(?<![\d.,])[1-9]\d{0,2}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3}){0,2}(?![.,]?\d)"
"""A number below 10^12 with marks for its thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeral:
    """A number as it stands in a text."""

    start: int
    end: int
    digits: str
    """In ASCII."""
    is_amount: bool = False
    """Written as a quantity, with marks for thousands."""


def numerals(text: str, language: str) -> list[Numeral]:
    """Find the numbers in a text, in order: digits in any script, spoken digits, and in English also spoken tens.

    Parameters
    ----------
    text
        Any.
    language
        Its code; digits are found in all, words in de, en, es, fr, it, nl, pl, pt and ru, signs in zh and ja.

    Returns
    -------
    list of Numeral
        Without overlaps.
    """
    return [
        Numeral(
            start=found.start(),
            end=found.end(),
            digits=_digits(found.group(), language),
            is_amount=found.group("mark") is not None,
        )
        for found in _pattern(language).finditer(text)
    ]


@cache
def _values(language: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for index, word in enumerate(_DIGIT_WORDS.get(language, "").split()):
        name, _, value = word.partition("=")
        values[name] = value or str(index)
    if language == "en":
        values |= {word: str(10 + index) for index, word in enumerate(_ENGLISH_TEENS.split())}
        values |= {word: str(20 + 10 * index) for index, word in enumerate(_ENGLISH_TENS.split())}
    if language in ("zh", "ja", "yue"):
        values |= _IDEOGRAPHS
    return values


@cache
def _pattern(language: str) -> re.Pattern[str]:
    kinds = [_AMOUNT, r"\d+"]
    values = _values(language)
    if language == "en":
        unit = "|".join(word for word, value in values.items() if len(value) == 1)
        kinds += [
            rf"\b(?:double|triple)[\s-]+(?:{unit}|\d)\b",
            rf"\b(?:{unit})[\s-]+hundred\b",
            rf"\b(?:{'|'.join(_ENGLISH_TENS.split())})(?:[\s-]+(?:{_units_from_one(values)}))?\b",
        ]
    if language in ("zh", "ja", "yue"):
        kinds.append(f"[{''.join(values)}]")
    elif values:
        kinds.append(rf"\b(?:{'|'.join(values)})\b")
    return re.compile("|".join(kinds), re.IGNORECASE)


def _units_from_one(values: dict[str, str]) -> str:
    return "|".join(word for word, value in values.items() if len(value) == 1 and value != "0")


def _digits(text: str, language: str) -> str:
    values = _values(language)
    known = [values[word] for word in re.split(r"[\s-]+", text.lower()) if word in values]
    written = "".join(str(unicodedata.digit(char)) for char in text if char.isdecimal())
    match re.split(r"[\s-]+", text.lower())[0], known:
        case "double", _:
            return 2 * (written or known[0])
        case "triple", _:
            return 3 * (written or known[0])
        case _, [tens, unit]:
            return tens[0] + unit
        case _, [value]:
            return value + "00" if text.lower().endswith("hundred") else value
        case _:
            return written
