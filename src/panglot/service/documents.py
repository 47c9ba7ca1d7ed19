"""Documents: a transcript in the form in which people read and edit it, and the way back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from panglot.storage.records import TextLine
from panglot.transcripts.naming import rename_speakers
from panglot.transcripts.records import Finding, LanguageSpan, Segment, Speaker, Transcript, Turn, Word
from panglot.transcripts.text import join_segments
from panglot.transcripts.words import speaker_turns, timed_words
from panglot.units import Seconds

EXCERPT = 200
"""Characters of what is said that a list shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentWord:
    """One word; its text keeps the space before it."""

    text: str
    start: Seconds
    end: Seconds
    probability: float
    edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSegment:
    """What one speaker says in one language without a pause."""

    id: str
    """Stays the same from revision to revision."""
    start: Seconds
    end: Seconds
    speaker: str | None
    """A label, a key of the document's ``speakers``."""
    language: str
    words: tuple[DocumentWord, ...]

    @property
    def text(self) -> str:
        """The words, joined as they are."""
        return "".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A transcript to be edited."""

    segments: tuple[DocumentSegment, ...]
    speakers: Mapping[str, str]
    """From the label of each speaker, which stays, to the name that is shown."""
    languages: tuple[LanguageSpan, ...]
    turns: tuple[Turn, ...]
    findings: tuple[Finding, ...]
    duration: Seconds

    def write(self) -> bytes:
        """Return the document as JSON."""
        return json.dumps(plain(self), ensure_ascii=False, allow_nan=False).encode()

    @property
    def lines(self) -> tuple[TextLine, ...]:
        """What is said, for those who search."""
        return tuple(TextLine(start=each.start, end=each.end, text=each.text) for each in self.segments)

    @property
    def summary(self) -> dict[str, Any]:
        """What a list shows of it."""
        return summary_of(self.segments)


def of_transcript(transcript: Transcript) -> Document:
    """Make the document of a transcript as it was recognised: revision 0.

    Parameters
    ----------
    transcript
        Any; its segments are cut where the speaker changes.

    Returns
    -------
    Document
        Segments in order of their start, words within the times of their segments.
    """
    turns = sorted(speaker_turns(transcript), key=lambda each: each.start)
    segments = tuple(_segment(f"s{number}", turn) for number, turn in enumerate(turns, start=1))
    labels = [
        *(each.name for each in transcript.speakers),
        *(each.speaker for each in (*segments, *transcript.turns) if each.speaker is not None),
    ]
    return Document(
        segments=tuple(sorted(segments, key=lambda each: each.start)),
        speakers={label: label for label in dict.fromkeys(labels)},
        languages=transcript.languages,
        turns=transcript.turns,
        findings=transcript.audit.findings,
        duration=transcript.duration,
    )


def of_plain(values: Mapping[str, Any]) -> Document:
    """Make a document of plain values of the right types; `plain` is the way back."""
    return Document(
        segments=tuple(_read_segment(each) for each in values["segments"]),
        speakers=dict(values["speakers"]),
        languages=tuple(LanguageSpan(**each) for each in values["languages"]),
        turns=tuple(Turn(**each) for each in values["turns"]),
        findings=tuple(Finding(**each) for each in values["findings"]),
        duration=values["duration"],
    )


def plain(document: Document) -> dict[str, Any]:
    """Return a document as plain values."""
    return {
        "segments": [_plain_segment(each) for each in document.segments],
        "speakers": dict(document.speakers),
        "languages": [
            {
                "start": _time(each.start),
                "end": _time(each.end),
                "language": each.language,
                "probability": round(each.probability, 4),
            }
            for each in document.languages
        ],
        "turns": [
            {"start": _time(each.start), "end": _time(each.end), "speaker": each.speaker} for each in document.turns
        ],
        "findings": [plain_finding(each) for each in document.findings],
        "duration": _time(document.duration),
    }


def plain_finding(finding: Finding) -> dict[str, Any]:
    """Return a place to check as plain values."""
    return {
        "kind": finding.kind,
        "start": _time(finding.start),
        "end": _time(finding.end),
        "detail": finding.detail,
    }


def to_transcript(document: Document, original: Transcript) -> Transcript:
    """Make a transcript of an edited document.

    Parameters
    ----------
    document
        A revision.
    original
        What was recognised: languages, audit and receipt stay as they are.

    Returns
    -------
    Transcript
        With the shown names of the speakers.
    """
    segments = tuple(_as_segment(each) for each in document.segments if each.text.strip())
    edited = replace(
        original,
        text=join_segments(segments),
        segments=segments,
        turns=document.turns,
        speakers=tuple(_speakers(segments)),
    )
    return rename_speakers(edited, document.speakers)


def summary_of(segments: Iterable[Segment | DocumentSegment]) -> dict[str, Any]:
    """Return what a list shows of segments: languages, most spoken first, the number of speakers, the first words."""
    times: dict[str, Seconds] = {}
    speakers: set[str] = set()
    excerpt = ""
    for segment in segments:
        times[segment.language] = times.get(segment.language, 0.0) + segment.end - segment.start
        if segment.speaker is not None:
            speakers.add(segment.speaker)
        if len(excerpt) < EXCERPT:
            excerpt = " ".join(f"{excerpt} {segment.text}".split())
    languages = sorted(times, key=lambda language: -round(times[language], 3))
    return {"languages": languages, "speakers": len(speakers), "excerpt": excerpt[:EXCERPT]}


def _segment(identity: str, turn: Segment) -> DocumentSegment:
    words = tuple(_ordered(timed_words(turn)))
    return DocumentSegment(
        id=identity,
        start=min([_time(turn.start), *(word.start for word in words)]),
        end=max([_time(turn.end), *(word.end for word in words)]),
        speaker=turn.speaker,
        language=turn.language,
        words=words,
    )


def _ordered(words: Sequence[Word]) -> Iterator[DocumentWord]:
    """Words whose times never go back, which those of recognition may do by a little."""
    earliest = 0.0
    for word in words:
        earliest = max(earliest, _time(word.start))
        end = max(earliest, _time(word.end))
        yield DocumentWord(text=word.text, start=earliest, end=end, probability=round(word.probability, 4))


def _plain_segment(segment: DocumentSegment) -> dict[str, Any]:
    return {
        "id": segment.id,
        "start": _time(segment.start),
        "end": _time(segment.end),
        "speaker": segment.speaker,
        "language": segment.language,
        "words": [
            {
                "text": word.text,
                "start": _time(word.start),
                "end": _time(word.end),
                "probability": word.probability,
                **({"edited": True} if word.edited else {}),
            }
            for word in segment.words
        ],
    }


def _read_segment(values: Mapping[str, Any]) -> DocumentSegment:
    fields: dict[str, Any] = {**values, "words": tuple(DocumentWord(**word) for word in values["words"])}
    return DocumentSegment(**fields)


def _as_segment(segment: DocumentSegment) -> Segment:
    return Segment(
        start=segment.start,
        end=segment.end,
        text=segment.text,
        language=segment.language,
        speaker=segment.speaker,
        words=tuple(
            Word(
                start=word.start,
                end=word.end,
                text=word.text,
                probability=word.probability,
                speaker=segment.speaker,
            )
            for word in segment.words
        ),
    )


def _speakers(segments: Sequence[Segment]) -> Iterator[Speaker]:
    talk: dict[str, list[Seconds]] = {}
    for segment in segments:
        if segment.speaker is not None:
            talk.setdefault(segment.speaker, []).append(segment.end - segment.start)
    total = sum(map(sum, talk.values())) or 1.0
    for name, times in talk.items():
        yield Speaker(name=name, talk_time=sum(times), share=sum(times) / total, turns=len(times))


def _time(seconds: float) -> float:
    return max(0.0, round(seconds, 3))
