"""A job and its result as the API writes a transcript: the same keys in every state, null where there is nothing."""

from __future__ import annotations

from typing import Any, Final

from panglot.server.v2.parts import Json, confidence, utterances_json, wants_utterances, with_words, words_json
from panglot.service.requests import TranscriptionRequest
from panglot.service.results import Result
from panglot.service.text.measures import switched_languages
from panglot.storage.records import TranscriptRow
from panglot.transcripts import Transcript

DELETED_URL: Final = "http://deleted_by_user"
DELETED_TEXT: Final = "Deleted by user."
MODEL_NAME: Final = "assemblyai_default"
"""What clients find in fields that have had this value since long ago."""

# What the request can set, as it is where the request says nothing.
_OPTIONS: Final[Json] = {
    "language_code": None,
    "language_codes": None,
    "language_detection": False,
    "language_confidence_threshold": None,
    "language_detection_options": None,
    "punctuate": True,
    "format_text": True,
    "disfluencies": False,
    "dual_channel": None,
    "multichannel": None,
    "audio_start_from": None,
    "audio_end_at": None,
    "word_boost": [],
    "boost_param": None,
    "keyterms_prompt": None,
    "prompt": None,
    "temperature": None,
    "remove_audio_tags": None,
    "domain": None,
    "custom_spelling": None,
    "filter_profanity": False,
    "speaker_labels": False,
    "speakers_expected": None,
    "speaker_options": None,
    "speech_threshold": None,
    "speech_model": None,
    "speech_models": None,
    "speed_boost": False,
    "redact_pii": False,
    "redact_pii_audio": False,
    "redact_pii_audio_quality": None,
    "redact_pii_policies": None,
    "redact_pii_sub": None,
    "redact_pii_audio_options": None,
    "redact_pii_return_unredacted": None,
    "webhook_url": None,
    "webhook_auth_header_name": None,
    "custom_topics": False,
    "topics": [],
}
# What this server never finds out.
_INTELLIGENCE: Final[Json] = {
    "summarization": False,
    "summary": None,
    "summary_model": None,
    "summary_type": None,
    "auto_chapters": False,
    "chapters": None,
    "auto_highlights": False,
    "auto_highlights_result": None,
    "content_safety": False,
    "iab_categories": False,
    "sentiment_analysis": False,
    "sentiment_analysis_results": None,
    "entity_detection": False,
    "entities": None,
    "translated_texts": None,
    "speech_understanding": None,
}
# What stays not null when all else about a deleted transcript becomes null.
_DELETED_FLAGS: Final = (
    "auto_highlights",
    "redact_pii",
    "auto_chapters",
    "summarization",
    "disfluencies",
    "sentiment_analysis",
    "entity_detection",
)


def transcript_json(row: TranscriptRow, result: Result | None) -> Json:
    """Write a transcript.

    Parameters
    ----------
    row
        The job, in any state.
    result
        Its outcome, where it is completed and not deleted.

    Returns
    -------
    dict
        For JSON.
    """
    if row.deleted:
        return _deleted(row)
    request = TranscriptionRequest.from_plain(row.request)
    answer: Json = {
        "id": row.id,
        "status": row.status,
        "audio_url": row.audio_url,
        "language_model": MODEL_NAME,
        "acoustic_model": MODEL_NAME,
        "error": row.error if row.status == "error" else None,
        "throttled": None,
        **_OPTIONS,
        **_asked(request),
        **_INTELLIGENCE,
        "webhook_status_code": row.webhook_status,
        "webhook_auth": request.webhook is not None and request.webhook.header_name is not None,
        "metadata": _metadata(row, request, result),
        **_no_outcome(row),
    }
    return answer if result is None else {**answer, **_outcome(row, request, result)}


def whole_seconds(row: TranscriptRow) -> int | None:
    """Return the length of the recording in the whole seconds that the API counts in."""
    return None if row.duration is None else round(row.duration)


def _asked(request: TranscriptionRequest) -> Json:
    if request.surface == "assemblyai":
        return dict(request.echo)
    # Asked for through another API, whose words for it are others.
    return {
        "language_code": request.language,
        "language_detection": request.language is None,
        "speaker_labels": request.speakers,
        "multichannel": request.multichannel or None,
        "punctuate": request.punctuate,
        "format_text": request.format_text,
        "disfluencies": request.disfluencies,
        "prompt": request.prompt or None,
    }


def _no_outcome(row: TranscriptRow) -> Json:
    return {
        "text": None,
        "words": None,
        "utterances": None,
        "confidence": None,
        "audio_duration": whole_seconds(row) if row.status == "completed" else None,
        "speech_model_used": None,
        "language_confidence": None,
        "language_detection_results": None,
        "content_safety_labels": {},
        "iab_categories_result": {},
    }


def _outcome(row: TranscriptRow, request: TranscriptionRequest, result: Result) -> Json:
    transcript = with_words(result.transcript)
    words = words_json(transcript)
    return {
        "text": transcript.text,
        "words": words,
        "utterances": utterances_json(transcript) if wants_utterances(request) else None,
        "confidence": confidence(words),
        "audio_duration": round(transcript.duration),
        "speech_model_used": row.summary.get("speech_model_used") or transcript.receipt.model,
        **_language(request, result),
        **_channels(request, transcript),
        **_unredacted(request, result),
        "content_safety_labels": _unavailable(),
        "iab_categories_result": _unavailable(),
    }


def _language(request: TranscriptionRequest, result: Result) -> Json:
    if request.language is not None:
        return {}
    found: Json = {"language_code": result.transcript.language or request.fallback_language}
    if request.surface == "openai" or request.echo.get("language_detection"):
        found["language_confidence"] = round(result.transcript.language_probability, 5)
    if request.code_switching:
        shares = [
            {"language_code": each.language, "language": each.language, "confidence": round(each.confidence, 5)}
            for each in switched_languages(result.languages, threshold=request.code_switching_threshold)
        ]
        found["language_detection_results"] = {"code_switching_languages": shares}
    return found


def _channels(request: TranscriptionRequest, transcript: Transcript) -> Json:
    if not request.multichannel:
        return {}
    numbers = [segment.channel for segment in transcript.segments if segment.channel is not None]
    return {"audio_channels": max(numbers, default=1)}


def _unredacted(request: TranscriptionRequest, result: Result) -> Json:
    if result.unredacted is None:
        return {}
    transcript = with_words(result.unredacted)
    return {
        "unredacted_text": transcript.text,
        "unredacted_words": words_json(transcript),
        "unredacted_utterances": utterances_json(transcript) if wants_utterances(request) else None,
    }


def _unavailable() -> Json:
    return {"status": "unavailable", "results": [], "summary": {}}


def _metadata(row: TranscriptRow, request: TranscriptionRequest, result: Result | None) -> Json:
    found: tuple[str, ...] = () if result is None else (*result.warnings, *result.transcript.warnings)
    warnings = tuple(dict.fromkeys((*request.warnings, *found)))
    return {
        "domain_used": None,
        "warning": " ".join(warnings) or None,
        "warnings": [{"message": message} for message in warnings],
        "stage": row.stage,
        "seconds_done": round(row.seconds_done, 3),
        "duration": None if row.duration is None else round(row.duration, 3),
    }


def _deleted(row: TranscriptRow) -> Json:
    nothing: dict[str, Any] = dict.fromkeys((*_OPTIONS, *_INTELLIGENCE, *_no_outcome(row), "metadata"))
    return {
        **nothing,
        **dict.fromkeys(_DELETED_FLAGS, False),
        "id": row.id,
        "status": row.status,
        "audio_url": DELETED_URL,
        "webhook_url": DELETED_URL,
        "language_model": MODEL_NAME,
        "acoustic_model": MODEL_NAME,
        "error": None,
        "throttled": None,
        "text": DELETED_TEXT,
        "audio_duration": whole_seconds(row),
        "webhook_status_code": None,
        "webhook_auth": False,
    }
