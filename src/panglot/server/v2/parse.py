"""The body of ``POST /v2/transcript``, made a checked request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_core import from_json

from panglot.errors import RequestError
from panglot.language.codes import normalise
from panglot.server.v2.schemas import (
    MAX_PROMPT_WORDS,
    MAX_TERM_WORDS,
    LanguageDetectionOptions,
    SpeakerOptions,
    TranscriptParameters,
)
from panglot.service.requests import Redaction, Spelling, TranscriptionRequest, Webhook
from panglot.service.text.coverage import check_languages
from panglot.service.webhooks import check_header

DEFAULT_LANGUAGE: Final = "en_us"
SPEECH_MODELS: Final = ("best", "nano", "slam-1", "universal")

_NAMED: Final = 20
"""Most unknown fields that are named, a warning each."""

_UPLOAD_PATH = re.compile(r"/v2/upload/([^/]+)/?$")

# Fields that ask for something this server does not have.
_NOT_BUILT: Final = (
    "summarization",
    "auto_chapters",
    "auto_highlights",
    "sentiment_analysis",
    "entity_detection",
    "iab_categories",
    "content_safety",
    "speech_understanding",
)
# Fields that are echoed, and have no effect here.
_IDLE: Final = ("domain", "custom_topics", "topics", "speed_boost", "boost_param", "keyterms_prompt_options")
_IDLE_DETECTION: Final = (
    "swiss_german",
    "localization",
    "language_detection_model",
)
# Fields that have an effect only beside another.
_COMPANIONS: Final[Mapping[str, str]] = {
    "speakers_expected": "speaker_labels",
    "speaker_options": "speaker_labels",
    "language_confidence_threshold": "language_detection",
    "language_detection_options": "language_detection",
    "redact_pii_policies": "redact_pii",
    "redact_pii_sub": "redact_pii",
    "redact_pii_audio": "redact_pii",
    "redact_pii_return_unredacted": "redact_pii",
    "redact_pii_audio_quality": "redact_pii_audio",
    "redact_pii_audio_options": "redact_pii_audio",
    "summary_model": "summarization",
    "summary_type": "summarization",
    "content_safety_confidence": "content_safety",
}
_ECHOED: Final = frozenset(
    {
        "language_code",
        "language_codes",
        "language_detection",
        "language_confidence_threshold",
        "language_detection_options",
        "punctuate",
        "format_text",
        "disfluencies",
        "dual_channel",
        "multichannel",
        "audio_start_from",
        "audio_end_at",
        "word_boost",
        "boost_param",
        "keyterms_prompt",
        "prompt",
        "temperature",
        "remove_audio_tags",
        "domain",
        "custom_spelling",
        "filter_profanity",
        "speaker_labels",
        "speakers_expected",
        "speaker_options",
        "speech_threshold",
        "speech_model",
        "speech_models",
        "speed_boost",
        "redact_pii",
        "redact_pii_audio",
        "redact_pii_audio_quality",
        "redact_pii_policies",
        "redact_pii_sub",
        "redact_pii_audio_options",
        "redact_pii_return_unredacted",
        "webhook_url",
        "webhook_auth_header_name",
        "custom_topics",
        "topics",
    }
)


class Submission(NamedTuple):
    """What is to be done, and with which recording."""

    request: TranscriptionRequest
    audio_url: str
    upload_id: str | None
    """The upload that the URL names, if it is one of a server like this, whatever its host."""


def parse(body: bytes, *, base_url: str = "") -> Submission:
    """Make a checked request of the body of ``POST /v2/transcript``.

    Parameters
    ----------
    body
        JSON.
    base_url
        Of this server as the client sees it, without a slash at the end.

    Returns
    -------
    Submission
        Codes of languages are ours, times are seconds; what has no effect is among the warnings.

    Raises
    ------
    RequestError
        If the body cannot be read, a value cannot be used, or it asks for what this server does not have, or not in
        the language given.
    LanguageError
        If a language is not one of the 99.
    """
    params = _read(body)
    _refuse_not_built(params)
    audio_url = _web_address("audio_url", params.audio_url)
    upload = _UPLOAD_PATH.search(urlsplit(audio_url).path)
    request = TranscriptionRequest(
        surface="assemblyai",
        name=(params.audio_name or "").strip(),
        echo=_echo(params),
        warnings=tuple(_warnings(params)),
        **_languages(params),
        **_voices(params),
        **_window(params),
        **_hints(params),
        **_text(params),
        redaction=_redaction(params),
        webhook=_webhook(params, base_url),
    )
    if not _detects(params):
        check_languages(request, request.languages if request.language is None else (request.language,))
    return Submission(request=request, audio_url=audio_url, upload_id=upload and upload.group(1))


def _read(body: bytes) -> TranscriptParameters:
    try:
        values = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise RequestError(f"The body is not JSON: {error}. Send an object with at least audio_url.") from None
    if not isinstance(values, dict):
        raise RequestError("The body is not a JSON object. Send an object with at least audio_url.")
    if any("\0" in text for text in _strings(values)):  # pyright: ignore[reportUnknownArgumentType]
        raise RequestError("The body has a NUL character in a string. Leave it out.")
    try:
        return TranscriptParameters.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"{field} cannot be used: {first['msg']}.") from None


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield from _strings(name)  # pyright: ignore[reportUnknownArgumentType]
            yield from _strings(item)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _strings(item)  # pyright: ignore[reportUnknownArgumentType]


def _refuse_not_built(params: TranscriptParameters) -> None:
    asked = [name for name in _NOT_BUILT if getattr(params, name)]
    if asked:
        raise RequestError(f"This server does not have {', '.join(asked)}. Leave it out of the request.")


def _web_address(field: str, value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(char.isspace() or not char.isprintable() for char in value):
        raise RequestError(f"{field} cannot be used: {value[:200]!r} is not an http or https URL.")
    return value


def _echo(params: TranscriptParameters) -> dict[str, Any]:
    given = params.model_dump(mode="json", include=set(_ECHOED), exclude_none=True, by_alias=True)
    if not _detects(params) and not params.language_codes:
        given.setdefault("language_code", DEFAULT_LANGUAGE)
    else:
        given.pop("language_code", None)  # the answer is what was detected
    if params.speech_model not in SPEECH_MODELS:
        given.pop("speech_model", None)  # clients know no other values
    return given


def _detects(params: TranscriptParameters) -> bool:
    return bool(params.language_detection)


def _languages(params: TranscriptParameters) -> dict[str, Any]:
    codes = tuple(dict.fromkeys(normalise(code) for code in params.language_codes or ()))
    if _detects(params):
        return {**_detection(params), **({"languages": codes} if codes else {})}
    if len(codes) > 1:
        return {"languages": codes, "on_no_speech": "fallback"}  # only who asks for detection can be failed by it
    return {"language": codes[0] if codes else normalise(params.language_code or DEFAULT_LANGUAGE)}


def _detection(params: TranscriptParameters) -> dict[str, Any]:
    options = params.language_detection_options or LanguageDetectionOptions()
    expected = options.expected_languages or ["all"]
    languages = () if "all" in expected else tuple(dict.fromkeys(normalise(code) for code in expected))
    fallback = None if options.fallback_language in (None, "auto") else normalise(options.fallback_language)
    if fallback is not None and languages and fallback not in languages:
        raise RequestError(
            f"language_detection_options.fallback_language={options.fallback_language!r} is not one of "
            "expected_languages. Name one of them, or auto."
        )
    if options.on_no_speech_detected == "fallback" and fallback is None:
        raise RequestError(
            "language_detection_options.on_no_speech_detected=fallback needs a fallback_language other than auto."
        )
    # The best of the expected languages is what was detected, so no confidence is too low to fall back on it.
    never_too_low = options.on_low_language_confidence == "fallback" and fallback is None
    threshold = options.code_switching_confidence_threshold
    return {
        "languages": languages,
        "language_threshold": 0.0 if never_too_low else params.language_confidence_threshold or 0.0,
        "fallback_language": fallback,
        "on_low_confidence": options.on_low_language_confidence or "error",
        "on_no_speech": options.on_no_speech_detected or "error",
        "code_switching": bool(options.code_switching),
        "code_switching_threshold": 0.3 if threshold is None else threshold,
    }


def _voices(params: TranscriptParameters) -> dict[str, Any]:
    channels = {"multichannel": bool(params.multichannel or params.dual_channel)}
    if not params.speaker_labels:
        return channels
    options = params.speaker_options or SpeakerOptions()
    least, most = options.min_speakers_expected, options.max_speakers_expected
    if least is not None and most is not None and most < least:
        raise RequestError(
            f"speaker_options.max_speakers_expected={most} is less than min_speakers_expected={least}. "
            "Give at least as many."
        )
    exact = params.speakers_expected
    return {
        **channels,
        "speakers": True,
        "speakers_expected": exact,
        "min_speakers": least if exact is None else None,
        "max_speakers": most if exact is None else None,
    }


def _window(params: TranscriptParameters) -> dict[str, Any]:
    start, end = params.audio_start_from or 0, params.audio_end_at
    if end is not None and end <= start:
        raise RequestError(f"audio_end_at={end} is not after audio_start_from={start}. Give a later end.")
    return {"start": start / 1000, "end": None if end is None else end / 1000}


def _hints(params: TranscriptParameters) -> dict[str, Any]:
    prompt = (params.prompt or "").strip()
    if prompt and params.keyterms_prompt:
        raise RequestError("prompt and keyterms_prompt cannot be used together. Give one of them.")
    if len(prompt.split()) > MAX_PROMPT_WORDS:
        raise RequestError(f"prompt has more than {MAX_PROMPT_WORDS} words. Give fewer.")
    terms = [*_terms("keyterms_prompt", params.keyterms_prompt), *_terms("word_boost", params.word_boost)]
    return {"prompt": prompt, "keyterms": tuple(dict.fromkeys(terms))}


def _terms(field: str, given: Sequence[str] | None) -> Iterator[str]:
    for term in given or ():
        words = term.split()
        if any(not word.isprintable() for word in words):
            listed = "word boost list" if field == "word_boost" else f"{field} list"
            raise RequestError(f"{term!r} was included in the {listed} but contains unsupported characters")
        if len(words) > MAX_TERM_WORDS:
            raise RequestError(f"{field}: {term[:200]!r} has more than {MAX_TERM_WORDS} words. Give a shorter term.")
        if words:
            yield " ".join(words)


def _text(params: TranscriptParameters) -> dict[str, Any]:
    return {
        "punctuate": params.punctuate is not False,
        "format_text": params.format_text is not False,
        "disfluencies": bool(params.disfluencies),
        "filter_profanity": bool(params.filter_profanity),
        "remove_audio_tags": params.remove_audio_tags is not None,
        "custom_spelling": tuple(_spellings(params)),
        "speech_threshold": params.speech_threshold or 0.0,
    }


def _spellings(params: TranscriptParameters) -> Iterator[Spelling]:
    for each in params.custom_spelling or ():
        given = [each.sources] if isinstance(each.sources, str) else each.sources
        sources = tuple(" ".join(source.split()) for source in given if source.strip())
        if not sources or len(each.to.split()) != 1:
            raise RequestError(
                f"custom_spelling: from={given!r}, to={each.to!r} cannot be used. "
                "Give at least one word in from, and exactly one in to."
            )
        yield Spelling(sources=sources, target=each.to.strip())


def _redaction(params: TranscriptParameters) -> Redaction | None:
    if not params.redact_pii:
        return None
    # Its tables of numbers load only where somebody asks for it.
    from panglot.service.text.redaction import check_policies

    options = params.redact_pii_audio_options
    return Redaction(
        policies=check_policies(params.redact_pii_policies or ()),
        substitution=params.redact_pii_sub or "hash",
        audio=bool(params.redact_pii_audio),
        audio_quality=params.redact_pii_audio_quality or "mp3",
        audio_silence=options is not None and options.override_audio_redaction_method == "silence",
        return_unredacted=bool(params.redact_pii_return_unredacted),
    )


def _webhook(params: TranscriptParameters, base_url: str) -> Webhook | None:
    name, value = params.webhook_auth_header_name or None, params.webhook_auth_header_value or None
    if (name is None) != (value is None):
        raise RequestError("Give both webhook_auth_header_name and webhook_auth_header_value, or neither.")
    if not params.webhook_url:
        return None
    if name is not None and value is not None:
        if not value.isascii():
            raise RequestError("webhook_auth_header_value cannot be used: it may have ASCII characters only.")
        check_header(name, value)
    url = _web_address("webhook_url", params.webhook_url)
    return Webhook(url=url, header_name=name, header_value=value, base_url=base_url)


def _warnings(params: TranscriptParameters) -> Iterator[str]:
    unknown = (*params.unknown(), *params.unknown_inside())
    for name in unknown[:_NAMED]:
        yield f"{name[:100]} is not a parameter that this server knows; it has no effect."
    if len(unknown) > _NAMED:
        yield f"{len(unknown) - _NAMED} more parameters are not known, and have no effect."
    for name in _IDLE:
        if getattr(params, name):
            yield f"{name} has no effect on this server."
    for name, needed in _COMPANIONS.items():
        if getattr(params, name) and not getattr(params, needed):
            yield f"{name} has no effect without {needed}."
    if params.language_code and (_detects(params) or params.language_codes):
        yield f"language_code has no effect beside {'language_detection' if _detects(params) else 'language_codes'}."
    if (params.language_code or "").lower().replace("-", "_") in ("en_au", "en_uk", "en_gb"):
        yield "language_code is understood as English; this server does not change the spelling to a region's."
    if params.temperature:
        yield "temperature has no effect: this server does not sample."
    if params.webhook_auth_header_name and not params.webhook_url:
        yield "webhook_auth_header_name has no effect without webhook_url."
    for name in ("speech_models", "speech_model"):
        if getattr(params, name):
            yield f"{name} has no effect on this server: its default model is used, which speech_model_used names."
    yield from _option_warnings(params)


def _option_warnings(params: TranscriptParameters) -> Iterator[str]:
    detection, speakers, audio = (
        params.language_detection_options,
        params.speaker_options,
        params.redact_pii_audio_options,
    )
    if detection is not None:
        for name in _IDLE_DETECTION:
            if getattr(detection, name):
                yield f"language_detection_options.{name} has no effect on this server."
        if detection.code_switching_confidence_threshold is not None and not detection.code_switching:
            yield (
                "language_detection_options.code_switching_confidence_threshold has no effect without "
                "language_detection_options.code_switching."
            )
    if speakers is not None:
        for name in ("use_two_stage_clustering", "short_file_diarization_method", "long_file_diarization_method"):
            if getattr(speakers, name):
                yield f"speaker_options.{name} has no effect on this server."
        bounded = speakers.min_speakers_expected or speakers.max_speakers_expected
        if params.speaker_labels and params.speakers_expected and bounded:
            yield "speaker_options has no effect beside speakers_expected."
    if audio is not None and audio.return_redacted_no_speech_audio:
        yield "redact_pii_audio_options.return_redacted_no_speech_audio has no effect on this server."
