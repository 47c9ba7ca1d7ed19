"""A result → the body of an answer, in the format that was asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import BaseModel
from starlette.responses import Response

from panglot.language import LANGUAGES
from panglot.server.v1.form import Form
from panglot.server.v1.schemas import (
    DiarizedAnswer,
    DiarizedSegment,
    LanguageCode,
    Logprob,
    PlainAnswer,
    Usage,
    VerboseAnswer,
    VerboseSegment,
    VerboseWord,
)
from panglot.service.results import Result
from panglot.transcripts.records import Segment, Transcript
from panglot.transcripts.text import separator
from panglot.transcripts.words import timed_words, turns_of
from panglot.units import Seconds

_FRAMES_PER_SECOND: Final = 100
_NOBODY: Final = "unknown"
_LEAST_PROBABILITY: Final = 1e-6


def render(form: Form, result: Result) -> Response:
    """Answer with a result.

    Parameters
    ----------
    form
        What was asked for.
    result
        What came of it.

    Returns
    -------
    Response
        JSON or plain text.
    """
    transcript = result.transcript
    match form.response_format:
        case "json":
            return _json(_plain(form, transcript))
        case "verbose_json":
            return _json(_verbose(form, transcript))
        case "diarized_json":
            return _json(_diarized(transcript))
        case "text":
            return _text(f"{transcript.text}\n")
        case "srt" | "vtt":
            return _text(transcript.to(form.response_format))


def dump(answer: BaseModel) -> str:
    """Return an answer or an event as JSON on one line, without what is not known."""
    return answer.model_dump_json(exclude_none=True)


def diarized_segments(transcript: Transcript) -> list[DiarizedSegment]:
    """Return what each speaker says, in order of time."""
    turns = [turn for segment in transcript.segments for turn in turns_of(segment)]
    return [
        DiarizedSegment(
            id=f"seg_{number}",
            start=_time(turn.start),
            end=_time(turn.end),
            speaker=turn.speaker or _NOBODY,
            text=turn.text.strip(),
        )
        for number, turn in enumerate(turns, start=1)
    ]


def logprobs(transcript: Transcript) -> list[Logprob]:
    """Return how likely each word is; the words one after the other are the text."""
    found: list[Logprob] = []
    for text, segment in _joinable(transcript.segments):
        words = [(word.text, word.probability) for word in timed_words(segment)]
        words[0] = (text[: len(text) - len(text.lstrip())] + words[0][0].lstrip(), words[0][1])
        words[-1] = (words[-1][0].rstrip(), words[-1][1])
        found += [_logprob(token, probability) for token, probability in words]
    return found


def _logprob(token: str, probability: float) -> Logprob:
    likely = probability if math.isfinite(probability) else 0.0
    return Logprob(
        token=token, bytes=list(token.encode()), logprob=round(math.log(min(max(likely, _LEAST_PROBABILITY), 1.0)), 4)
    )


def _plain(form: Form, transcript: Transcript) -> PlainAnswer:
    if form.request.translate:
        return PlainAnswer(text=transcript.text)
    codes = dict.fromkeys(span.language for span in transcript.languages)
    return PlainAnswer(
        text=transcript.text,
        languages=[LanguageCode(code=code) for code in codes],
        logprobs=logprobs(transcript) if form.logprobs else None,
        usage=_usage(transcript),
    )


def _verbose(form: Form, transcript: Transcript) -> VerboseAnswer:
    translate = form.request.translate
    code = "en" if translate else transcript.language or form.request.language
    return VerboseAnswer(
        task="translate" if translate else "transcribe",
        language=LANGUAGES[code].name.lower() if code is not None else _NOBODY,
        duration=_time(transcript.duration),
        text=transcript.text,
        segments=_segments(transcript.segments) if form.segments else None,
        words=_words(transcript.segments) if form.words else None,
        usage=_usage(transcript),
    )


def _segments(segments: Sequence[Segment]) -> list[VerboseSegment]:
    return [
        VerboseSegment(
            id=number,
            seek=round(segment.start * _FRAMES_PER_SECOND),
            start=_time(segment.start),
            end=_time(segment.end),
            text=text,
            tokens=[],
            temperature=_number(segment.temperature),
            avg_logprob=_number(segment.log_probability),
            compression_ratio=_number(segment.compression_ratio),
            no_speech_prob=_number(segment.no_speech_probability),
            speaker=segment.speaker,
        )
        for number, (text, segment) in enumerate(_joinable(segments))
    ]


def _words(segments: Sequence[Segment]) -> list[VerboseWord]:
    return [
        VerboseWord(word=text, start=_time(word.start), end=_time(word.end), speaker=word.speaker)
        for segment in segments
        for word in timed_words(segment)
        if (text := word.text.strip())
    ]


def _joinable(segments: Sequence[Segment]) -> Iterator[tuple[str, Segment]]:
    """Segments that have text, with texts that can be joined with nothing between them."""
    before: Segment | None = None
    for segment in segments:
        if text := segment.text.strip():
            yield (separator(before, segment) if before else "") + text, segment
            before = segment


def _diarized(transcript: Transcript) -> DiarizedAnswer:
    return DiarizedAnswer(
        duration=_time(transcript.duration),
        text=transcript.text,
        segments=diarized_segments(transcript),
        usage=_usage(transcript),
    )


def _usage(transcript: Transcript) -> Usage:
    return Usage(seconds=math.ceil(transcript.duration))


def _time(seconds: Seconds) -> float:
    return round(seconds, 3)


def _number(value: float) -> float:
    return round(value, 4) if math.isfinite(value) else 0.0


def _json(answer: BaseModel) -> Response:
    return Response(dump(answer), media_type="application/json")


def _text(text: str) -> Response:
    return Response(text, media_type="text/plain")
