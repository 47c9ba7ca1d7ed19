"""Which writing systems a text is in: a cheap check that a text is in the language it should be in."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache

from panglot.language.codes import LANGUAGES, normalise

# Unicode names a letter after its script ("CYRILLIC SMALL LETTER A"), except for these first words.
_RENAMED = {
    "CJK": "Han",
    "IDEOGRAPHIC": "Han",
    "KANGXI": "Han",
    "KATAKANA-HIRAGANA": "Katakana",
    "VERTICAL": "Hiragana",
    "FEMININE": "Latin",
    "MASCULINE": "Latin",
    "KELVIN": "Latin",
    "ANGSTROM": "Latin",
    "OHM": "Greek",
}
_WIDTHS = ("FULLWIDTH", "HALFWIDTH")

# Letters that many scripts share, or that stand for formulas.
_COMMON = frozenset({"MODIFIER", "MICRO", "MATHEMATICAL", "DOUBLE-STRUCK", "SCRIPT", "BLACK-LETTER", "INFORMATION"})


@lru_cache(maxsize=16384)
def script_of(char: str) -> str | None:
    """Script of a letter, such as ``Latin`` or ``Han``; ``None`` for what is no letter, or one of no script."""
    if unicodedata.category(char)[0] != "L":
        return None
    first, _, rest = unicodedata.name(char, "").partition(" ")
    if first in _WIDTHS:
        first = rest.partition(" ")[0]
    if not first or first in _COMMON:
        return None
    return _RENAMED.get(first, first.capitalize())


def scripts_of(text: str) -> dict[str, float]:
    """Share of a text's letters in each script; the shares sum to 1, most frequent first.

    Digits, punctuation, symbols and combining marks do not count. A text without letters gives an empty dictionary.
    """
    counts = _count(text)
    return {script: count / counts.total() for script, count in counts.most_common()}


def _count(text: str) -> Counter[str]:
    return Counter(script for char in text if (script := script_of(char)) is not None)


def matches(text: str, code: str) -> float:
    """Share of a text's letters that are in a script of the language; 1 where there are no letters.

    Parameters
    ----------
    text
        Any text.
    code
        A language, in any form that `normalise` knows.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    LanguageError
        If the language is not one of the 99.
    """
    counts = _count(text)
    expected = LANGUAGES[normalise(code)].scripts
    return sum(counts[script] for script in expected) / counts.total() if counts else 1.0
