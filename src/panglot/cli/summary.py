"""What is said about a recording when it is done, on one line: languages, speakers, audit."""

from __future__ import annotations

from panglot.transcripts.records import Audit, LanguageSpan, Speaker, SpeakerTimeline, Transcript
from panglot.units import Seconds

_MOST_SPANS = 6
"""More language spans than this are added up."""

_SURE = 0.5
"""Probability of the language spoken longest below which the user is told how to help."""


def summarise(name: str, transcript: Transcript, *, elapsed: Seconds | None) -> str:
    """One line about a transcript.

    Parameters
    ----------
    name
        The recording.
    transcript
        What came out.
    elapsed
        Seconds it took; None where they were shared with other recordings.

    Returns
    -------
    str
        Such as ``meeting.m4a: 62.3 s, en 0–31 s, de 31–62 s · 312 words · …``.
    """
    parts = [
        ", ".join([f"{transcript.duration:.1f} s", *_languages(transcript.languages)]),
        *_doubt(transcript),
        *_speakers(transcript.speakers),
        _count(_words(transcript), "word"),
        *_audit(transcript.audit),
        *([] if elapsed is None else [_speed(transcript.duration, elapsed)]),
    ]
    return f"{name}: {' · '.join(parts)}"


def summarise_speakers(name: str, timeline: SpeakerTimeline, *, elapsed: Seconds | None) -> str:
    """One line about who speaks; parameters as for `summarise`."""
    parts = [
        ", ".join([f"{timeline.duration:.1f} s", *(_speakers(timeline.speakers) or ["no speech"])]),
        *([_count(len(timeline.turns), "turn")] if timeline.turns else []),
        *([] if elapsed is None else [_speed(timeline.duration, elapsed)]),
    ]
    return f"{name}: {' · '.join(parts)}"


def summarise_all(*, recordings: int, failed: int, duration: Seconds, elapsed: Seconds) -> str:
    """One line about several recordings."""
    failures = [f"{failed} failed"] if failed else []
    return " · ".join(
        [_count(recordings, "recording"), *failures, f"{duration:.1f} s of audio", _speed(duration, elapsed)]
    )


def clock(time: Seconds) -> str:
    """Time as ``1:02`` or ``1:00:02``."""
    minutes, seconds = divmod(int(time), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _languages(spans: tuple[LanguageSpan, ...]) -> list[str]:
    if not spans:
        return ["no speech"]
    if len(spans) <= _MOST_SPANS:
        return [f"{span.language} {span.start:.0f}–{span.end:.0f} s" for span in spans]
    totals: dict[str, Seconds] = {}
    for span in spans:
        totals[span.language] = totals.get(span.language, 0.0) + span.end - span.start
    ordered = sorted(totals, key=lambda language: -totals[language])
    return [*(f"{language} {totals[language]:.0f} s" for language in ordered), f"{len(spans) - 1} switches"]


def _doubt(transcript: Transcript) -> list[str]:
    if transcript.language is None or transcript.language_probability >= _SURE:
        return []
    return [f"unsure of {transcript.language} ({transcript.language_probability:.2f}), say --language if you know it"]


def _speakers(speakers: tuple[Speaker, ...]) -> list[str]:
    if not speakers:
        return []
    known = [f"{speaker.name} {speaker.match:.2f}" for speaker in speakers if speaker.match is not None]
    return [_count(len(speakers), "speaker") + (f" ({', '.join(known)})" if known else "")]


def _words(transcript: Transcript) -> int:
    return sum(len(segment.words) or len(segment.text.split()) for segment in transcript.segments)


def _audit(audit: Audit) -> list[str]:
    parts = [
        f"speech without text {audit.speech_without_text:.1f} s",
        f"text without speech {audit.text_without_speech:.1f} s",
    ]
    if audit.script_mismatches:
        parts.append(f"{_count(audit.script_mismatches, 'part')} in an unexpected script")
    if audit.loops:
        parts.append(f"{_count(audit.loops, 'part')} with repetitions")
    if audit.redecoded:
        parts.append(f"{_count(audit.redecoded, 'part')} decoded again")
    return parts


def _speed(duration: Seconds, elapsed: Seconds) -> str:
    return f"{duration / elapsed:.1f}x real time" if elapsed > 0 else "at once"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
