"""An engine without weights: it understands recordings made by `panglot.testing.speak`, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from panglot.engines import DecodeOptions, Encoded, EngineInfo, Hypothesis, Mel, Piece, Request
from panglot.errors import ModelError
from panglot.testing.tones import FIRST_BAND, WORDS
from panglot.transcripts.text import is_spaced
from panglot.units import Seconds

Twist = Callable[[Hypothesis, Request, DecodeOptions], Hypothesis]
"""Changes what the engine writes, to make it fail in the ways real engines fail."""

Ear = Callable[[dict[str, float], Encoded], dict[str, float]]
"""Changes which languages the engine hears."""

_STEP: Seconds = 0.02
_LOUD = 0.75
"""Mel value from which a step is sound: padding is 0, the tones of `speak` are above 1."""
_SHORTEST = 5
"""Steps that a tone must last to be a word."""
_CODES = tuple(WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the engine."""

    method: str
    windows: int
    """How many windows it was given."""
    steps: int
    """Encoder steps of the longest of them."""
    languages: tuple[str, ...] = ()
    """The language of each window; nothing for encoding and detection."""
    options: DecodeOptions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tone:
    """One word that was heard."""

    language: str
    number: int
    start: Seconds
    end: Seconds


class FakeEngine:
    """Hears one word for every tone, and behaves as Whisper does where it is asked for the wrong language.

    In the language spoken it writes what was said. In another one it translates word for word, with low probabilities.
    Words in the prompt decide how words are spelled. Where nothing sounds, it writes nothing. Tokens are the numbers of
    Unicode characters.

    Parameters
    ----------
    languages
        Those it knows, of `panglot.testing.tones.WORDS`.
    workers
        Calls that a scheduler may make side by side.
    batch_size
        Windows that are best decoded at once.
    twist
        Applied to everything it writes; `write` makes hypotheses for it.
    ear
        Applied to the languages it hears.
    """

    def __init__(
        self,
        *,
        languages: Sequence[str] = _CODES,
        workers: int = 2,
        batch_size: int = 4,
        twist: Twist | None = None,
        ear: Ear | None = None,
    ) -> None:
        self.calls: list[Call] = []
        """All calls so far, in the order in which they began."""
        self.closed = False
        self._twist = twist
        self._ear = ear
        self.info = EngineInfo(
            name="fake",
            model="fake",
            model_sha256="0" * 64,
            device="cpu",
            compute="float32",
            compute_reason="cpu (as asked), float32 (it computes next to nothing)",
            threads=workers,
            workers=workers,
            batch_size=batch_size,
            mel_bands=80,
            languages=tuple(languages),
            versions={},
        )

    def encode(self, mel: Mel) -> Encoded:
        """Loudness and loudest band of every step, shape ``(F / 2, 2)``."""
        self._note("encode", [mel.T[::2]])
        pairs = mel.reshape(len(mel), -1, 2).mean(axis=2)
        return np.stack([pairs.max(axis=0), pairs.argmax(axis=0)], axis=1).astype(np.float32)

    def detect(self, encoded: Sequence[Encoded]) -> list[dict[str, float]]:
        """Share of the words in each language, with a little left for the others."""
        self._note("detect", encoded)
        found = [self._languages(window) for window in encoded]
        ear = self._ear
        return [ear(each, window) for each, window in zip(found, encoded, strict=True)] if ear else found

    def decode(self, requests: Sequence[Request], options: DecodeOptions) -> list[Hypothesis]:
        """Write down the tones of each window."""
        languages = tuple(request.language for request in requests)
        self._note("decode", [request.encoded for request in requests], languages=languages, options=options)
        written = [self._hypothesis(request, options) for request in requests]
        twist = self._twist
        return (
            [twist(each, request, options) for each, request in zip(written, requests, strict=True)]
            if twist
            else written
        )

    def align(
        self, encoded: Sequence[Encoded], tokens: Sequence[Sequence[int]], *, language: str, seconds: Sequence[Seconds]
    ) -> list[list[Piece]]:
        """Give each word the time of its tone; words without a tone come at the end of the last one."""
        self._note("align", encoded, languages=(language,) * len(encoded))
        return [
            _pieces("".join(map(chr, text)), _tones(window), language=language, length=length)
            for window, text, length in zip(encoded, tokens, seconds, strict=True)
        ]

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def _note(
        self,
        method: str,
        windows: Sequence[Encoded],
        *,
        languages: tuple[str, ...] = (),
        options: DecodeOptions | None = None,
    ) -> None:
        if self.closed:
            raise ModelError("the engine is closed; make a new one")
        steps = max(map(len, windows), default=0)
        self.calls.append(Call(method=method, windows=len(windows), steps=steps, languages=languages, options=options))

    def _languages(self, window: Encoded) -> dict[str, float]:
        heard = [tone.language for tone in _tones(window)]
        counts = np.array([heard.count(code) + 0.02 for code in self.info.languages])
        return dict(zip(self.info.languages, (counts / counts.sum()).tolist(), strict=True))

    def _hypothesis(self, request: Request, options: DecodeOptions) -> Hypothesis:
        if request.language not in self.info.languages:
            raise ModelError(f"the model does not know {request.language!r}, only {', '.join(self.info.languages)}")
        tones = _tones(request.encoded)
        if not tones:
            return write("", log_probability=-2.0, no_speech_probability=0.95)
        language = "en" if options.translate else request.language
        spelling = {word.strip(".,").casefold(): word.strip(".,") for word in request.prompt.split()}
        words = [WORDS[language][tone.number] for tone in tones]
        text = (" " if is_spaced(language) else "").join(spelling.get(word, word) for word in words)
        right = sum(tone.language == request.language for tone in tones) / len(tones)
        return write(text[: options.max_tokens], log_probability=-0.2 * right - 1.4 * (1 - right))


def write(text: str, *, log_probability: float = -0.2, no_speech_probability: float = 0.05) -> Hypothesis:
    """Make a hypothesis as `FakeEngine` does: what a ``twist`` returns."""
    return Hypothesis(
        tokens=tuple(map(ord, text)),
        text=text,
        log_probability=log_probability,
        no_speech_probability=no_speech_probability,
    )


def _tones(window: Encoded) -> list[_Tone]:
    tones: list[_Tone] = []
    rows = [int(band) if loudness >= _LOUD else -1 for loudness, band in window.tolist()]
    for band, run in groupby(enumerate(rows), key=lambda row: row[1]):
        steps = [step for step, _ in run]
        language, number = divmod(band - FIRST_BAND, 8)
        if band >= FIRST_BAND and language < len(_CODES) and len(steps) >= _SHORTEST:
            tones.append(
                _Tone(language=_CODES[language], number=number, start=steps[0] * _STEP, end=(steps[-1] + 1) * _STEP)
            )
    return tones


def _pieces(text: str, tones: Sequence[_Tone], *, language: str, length: Seconds) -> list[Piece]:
    """One piece a character."""
    pieces: list[Piece] = []
    starts = [index for index in range(len(text)) if not is_spaced(language) or index == 0 or text[index] == " "]
    for number, (first, last) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True)):
        end = min(tones[-1].end, length) if tones else 0.0
        tone = tones[number] if number < len(tones) else _Tone(language="", number=0, start=end, end=end)
        bounds = np.minimum(np.linspace(tone.start, tone.end, last - first + 1), length).tolist()
        pieces += [
            Piece(
                text=text[first + index],
                start=bounds[index],
                end=bounds[index + 1],
                probability=0.9 if tone.language == language else 0.3,
            )
            for index in range(last - first)
        ]
    return pieces
