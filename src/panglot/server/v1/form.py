"""The fields of a request → what to do, and how to answer."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

from panglot.errors import LanguageError, RequestError
from panglot.language import normalise
from panglot.service.requests import TranscriptionRequest

ResponseFormat = Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"]

_HINT_LENGTH: Final = 4000
"""Characters of prompt and keyterms together, written one after the other."""

_INDEX = re.compile(r"\[\d*\]$")
_TRUE: Final = ("true", "1", "yes", "on")
_FALSE: Final = ("false", "0", "no", "off")
_REFUSED: Final = ("known_speaker_names", "known_speaker_references")
_CHUNKING: Final = "chunking_strategy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A checked request, and the form its answer takes."""

    request: TranscriptionRequest
    response_format: ResponseFormat
    stream: bool
    words: bool
    """Whether verbose_json lists words."""
    segments: bool
    """Whether verbose_json lists segments."""
    logprobs: bool
    """Whether json tells how likely each word is."""


def check_name(name: str) -> None:
    """Raise a `RequestError` for a field that asks for something that cannot be had."""
    if _bare(name) in _REFUSED:
        raise RequestError(
            f"{_bare(name)} is not available: speakers are told apart, but not recognised by samples of their voices. "
            "Leave out known_speaker_names and known_speaker_references; response_format=diarized_json calls the "
            "speakers A, B and so on."
        )


def read_form(fields: Iterable[tuple[str, str]], *, translate: bool) -> Form:
    """Check the fields of a request.

    Parameters
    ----------
    fields
        Names and values as they were sent; names of lists with or without ``[]``.
    translate
        Whether English is to be written, whatever is spoken.

    Returns
    -------
    Form
        What to do. What was accepted but has no effect stands in its request's warnings.

    Raises
    ------
    RequestError
        If a field has a value that cannot be used.
    """
    sent = _Fields(fields)
    response_format = _response_format(sent, translate=translate)
    granularities = sent.choices("timestamp_granularities", ("word", "segment"))
    if granularities and response_format != "verbose_json":
        sent.warn("timestamp_granularities has no effect without response_format=verbose_json.")
    stream = sent.flag("stream") or False
    logprobs = bool(sent.choices("include", ("logprobs",)))
    return Form(
        request=_request(sent, response_format, translate=translate),
        response_format=response_format,
        stream=stream,
        words="word" in granularities,
        segments="segment" in granularities or not granularities,
        logprobs=logprobs,
    )


def _response_format(sent: _Fields, *, translate: bool) -> ResponseFormat:
    allowed = [name for name in get_args(ResponseFormat) if not (translate and name == "diarized_json")]
    value = sent.one("response_format") or "json"
    if value not in allowed:
        raise RequestError(f"response_format is {value[:100]!r}. It can be {', '.join(allowed)}.")
    return cast(ResponseFormat, value)


def _request(sent: _Fields, response_format: ResponseFormat, *, translate: bool) -> TranscriptionRequest:
    model = sent.one("model") or "whisper-1"
    language, languages = _languages(sent)
    prompt, keyterms = _hints(sent)
    speakers, least, most = _speakers(sent, diarized=response_format == "diarized_json")
    _note_what_has_no_effect(sent)
    return TranscriptionRequest(
        surface="openai",
        echo={"model": model[:200], "response_format": response_format},
        language=language,
        languages=languages,
        speakers=speakers,
        min_speakers=least,
        max_speakers=most,
        prompt=prompt,
        keyterms=keyterms,
        translate=translate,
        warnings=sent.warnings(),
    )


def _languages(sent: _Fields) -> tuple[str | None, tuple[str, ...]]:
    value = sent.one("language")
    language = None if value is None or value.lower() == "auto" else _code(value, "language")
    languages = tuple(dict.fromkeys(_code(each, "languages") for each in sent.split("languages")))
    if language is not None and languages:
        raise RequestError("Both language and languages were given. Give the language spoken, or those that may occur.")
    return language, languages


def _code(value: str, field: str) -> str:
    try:
        return normalise(value)
    except LanguageError as error:
        raise RequestError(f"{field}: {str(error)[:500]}") from error


def _hints(sent: _Fields) -> tuple[str, tuple[str, ...]]:
    prompt = (sent.one("prompt") or "").strip()
    terms = [*sent.many("keywords"), *sent.split("hotwords")]
    keyterms = tuple(dict.fromkeys(term.strip() for term in terms if term.strip()))
    length = len(f"{prompt} {', '.join(keyterms)}.")
    if length > _HINT_LENGTH:
        raise RequestError(
            f"prompt, keywords and hotwords have {length} characters together; {_HINT_LENGTH} are allowed. Give fewer."
        )
    return prompt, keyterms


def _speakers(sent: _Fields, *, diarized: bool) -> tuple[bool, int | None, int | None]:
    wanted = sent.flag("diarize")
    least, most = sent.count("min_speakers"), sent.count("max_speakers")
    if least is not None and most is not None and least > most:
        raise RequestError(
            f"min_speakers is {least} and max_speakers {most}. Give max_speakers of at least min_speakers."
        )
    asked = diarized or least is not None or most is not None
    if wanted is False and asked:
        raise RequestError(
            "diarize is false, but diarized_json, min_speakers or max_speakers ask for speakers. Leave out one of them."
        )
    return bool(wanted) or asked, least, most


def _note_what_has_no_effect(sent: _Fields) -> None:
    temperature = sent.number("temperature", most=1.0)
    if temperature:
        sent.warn(
            "temperature has no effect: the likeliest words are chosen, and doubtful stretches are decoded again."
        )
    if _chunking(sent):
        sent.warn("chunking_strategy has no effect: recordings of any length are always cut in pauses of the speech.")
    if sent.flag("vad_filter") is False:
        sent.warn("vad_filter has no effect: speech is always looked for first.")


def _chunking(sent: _Fields) -> bool:
    """Whether a strategy was given, in one of its forms: ``auto``, an object as JSON, or its members as fields."""
    members = {
        name: sent.one(f"{_CHUNKING}[{name}]")
        for name in ("type", "threshold", "prefix_padding_ms", "silence_duration_ms")
    }
    value = sent.one(_CHUNKING)
    kind = members["type"] if value is None else value if value in ("auto", "server_vad") else _type_in(value)
    if kind not in (None, "auto", "server_vad"):
        raise RequestError(
            f"chunking_strategy is {kind[:100]!r}. It can be auto, or an object with the type server_vad."
        )
    sent.number(f"{_CHUNKING}[threshold]", most=1.0)
    for name in ("prefix_padding_ms", "silence_duration_ms"):
        sent.number(f"{_CHUNKING}[{name}]")
    return kind is not None or any(members.values())


def _type_in(value: str) -> str:
    try:
        content: Any = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return str(cast("dict[str, Any]", content).get("type")) if isinstance(content, dict) else value


def _bare(name: str) -> str:
    return _INDEX.sub("", name)


class _Fields:
    """Fields by name; those that nobody asks for become warnings."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in fields:
            # What is empty was not filled in.
            values = self._values.setdefault(_bare(name), [])
            if value.strip():
                values.append(value)
        self._known: set[str] = set()
        self._warnings: list[str] = []

    def many(self, name: str) -> Sequence[str]:
        self._known.add(name)
        return self._values.get(name, [])

    def one(self, name: str) -> str | None:
        values = self.many(name)
        return values[-1].strip() if values else None

    def split(self, name: str) -> Sequence[str]:
        """Values that may stand in one field with commas between them."""
        return [part.strip() for value in self.many(name) for part in value.split(",") if part.strip()]

    def choices(self, name: str, allowed: Sequence[str]) -> Sequence[str]:
        values = self.split(name)
        for value in values:
            if value not in allowed:
                raise RequestError(f"{name} has {value[:100]!r}. It can have {' and '.join(allowed)}.")
        return values

    def flag(self, name: str) -> bool | None:
        value = self.one(name)
        if value is None or value.lower() in (*_TRUE, *_FALSE):
            return None if value is None else value.lower() in _TRUE
        raise RequestError(f"{name} is {value[:100]!r}. It can be true or false.")

    def number(self, name: str, *, most: float = math.inf) -> float | None:
        value = self._parsed(name, float)
        if value is not None and not (math.isfinite(value) and 0 <= value <= most):
            bound = "" if most == math.inf else f" and at most {most:g}"
            raise RequestError(f"{name} is {value}. Give a number of at least 0{bound}.")
        return value

    def count(self, name: str) -> int | None:
        value = self._parsed(name, int)
        if value is not None and not 1 <= value <= 1000:
            raise RequestError(f"{name} is {str(value)[:100]}. Give a whole number from 1 to 1000.")
        return value

    def _parsed(self, name: str, parse: Callable[[str], float]) -> Any:
        value = self.one(name)
        if value is None:
            return None
        try:
            return parse(value)
        except ValueError as error:
            raise RequestError(f"{name} is {value[:100]!r}. Give a number.") from error

    def warn(self, text: str) -> None:
        self._warnings.append(text)

    def warnings(self) -> tuple[str, ...]:
        unknown = sorted(name for name in self._values if name not in self._known)
        told = [f"The field {name[:100]!r} is unknown and has no effect." for name in unknown[:20]]
        return (*self._warnings, *told)
