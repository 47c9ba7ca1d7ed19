"""Our own JSON: everything a transcript holds, in one object on one line, and the way back.

Times are seconds with three decimals, other numbers have four. ``speaker`` and ``channel`` are there only where they
are known, ``speakers``, ``utterances`` and ``turns`` where speakers were told apart; the reader makes utterances anew.
What is not a finite number is written as ``null``; a time that is ``null`` is refused by the reader.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import cast

from panglot.errors import OptionError
from panglot.transcripts.records import (
    Audit,
    Finding,
    LanguageSpan,
    Receipt,
    Segment,
    Speaker,
    Transcript,
    Turn,
    Utterance,
    Word,
)

Json = dict[str, object]


def write(transcript: Transcript) -> str:
    """Write a transcript as one JSON object; `read_json` is the way back."""
    content: Json = {
        "text": transcript.text,
        "language": transcript.language,
        "language_probability": _number(transcript.language_probability),
        "languages": [_span(span) for span in transcript.languages],
        "segments": [_segment(segment) for segment in transcript.segments],
        "duration": _time(transcript.duration),
        "audit": _audit(transcript.audit),
        "receipt": _receipt(transcript.receipt),
        "warnings": list(transcript.warnings),
    }
    if transcript.speakers:
        content |= {
            **speakers_content(transcript.speakers, transcript.turns),
            "utterances": [_utterance(utterance) for utterance in transcript.utterances],
        }
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


def _time(seconds: float) -> float | None:
    return round(seconds, 3) if math.isfinite(seconds) else None


def _number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None


def _span(span: LanguageSpan) -> Json:
    times = {"start": _time(span.start), "end": _time(span.end)}
    return {**times, "language": span.language, "probability": _number(span.probability)}


def _segment(segment: Segment) -> Json:
    return {
        "start": _time(segment.start),
        "end": _time(segment.end),
        "text": segment.text,
        "language": segment.language,
        **({"speaker": segment.speaker} if segment.speaker is not None else {}),
        **({"channel": segment.channel} if segment.channel is not None else {}),
        "log_probability": _number(segment.log_probability),
        "no_speech_probability": _number(segment.no_speech_probability),
        "compression_ratio": _number(segment.compression_ratio),
        "temperature": _number(segment.temperature),
        "words": [_word(word) for word in segment.words],
    }


def _word(word: Word) -> Json:
    return {
        "start": _time(word.start),
        "end": _time(word.end),
        "text": word.text,
        "probability": _number(word.probability),
        **({"speaker": word.speaker} if word.speaker is not None else {}),
    }


def speakers_content(speakers: Iterable[Speaker], turns: Iterable[Turn]) -> Json:
    """Speakers and turns as they stand in our JSON."""
    return {"speakers": [_speaker(speaker) for speaker in speakers], "turns": [_turn(turn) for turn in turns]}


def _speaker(speaker: Speaker) -> Json:
    return {
        "name": speaker.name,
        "talk_time": _time(speaker.talk_time),
        "share": _number(speaker.share),
        "turns": speaker.turns,
        **({"match": _number(speaker.match)} if speaker.match is not None else {}),
    }


def _utterance(utterance: Utterance) -> Json:
    return {
        "start": _time(utterance.start),
        "end": _time(utterance.end),
        "text": utterance.text,
        "language": utterance.language,
        "speaker": utterance.speaker,
        **({"channel": utterance.channel} if utterance.channel is not None else {}),
    }


def _turn(turn: Turn) -> Json:
    times = {"start": _time(turn.start), "end": _time(turn.end)}
    return {**times, "speaker": turn.speaker, **({"channel": turn.channel} if turn.channel is not None else {})}


def _audit(audit: Audit) -> Json:
    return {
        "speech": _time(audit.speech),
        "speech_without_text": _time(audit.speech_without_text),
        "text_without_speech": _time(audit.text_without_speech),
        "script_mismatches": audit.script_mismatches,
        "loops": audit.loops,
        "redecoded": audit.redecoded,
        "findings": [
            {"kind": found.kind, "start": _time(found.start), "end": _time(found.end), "detail": found.detail}
            for found in audit.findings
        ],
    }


def _receipt(receipt: Receipt) -> Json:
    return {
        "model": receipt.model,
        "model_sha256": receipt.model_sha256,
        "engine": receipt.engine,
        "device": receipt.device,
        "compute": receipt.compute,
        "options": _plain(receipt.options),
        "versions": receipt.versions,
        "timings": {name: _time(seconds) for name, seconds in receipt.timings.items()},
    }


def _plain(value: object) -> object:
    """Turn an option's value into what JSON can say; what it has no word for becomes text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {str(key): _plain(item) for key, item in cast("dict[object, object]", value).items()}
        case list() | tuple():
            return [_plain(item) for item in cast("list[object]", value)]
        case set() | frozenset():
            return sorted(str(item) for item in cast("set[object]", value))
        case _:
            return str(value)


def read_json(text: str | bytes) -> Transcript:
    """Read a transcript that was written in our JSON.

    Unknown keys are ignored. Times come back as they were written, to the millisecond.

    Parameters
    ----------
    text
        What ``to("json")`` gave, as text or as UTF-8.

    Returns
    -------
    Transcript
        Equal to the one that was written, but for the rounding.

    Raises
    ------
    OptionError
        If the text is not JSON, or not a transcript; the message names the place.
    """
    try:
        return _Object(json.loads(text), "the text").transcript()
    except (ValueError, RecursionError) as error:
        raise OptionError(f"this is not a transcript in Panglot's JSON: {error}. Give a file saved as json.") from error


class _Object:
    """A JSON object that is asked for its members by type; each refusal names the place."""

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, dict):
            raise ValueError(f"{place} is not an object")
        self._members = cast("Json", value)
        self._place = place

    def _get(self, key: str, default: object) -> object:
        value = self._members.get(key, default)
        if value is ...:
            raise ValueError(f"{self._place} has no {key!r}")
        return value

    def text(self, key: str) -> str:
        value = self._get(key, ...)
        if not isinstance(value, str):
            raise ValueError(f"{key!r} of {self._place} is not a text")
        return value

    def text_or_none(self, key: str) -> str | None:
        return None if self._get(key, None) is None else self.text(key)

    def number(self, key: str, default: object = ...) -> float:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float | None):
            raise ValueError(f"{key!r} of {self._place} is not a number")
        return math.nan if value is None else float(value)

    def time(self, key: str, default: object = ...) -> float:
        value = self.number(key, default)
        if not math.isfinite(value):
            raise ValueError(f"{key!r} of {self._place} is not a time")
        return value

    def count(self, key: str) -> int:
        value = self._get(key, 0)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"{key!r} of {self._place} is not a whole number")
        return value

    def items(self, key: str) -> list[object]:
        value = self._get(key, [])
        if not isinstance(value, list):
            raise ValueError(f"{key!r} of {self._place} is not a list")
        return cast("list[object]", value)

    def objects(self, key: str) -> list[_Object]:
        return [_Object(item, f"{key}[{index}]") for index, item in enumerate(self.items(key))]

    def member(self, key: str, default: object = ...) -> _Object:
        return _Object(self._get(key, default), repr(key))

    def members(self) -> Json:
        return self._members

    def transcript(self) -> Transcript:
        return Transcript(
            text=self.text("text"),
            language=self.text_or_none("language"),
            language_probability=self.number("language_probability", 0.0),
            languages=tuple(item.span() for item in self.objects("languages")),
            segments=tuple(item.segment() for item in self.objects("segments")),
            duration=self.time("duration"),
            audit=self.member("audit", {}).audit(),
            receipt=self.member("receipt").receipt(),
            warnings=tuple(str(item) for item in self.items("warnings")),
            speakers=tuple(item.speaker() for item in self.objects("speakers")),
            turns=tuple(item.turn() for item in self.objects("turns")),
        )

    def speaker(self) -> Speaker:
        return Speaker(
            name=self.text("name"),
            talk_time=self.time("talk_time"),
            share=self.number("share"),
            turns=self.count("turns"),
            match=self.number("match") if "match" in self._members else None,
        )

    def turn(self) -> Turn:
        return Turn(
            start=self.time("start"),
            end=self.time("end"),
            speaker=self.text("speaker"),
            channel=self.count("channel") or None,
        )

    def span(self) -> LanguageSpan:
        return LanguageSpan(
            start=self.time("start"),
            end=self.time("end"),
            language=self.text("language"),
            probability=self.number("probability"),
        )

    def segment(self) -> Segment:
        return Segment(
            start=self.time("start"),
            end=self.time("end"),
            text=self.text("text"),
            language=self.text("language"),
            words=tuple(item.word() for item in self.objects("words")),
            speaker=self.text_or_none("speaker"),
            channel=self.count("channel") or None,
            log_probability=self.number("log_probability", 0.0),
            no_speech_probability=self.number("no_speech_probability", 0.0),
            compression_ratio=self.number("compression_ratio", 1.0),
            temperature=self.number("temperature", 0.0),
        )

    def word(self) -> Word:
        return Word(
            start=self.time("start"),
            end=self.time("end"),
            text=self.text("text"),
            probability=self.number("probability"),
            speaker=self.text_or_none("speaker"),
        )

    def audit(self) -> Audit:
        return Audit(
            speech=self.time("speech", 0.0),
            speech_without_text=self.time("speech_without_text", 0.0),
            text_without_speech=self.time("text_without_speech", 0.0),
            script_mismatches=self.count("script_mismatches"),
            loops=self.count("loops"),
            redecoded=self.count("redecoded"),
            findings=tuple(item.finding() for item in self.objects("findings")),
        )

    def finding(self) -> Finding:
        return Finding(
            kind=self.text("kind"), start=self.time("start"), end=self.time("end"), detail=self.text("detail")
        )

    def receipt(self) -> Receipt:
        versions, timings = self.member("versions", {}), self.member("timings", {})
        return Receipt(
            model=self.text("model"),
            model_sha256=self.text("model_sha256"),
            engine=self.text("engine"),
            device=self.text("device"),
            compute=self.text("compute"),
            options=self.member("options", {}).members(),
            versions={name: versions.text(name) for name in versions.members()},
            timings={name: timings.time(name) for name in timings.members()},
        )
