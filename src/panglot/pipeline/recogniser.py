"""One window → its words: decode, doubt, decode again where there is reason to, place in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import groupby

from panglot.audio import log_mel
from panglot.engines import DecodeOptions, Encoded, Hypothesis, Piece, Request
from panglot.pipeline.coverage import mean_probability, weak_regions, words_inside
from panglot.pipeline.guards import is_hopeless, is_no_speech, suspicions
from panglot.pipeline.regions import Region
from panglot.pipeline.share import Share
from panglot.pipeline.windows import Window
from panglot.pipeline.words import outside_speech, words_of
from panglot.transcripts.records import Word
from panglot.units import Seconds

CONTEXT = 1600
"""Mel frames (16 s) that every window is padded to."""
_LONG_CONTEXT = 3000
"""Mel frames (30 s) of a second try: what the model was trained with."""
_BEAM = 5
_SURE = 0.5
"""Probability from which a stretch that is heard alone may be in another language than was decided."""
_ODDS = 5.0
"""How much likelier that language must be."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """A window, or part of one, in one language."""

    window: Window
    language: str
    probability: float
    rivals: tuple[str, ...]
    """Other languages it might be in, likeliest first."""
    encoded: Encoded | None
    """What the encoder made of it, where that is known already."""
    candidates: tuple[str, ...] = ()
    """For part of a window that seems to change language: those to choose from once it is heard alone."""
    questionable: tuple[Region, ...] = ()
    """Regions that may be in another language."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recognised:
    """What a part says."""

    window: Window
    language: str
    probability: float
    hypothesis: Hypothesis
    words: tuple[Word, ...]
    doubts: tuple[str, ...]
    """What speaks against the text."""
    redecoded: str
    """Why it was decoded more than once; empty if it was not."""
    text_without_speech: Seconds
    """Seconds of text that were aligned where nobody speaks."""
    dropped: bool
    """Whether a text was thrown away because nobody speaks or it was a mere guess."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Candidate:
    """One try, with what is needed to place it in time."""

    language: str
    encoded: Encoded
    hypothesis: Hypothesis
    doubts: tuple[str, ...]

    @property
    def rank(self) -> tuple[bool, int, float]:
        """Lower is better: an empty text loses to any; then fewer doubts; then the likelier text."""
        return "empty" in self.doubts, len(self.doubts), -self.hypothesis.log_probability


class Recogniser:
    """Recognises parts of a recording.

    Parameters
    ----------
    share
        Where all calls of the engine go.
    languages
        The languages that may occur.
    prompt
        Text that stands before every window: names, terms, style.
    translate
        Write English instead of the language spoken.
    """

    def __init__(self, share: Share, *, languages: Sequence[str], prompt: str = "", translate: bool = False) -> None:
        self._share = share
        self._languages = tuple(languages)
        self._prompt = prompt
        self._translate = translate

    def encode(self, window: Window, *, context: int = CONTEXT) -> Future[Encoded]:
        """Start to encode a window, padded to a fixed number of mel frames."""
        engine = self._share.engine
        return self._share.call(
            lambda: engine.encode(log_mel(window.samples, mel_bands=engine.info.mel_bands, frames=context))
        )

    def detect(self, encoded: Sequence[Encoded]) -> list[dict[str, float]]:
        """Hear the languages of windows or parts of windows; see `panglot.engines.protocol.Engine.detect`."""
        engine = self._share.engine
        return self._share.call(lambda: engine.detect(encoded), urgent=True).result()

    def recognise(self, part: Part) -> list[Recognised]:
        """Write down a part; blocks until it is done.

        Parameters
        ----------
        part
            What to recognise.

        Returns
        -------
        list of Recognised
            In order: one, or several where the part had to be split.
        """
        if part.encoded is None:
            part = self._heard_alone(part, part.candidates)
        return [final for recognised in self._recognise(part) for final in self._without_gaps(part, recognised)]

    def _recognise(self, part: Part) -> list[Recognised]:
        encoded = part.encoded if part.encoded is not None else self.encode(part.window).result()
        first = self._candidate(part, part.language, encoded, beam=1)
        if not first.doubts or is_no_speech(first.hypothesis):
            return [self._finish(part, first, redecoded="")]
        candidates = [first, *self._other_tries(part, encoded)]
        best = min(candidates, key=lambda candidate: candidate.rank)
        reason = ", ".join(first.doubts)
        halves = _halves(part.window) if set(best.doubts) & {"loop", "fast", "empty"} else []
        if halves:
            return [self._half(replace(part, window=half, language=best.language), reason) for half in halves]
        return [self._finish(part, best, redecoded=reason)]

    def _without_gaps(self, part: Part, recognised: Recognised) -> Iterator[Recognised]:
        """Hear again, alone, what was left out or may be in another language, and keep what comes out better."""
        weak = weak_regions(recognised.window, recognised.words, questionable=part.questionable)
        if not weak or recognised.dropped or len(recognised.window.regions) == 1:
            yield recognised
            return
        for is_weak, run in groupby(recognised.window.regions, key=lambda region: region in weak):
            window = recognised.window.part(tuple(run))
            old = replace(recognised, window=window, words=words_inside(recognised.words, window))
            if not is_weak:
                yield old
                continue
            again = self._recognise(self._heard_alone(replace(part, window=window), self._languages))
            yield from again if _is_better(again, old) else [old]

    def _heard_alone(self, part: Part, candidates: Sequence[str]) -> Part:
        """Encode part of a window and choose its language anew: by itself it is told apart better."""
        encoded = self.encode(part.window).result()
        if len(candidates) < 2:
            return replace(part, encoded=encoded)
        [found] = self.detect([encoded])
        total = sum(found.get(code, 0.0) for code in candidates) or 1.0
        language = max(candidates, key=lambda code: found.get(code, 0.0))
        probability = found.get(language, 0.0) / total
        if probability < _SURE or probability < _ODDS * found.get(part.language, 0.0) / total:
            return replace(part, encoded=encoded)
        return replace(part, encoded=encoded, language=language, probability=probability, rivals=(part.language,))

    def _half(self, part: Part, reason: str) -> Recognised:
        encoded = self.encode(part.window).result()
        return self._finish(part, self._candidate(part, part.language, encoded, beam=_BEAM), redecoded=reason)

    def _other_tries(self, part: Part, encoded: Encoded) -> Iterator[_Candidate]:
        """The ladder: a wider search with the context of training; a penalty on loops; the next language."""
        wide = self.encode(part.window, context=_LONG_CONTEXT).result()
        second = self._candidate(part, part.language, wide, beam=_BEAM)
        yield second
        if not second.doubts:
            return
        if "loop" in second.doubts:
            yield self._candidate(part, part.language, encoded, beam=_BEAM, penalty=1.2)
        if part.rivals and ({"script", "unsure"} & set(second.doubts)):
            yield self._candidate(part, part.rivals[0], wide, beam=_BEAM)

    def _candidate(self, part: Part, language: str, encoded: Encoded, *, beam: int, penalty: float = 1.0) -> _Candidate:
        options = DecodeOptions(beam_size=beam, repetition_penalty=penalty, translate=self._translate)
        request = Request(encoded=encoded, language=language, prompt=self._prompt)
        hypothesis = self._share.decode(request, options).result()
        doubts = suspicions(hypothesis, language="en" if self._translate else language, speech=part.window.speech)
        return _Candidate(language=language, encoded=encoded, hypothesis=hypothesis, doubts=doubts)

    def _finish(self, part: Part, best: _Candidate, *, redecoded: str) -> Recognised:
        dropped = is_no_speech(best.hypothesis) or is_hopeless(best.hypothesis, best.doubts)
        words: tuple[Word, ...] = ()
        outside = 0.0
        if best.hypothesis.text.strip() and not dropped:
            language = "en" if self._translate else best.language
            pieces = self._align(part, best)
            words = words_of(pieces, language=language, window=part.window)
            outside = outside_speech(pieces, part.window)
        return Recognised(
            window=part.window,
            language=best.language,
            probability=part.probability,
            hypothesis=best.hypothesis,
            words=words,
            doubts=best.doubts,
            redecoded=redecoded,
            text_without_speech=outside,
            dropped=dropped,
        )

    def _align(self, part: Part, best: _Candidate) -> Sequence[Piece]:
        engine = self._share.engine
        return self._share.call(
            lambda: engine.align(
                [best.encoded], [best.hypothesis.tokens], language=best.language, seconds=[part.window.duration]
            )[0],
            urgent=True,
        ).result()


def _is_better(again: Sequence[Recognised], old: Recognised) -> bool:
    """Whether a second hearing says more than the first, or is surer of as much."""
    words = [word for recognised in again for word in recognised.words]
    return bool(words) and (not old.words or mean_probability(words) > mean_probability(old.words))


def _halves(window: Window) -> list[Window]:
    """The window cut at its longest pause; nothing where there is none."""
    regions = window.regions
    if len(regions) < 2:
        return []
    cut = max(range(1, len(regions)), key=lambda index: regions[index].start - regions[index - 1].end)
    return [window.part(regions[:cut]), window.part(regions[cut:])]
