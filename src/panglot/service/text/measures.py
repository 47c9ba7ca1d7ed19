"""Figures about a transcript that requests ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from panglot.service.results import LanguageShare
from panglot.transcripts.records import LanguageSpan, Transcript
from panglot.transcripts.words import timed_words
from panglot.units import Seconds


def speech_share(transcript: Transcript, *, listened: Seconds | None = None) -> float:
    """Share of a recording in which somebody speaks.

    Parameters
    ----------
    transcript
        With its audit.
    listened
        Seconds that were listened to, all channels together; by default the whole recording once.

    Returns
    -------
    float
        From 0 to 1.
    """
    seconds = transcript.duration if listened is None else listened
    return min(1.0, transcript.audit.speech / seconds) if seconds > 0 else 0.0


def mean_confidence(transcript: Transcript) -> float:
    """Mean probability of the words, from 0 to 1; 0 where there are none."""
    words = [word.probability for segment in transcript.segments for word in timed_words(segment) if word.text.strip()]
    return sum(words) / len(words) if words else 0.0


def language_shares(transcript: Transcript) -> tuple[LanguageShare, ...]:
    """Return the languages that occur, the one spoken longest first, each with its mean probability over time."""
    spans: dict[str, list[LanguageSpan]] = defaultdict(list)
    for span in transcript.languages:
        spans[span.language].append(span)
    by_time = sorted(spans, key=lambda code: (-_seconds(spans[code]), code))
    return tuple(LanguageShare(language=code, confidence=_mean(spans[code])) for code in by_time)


def switched_languages(shares: Sequence[LanguageShare], *, threshold: float) -> tuple[LanguageShare, ...]:
    """Return the languages between which a recording switches.

    Parameters
    ----------
    shares
        The languages that occur, the one spoken longest first.
    threshold
        The least confidence of a language beside the first, from 0 to 1.

    Returns
    -------
    tuple of LanguageShare
        The first in any case, for the threshold refuses nothing.
    """
    return (*shares[:1], *(each for each in shares[1:] if each.confidence >= threshold))


def _seconds(spans: list[LanguageSpan]) -> Seconds:
    return sum(span.end - span.start for span in spans)


def _mean(spans: list[LanguageSpan]) -> float:
    seconds = _seconds(spans)
    if seconds <= 0:
        return spans[0].probability
    return sum(span.probability * (span.end - span.start) for span in spans) / seconds
