"""Transcripts of the pieces of one recording → the transcript of the whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from panglot.transcripts.records import Audit, LanguageSpan, Receipt, Segment, Transcript
from panglot.transcripts.text import join_segments
from panglot.units import Seconds


def shift(transcript: Transcript, by: Seconds) -> Transcript:
    """Return the transcript as of a recording in which everything happens later."""
    return replace(
        transcript,
        segments=tuple(_later(segment, by) for segment in transcript.segments),
        languages=tuple(replace(each, start=each.start + by, end=each.end + by) for each in transcript.languages),
        turns=tuple(replace(each, start=each.start + by, end=each.end + by) for each in transcript.turns),
        duration=transcript.duration + by,
        audit=replace(
            transcript.audit,
            findings=tuple(
                replace(each, start=each.start + by, end=each.end + by) for each in transcript.audit.findings
            ),
        ),
    )


def join(parts: Sequence[Transcript]) -> Transcript:
    """Join transcripts of neighbouring pieces, made with the same model and options and without speakers.

    Parameters
    ----------
    parts
        In order, at least one, on the recording's time line.

    Returns
    -------
    Transcript
        Of the whole recording.
    """
    segments = sorted((segment for part in parts for segment in part.segments), key=lambda segment: segment.start)
    languages = _spans(span for part in parts for span in part.languages)
    language, probability = _dominant(languages)
    return Transcript(
        text=join_segments(segments),
        language=language,
        language_probability=probability,
        languages=languages,
        segments=tuple(segments),
        duration=parts[-1].duration,
        audit=_audit([part.audit for part in parts]),
        receipt=_receipt([part.receipt for part in parts]),
        warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
    )


def _later(segment: Segment, by: Seconds) -> Segment:
    words = tuple(replace(word, start=word.start + by, end=word.end + by) for word in segment.words)
    return replace(segment, start=segment.start + by, end=segment.end + by, words=words)


def _spans(spans: Iterable[LanguageSpan]) -> tuple[LanguageSpan, ...]:
    """Join neighbouring spans of one language; the probability is their mean, weighted by length."""
    joined: list[LanguageSpan] = []
    for span in spans:
        if joined and joined[-1].language == span.language:
            joined[-1] = replace(joined[-1], end=span.end, probability=_mean([joined[-1], span]))
        else:
            joined.append(span)
    return tuple(joined)


def _dominant(spans: Sequence[LanguageSpan]) -> tuple[str | None, float]:
    by_language: dict[str, list[LanguageSpan]] = defaultdict(list)
    for span in spans:
        by_language[span.language].append(span)
    if not by_language:
        return None, 0.0
    language = max(by_language, key=lambda code: (sum(each.end - each.start for each in by_language[code]), code))
    return language, _mean(by_language[language])


def _mean(spans: Sequence[LanguageSpan]) -> float:
    total = sum(span.end - span.start for span in spans)
    if total <= 0:
        return spans[0].probability
    return sum(span.probability * (span.end - span.start) for span in spans) / total


def _audit(audits: Sequence[Audit]) -> Audit:
    return Audit(
        speech=sum(each.speech for each in audits),
        speech_without_text=sum(each.speech_without_text for each in audits),
        text_without_speech=sum(each.text_without_speech for each in audits),
        script_mismatches=sum(each.script_mismatches for each in audits),
        loops=sum(each.loops for each in audits),
        redecoded=sum(each.redecoded for each in audits),
        findings=tuple(finding for each in audits for finding in each.findings),
    )


def _receipt(receipts: Sequence[Receipt]) -> Receipt:
    timings: dict[str, Seconds] = defaultdict(float)
    for receipt in receipts:
        for name, seconds in receipt.timings.items():
            timings[name] += seconds
    return replace(receipts[0], timings=dict(timings))
