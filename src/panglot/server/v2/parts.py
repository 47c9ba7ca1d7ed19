"""Words, utterances, sentences and paragraphs as the API writes them: whole milliseconds, text without outer spaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from panglot.errors import RequestError
from panglot.service.requests import TranscriptionRequest
from panglot.service.results import Result
from panglot.storage.records import TranscriptRow
from panglot.transcripts import Segment, Transcript, Utterance, Word, paragraphs, sentences
from panglot.transcripts.words import timed_words
from panglot.units import milliseconds

Json = dict[str, Any]


def with_words(transcript: Transcript) -> Transcript:
    """Return the transcript with words in every segment, their times estimated where recognition gave none."""
    return replace(
        transcript, segments=tuple(replace(segment, words=timed_words(segment)) for segment in transcript.segments)
    )


def word_json(word: Word, channel: int | None) -> Json:
    """Return a word as the API writes it."""
    start = milliseconds(word.start)
    return {
        "text": word.text.strip(),
        "start": start,
        "end": max(start, milliseconds(word.end)),
        "confidence": round(word.probability, 5),
        "speaker": word.speaker,
        **_channel_json(channel),
    }


def words_json(transcript: Transcript) -> list[Json]:
    """Return all words, in the order in which the text has them; what is nothing but space is left out."""
    return [
        word_json(word, segment.channel)
        for segment in transcript.segments
        for word in segment.words
        if word.text.strip()
    ]


def utterances_json(transcript: Transcript) -> list[Json]:
    """Return what each speaker says without a long pause."""
    return [_speaker_part_json(utterance) for utterance in transcript.utterances]


def confidence(words: Sequence[Json]) -> float:
    """Return the mean confidence of words, 0 where there are none."""
    return round(sum(word["confidence"] for word in words) / len(words), 5) if words else 0.0


def sentences_json(row: TranscriptRow, result: Result) -> Json:
    """Return the answer to a request for sentences."""
    return _parts_json(row, result, "sentences", sentences, _speaker_part_json)


def paragraphs_json(row: TranscriptRow, result: Result) -> Json:
    """Return the answer to a request for paragraphs."""
    return _parts_json(row, result, "paragraphs", paragraphs, _part_json)


def require_text(result: Result) -> Transcript:
    """Return the transcript, or raise a RequestError where nobody speaks: there are no captions of nothing."""
    if not result.transcript.text.strip():
        raise RequestError("Transcript text is empty")
    return result.transcript


def _parts_json(
    row: TranscriptRow,
    result: Result,
    name: str,
    cut: Callable[[Transcript], Sequence[Segment]],
    write: Callable[[Segment], Json],
) -> Json:
    transcript = with_words(result.transcript)
    return {
        "id": row.id,
        "confidence": confidence(words_json(transcript)),
        "audio_duration": round(transcript.duration, 3),
        "speech_model_used": row.summary.get("speech_model_used"),
        name: [write(part) for part in cut(transcript)],
    }


def _part_json(part: Segment | Utterance) -> Json:
    words = [word_json(word, part.channel) for word in part.words if word.text.strip()]
    start = milliseconds(part.start)
    return {
        "text": part.text.strip(),
        "start": start,
        "end": max(start, milliseconds(part.end)),
        "confidence": confidence(words),
        "words": words,
    }


def _speaker_part_json(part: Segment | Utterance) -> Json:
    return {**_part_json(part), "speaker": part.speaker, **_channel_json(part.channel)}


def _channel_json(channel: int | None) -> Json:
    return {} if channel is None else {"channel": str(channel)}


def wants_utterances(request: TranscriptionRequest) -> bool:
    """Whether the answer says who speaks."""
    return request.speakers or request.multichannel
