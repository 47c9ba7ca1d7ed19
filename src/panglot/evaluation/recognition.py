"""How well a system writes down a corpus: every utterance scored, and what follows from that per language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from time import perf_counter

from panglot.corpora import Corpus, Rejected, Sample
from panglot.errors import AudioError, CorpusError, LanguageError, PanglotError
from panglot.evaluation.bootstrap import Interval, interval
from panglot.evaluation.proportions import Proportion, proportion
from panglot.evaluation.speakers import DiarizationError, diarization_error, pooled_diarization
from panglot.evaluation.transcribers import Heard, System, Transcriber
from panglot.evaluation.turns import read_turns
from panglot.evaluation.words import ErrorRate, character_error_rate, error_rate, pooled
from panglot.language import LANGUAGES
from panglot.transcripts.records import Turn
from panglot.units import Seconds

FEWEST = 5
"""Utterances below which no interval and no test is given: so few, drawn again, say nothing of others."""

Listener = Callable[[Seconds, Seconds], None]
"""Told seconds of audio that are done, and seconds in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One utterance: what was said, what was written, and the difference in counts."""

    id: str
    language: str | None
    """Of the reference; None where it is not known, or there are several."""
    seconds: Seconds
    reference: str
    hypothesis: str
    detected: bool
    """Whether the system had to find out the language."""
    heard: str | None
    """The language it was taken for; None where nothing was heard."""
    words: ErrorRate | None
    """In words, or in characters for languages without spaces; None without a reference text."""
    characters: ErrorRate | None
    speakers: DiarizationError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An error rate over several utterances."""

    errors: ErrorRate
    interval: Interval | None
    """None where there are fewer than `FEWEST` utterances."""

    @property
    def rate(self) -> float:
        """Errors per reference unit."""
        return self.errors.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was measured in one language, or in all."""

    language: str | None
    """None stands for everything together, or for utterances whose language is not known."""
    utterances: int
    """With a reference text."""
    seconds: Seconds
    words: Measure | None
    characters: Measure | None
    detection: Proportion | None
    """How often the language was right, where it was detected."""
    speakers: DiarizationError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How long it took: wall time, with several recordings in hand."""

    audio: Seconds
    elapsed: Seconds
    at_once: int
    speakers: bool
    """Whether speakers were told apart."""

    @property
    def real_time_factor(self) -> float:
        """Seconds of work per second of audio; below 1 is faster than real time."""
        return self.elapsed / self.audio if self.audio else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A system on a corpus, with all the evidence."""

    system: System
    corpus: str
    """Name of the file or folder."""
    date: str
    """ISO 8601."""
    given: bool
    """Whether the system was told the language."""
    scored: tuple[Scored, ...]
    rejected: tuple[Rejected, ...] = ()
    """Rows of the corpus that could not be used, and recordings that could not be written down."""
    speeds: tuple[Speed, ...] = field(default=(), compare=False)

    @property
    def overall(self) -> Result:
        """Everything together."""
        return _result(None, self.scored)

    @property
    def languages(self) -> tuple[Result, ...]:
        """By language, in the order of their codes; what has no language comes last."""
        codes = sorted({utterance.language for utterance in self.scored}, key=lambda code: (code is None, code or ""))
        return tuple(_result(code, [one for one in self.scored if one.language == code]) for code in codes)

    def worst(self, count: int) -> tuple[Scored, ...]:
        """Utterances with the most errors for their length, their words aligned.

        Parameters
        ----------
        count
            How many at most; those without errors are never among them.

        Returns
        -------
        tuple of Scored
            Worst first, by error rate and then by errors.
        """
        wrong = [one for one in self.scored if one.words and one.words.errors]
        wrong.sort(key=lambda one: _badness(one.words), reverse=True)
        return tuple(_aligned(one) for one in wrong[:count])


def evaluate(
    transcriber: Transcriber,
    corpus: Corpus,
    *,
    given: bool = False,
    listener: Listener | None = None,
) -> Evaluation:
    """Let a system write down a corpus, and score it.

    Parameters
    ----------
    transcriber
        The system.
    corpus
        What it is given; references follow the rules of `panglot.evaluation.normalisation`.
    given
        Tell it the language of each sample, where that is known; else it has to be detected.
    listener
        Told how far the work is.

    Returns
    -------
    Evaluation
        In the order of the corpus. A recording that cannot be read, and one in a language that the system does not
        know, is among the rejected rows.

    Raises
    ------
    CorpusError
        If no sample could be scored.
    PanglotError
        If the system fails in another way.
    """
    told_apart = [sample for sample in corpus.samples if transcriber.tells_speakers and sample.rttm]
    others = [sample for sample in corpus.samples if not (transcriber.tells_speakers and sample.rttm)]
    run = _Run(transcriber, given=given, listener=listener, total=sum(sample.duration for sample in corpus.samples))
    speeds = [run.work(samples, speakers=bool(index)) for index, samples in enumerate((others, told_apart)) if samples]
    scored = tuple(run.scored[sample.id] for sample in corpus.samples if sample.id in run.scored)
    if not scored:
        reasons = "; ".join(f"{row.where}: {row.reason}" for row in [*run.rejected, *corpus.rejected][:3])
        raise CorpusError(f"nothing in {corpus.source} could be scored ({reasons}). Give recordings with their texts.")
    return Evaluation(
        system=transcriber.system,
        corpus=corpus.source.name,
        date=datetime.now(UTC).date().isoformat(),
        given=given,
        scored=scored,
        rejected=(*corpus.rejected, *run.rejected),
        speeds=tuple(speeds),
    )


class _Run:
    """Samples on their way through a system."""

    def __init__(self, transcriber: Transcriber, *, given: bool, listener: Listener | None, total: Seconds) -> None:
        self.scored: dict[str, Scored] = {}
        self.rejected: list[Rejected] = []
        self._transcriber = transcriber
        self._given = given
        self._listener = listener
        self._done = 0.0
        self._total = total

    def work(self, samples: Sequence[Sample], *, speakers: bool) -> Speed:
        audio, began = 0.0, perf_counter()
        for sample, outcome in self._outcomes(samples, speakers=speakers):
            if isinstance(outcome, PanglotError):
                self.rejected.append(Rejected(where=sample.id, reason=str(outcome)))
            else:
                audio += sample.duration
                self._score(sample, outcome, speakers=speakers)
            self._done += sample.duration
            if self._listener:
                self._listener(self._done, self._total)
        return Speed(audio=audio, elapsed=perf_counter() - began, at_once=self._transcriber.at_once, speakers=speakers)

    def _outcomes(self, samples: Sequence[Sample], *, speakers: bool) -> Iterator[tuple[Sample, Heard | PanglotError]]:
        def hear(sample: Sample) -> Heard | PanglotError:
            try:
                return self._transcriber.transcribe(sample, language=self._told(sample), speakers=speakers)
            except (AudioError, LanguageError) as error:
                return error

        pool = ThreadPoolExecutor(self._transcriber.at_once, thread_name_prefix="panglot-evaluation")
        try:
            yield from zip(samples, pool.map(hear, samples), strict=True)
        finally:
            pool.shutdown(cancel_futures=True)

    def _score(self, sample: Sample, heard: Heard, *, speakers: bool) -> None:
        try:
            turns = _turn_errors(sample, heard) if speakers else None
        except CorpusError as error:
            turns = None
            self.rejected.append(Rejected(where=sample.id, reason=str(error)))
        self.scored[sample.id] = score(sample, heard, detected=self._detects(sample), speakers=turns)

    def _told(self, sample: Sample) -> str | None:
        return sample.language if self._given and sample.language in LANGUAGES else None

    def _detects(self, sample: Sample) -> bool:
        return len(self._transcriber.system.languages) > 1 and self._told(sample) is None


def score(sample: Sample, heard: Heard, *, detected: bool, speakers: DiarizationError | None = None) -> Scored:
    """Compare what was written with what was said.

    Parameters
    ----------
    sample
        With the reference.
    heard
        What the system wrote.
    detected
        Whether it had to find out the language.
    speakers
        Errors about who spoke when, where that was asked.

    Returns
    -------
    Scored
        Without error rates where the reference has no words.
    """
    language = sample.language if sample.language in LANGUAGES else None
    words = error_rate(sample.text, heard.text, language=language)
    scorable = words.reference > 0
    return Scored(
        id=sample.id,
        language=language,
        seconds=sample.duration,
        reference=sample.text,
        hypothesis=heard.text,
        detected=detected,
        heard=heard.language,
        words=words if scorable else None,
        characters=character_error_rate(sample.text, heard.text, language=language) if scorable else None,
        speakers=speakers,
    )


def _turn_errors(sample: Sample, heard: Heard) -> DiarizationError | None:
    if sample.rttm is None:
        return None
    start, end = sample.start, sample.start + sample.duration
    turns = [_cut(turn, start, end) for turn in read_turns(sample.rttm) if turn.start < end and turn.end > start]
    return diarization_error(turns, heard.turns, region=(start, end))


def _cut(turn: Turn, start: Seconds, end: Seconds) -> Turn:
    return Turn(start=max(turn.start, start), end=min(turn.end, end), speaker=turn.speaker)


def _result(language: str | None, scored: Sequence[Scored]) -> Result:
    turns = [one.speakers for one in scored if one.speakers]
    detected = [one for one in scored if one.detected and one.language is not None]
    right = sum(one.heard == one.language for one in detected)
    return Result(
        language=language,
        utterances=sum(one.words is not None for one in scored),
        seconds=sum(one.seconds for one in scored),
        words=_measure([one.words for one in scored if one.words]),
        characters=_measure([one.characters for one in scored if one.characters]),
        detection=proportion(right, len(detected)) if detected else None,
        speakers=pooled_diarization(turns) if turns else None,
    )


def _measure(rates: Sequence[ErrorRate]) -> Measure | None:
    if not rates:
        return None
    return Measure(errors=pooled(rates), interval=_interval(tuple(rates)) if len(rates) >= FEWEST else None)


@lru_cache(maxsize=256)
def _interval(rates: tuple[ErrorRate, ...]) -> Interval:
    # Reports ask for the same one several times.
    return interval(rates)


def _badness(rate: ErrorRate | None) -> tuple[float, int]:
    return (rate.rate, rate.errors) if rate else (0.0, 0)


def _aligned(one: Scored) -> Scored:
    return replace(one, words=error_rate(one.reference, one.hypothesis, language=one.language, alignment=True))
