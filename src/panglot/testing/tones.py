"""A language of tones: recordings that a fake engine can understand, and tests can write down in advance.

Every word is a tone of its own pitch, 0.34 s long, with 0.06 s of silence after it: too short to be a pause.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panglot.errors import OptionError
from panglot.transcripts.text import is_spaced
from panglot.units import SAMPLE_RATE, Seconds, to_samples

Samples = npt.NDArray[np.float32]

WORDS = {
    "de": ("eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht"),
    "en": ("one", "two", "three", "four", "five", "six", "seven", "eight"),
    "es": ("uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho"),
    "fr": ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit"),
    "ru": ("один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь"),
    "zh": ("一", "二", "三", "四", "五", "六", "七", "八"),
}
"""All that can be said, by language."""

WORD: Seconds = 0.4
"""How long a word takes, with the silence after it."""

FIRST_BAND = 30
"""Mel band, of 80, of the first word of the first language; the next word sounds in the next band."""

_TONE: Seconds = 0.34
_LOUDNESS = 0.3
_LOWEST_MEL_HZ = 1000.0
_MELS_TO_LOWEST = 15.0


def speak(text: str, language: str = "en") -> Samples:
    """Say words of `WORDS`.

    Parameters
    ----------
    text
        Words with spaces between them, for Chinese without.
    language
        A key of `WORDS`.

    Returns
    -------
    Samples
        Shape ``(6400 * words,)``, 16 kHz: 0.4 s a word.

    Raises
    ------
    OptionError
        If a word has no tone.
    """
    words = text.split() if is_spaced(language) else list(text)
    return np.concatenate([silence(0.0), *(_tone(_band(word, language)) for word in words)])


def silence(seconds: Seconds) -> Samples:
    """Nothing, for a while."""
    return np.zeros(to_samples(seconds), np.float32)


def _band(word: str, language: str) -> int:
    if word not in WORDS.get(language, ()):
        raise OptionError(f"{word!r} has no tone in {language!r}; the words are in panglot.testing.tones.WORDS")
    return FIRST_BAND + 8 * list(WORDS).index(language) + WORDS[language].index(word)


def _tone(band: int) -> Samples:
    time = np.arange(to_samples(_TONE)) / SAMPLE_RATE
    tone = _LOUDNESS * np.sin(2 * np.pi * _centre(band) * time)
    return np.concatenate([tone.astype(np.float32), silence(WORD - _TONE)])


def _centre(band: int) -> float:
    """Frequency in the middle of a band above 1 kHz: 80 bands share the mel scale up to 8 kHz evenly."""
    step = np.log(6.4) / 27.0
    highest = _MELS_TO_LOWEST + np.log(SAMPLE_RATE / 2 / _LOWEST_MEL_HZ) / step
    return float(_LOWEST_MEL_HZ * np.exp(step * (highest * (band + 1) / 81 - _MELS_TO_LOWEST)))
