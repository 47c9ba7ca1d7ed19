"""What goes in and out as JSON: every parameter of a request, and every key of an answer."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
)

from panglot.storage.records import Status

MAX_TERMS = 1000
MAX_TERM_WORDS = 6
MAX_PROMPT_WORDS = 1500


def _day(value: object) -> date:
    # Without this, numbers would be taken as seconds since 1970.
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("give a day such as 2026-03-01")
    return date.fromisoformat(value)


Fraction = Annotated[float, Field(ge=0, le=1)]
Milliseconds = Annotated[int, Field(ge=0, le=10**12)]
Count = Annotated[int, Field(ge=1, le=1000)]
Code = Annotated[str, Field(max_length=64)]
"""Of a language."""
Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]
Text = Annotated[str, Field(max_length=10_000)]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Terms = Annotated[list[Text], Field(max_length=MAX_TERMS)]


class _Lenient(BaseModel):
    """Knows some fields, and keeps all others, so that they can be named in a warning."""

    model_config = ConfigDict(extra="allow")

    def unknown(self) -> tuple[str, ...]:
        """Return the names of the fields that are not known here."""
        return tuple(self.model_extra or ())

    def unknown_inside(self) -> tuple[str, ...]:
        """Return the names of the fields that are not known in the objects in this one, each once, with a dot each."""
        inside = {
            f"{name}.{field}": None
            for name in type(self).model_fields
            for each in _objects(getattr(self, name))
            for field in each.unknown()
        }
        return tuple(inside)


def _objects(value: object) -> list[_Lenient]:
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, _Lenient)]


class _Inner(_Lenient):
    """Stands inside another; the fields that it does not know are not echoed."""

    @model_serializer(mode="wrap")
    def _known(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        return {name: value for name, value in written.items() if name not in self.unknown()}


class LanguageDetectionOptions(_Inner):
    """How a language is detected."""

    expected_languages: list[Code] | None = None
    fallback_language: Code | None = None
    code_switching: bool | None = None
    code_switching_confidence_threshold: Fraction | None = None
    on_low_language_confidence: Literal["error", "fallback"] | None = None
    on_no_speech_detected: Literal["error", "fallback"] | None = None
    swiss_german: bool | None = None
    localization: list[Code] | None = None
    language_detection_model: Text | None = None


class SpeakerOptions(_Inner):
    """How many speakers there may be."""

    min_speakers_expected: Count | None = None
    max_speakers_expected: Count | None = None
    use_two_stage_clustering: bool | None = None
    short_file_diarization_method: Text | None = None
    long_file_diarization_method: Text | None = None


class KeytermsOptions(_Inner):
    """How much key terms count."""

    keyterms_match_strength: Literal["high", "standard"] | None = None


class AudioRedactionOptions(_Inner):
    """How personal data are taken out of the sound."""

    override_audio_redaction_method: Literal["silence"] | None = None
    return_redacted_no_speech_audio: bool | None = None


class CustomSpelling(_Inner):
    """Words that are to be written another way."""

    sources: Text | list[Text] = Field(alias="from")
    to: Text


class TranscriptParameters(_Lenient):
    """The body of ``POST /v2/transcript``. Null means the same as left out."""

    audio_url: Annotated[str, Field(min_length=1, max_length=8000)]
    audio_name: Annotated[str, Field(max_length=255)] | None = None
    speech_models: list[Text] | None = None
    speech_model: Text | None = None
    language_code: Code | None = None
    language_codes: list[Code] | None = None
    language_detection: bool | None = None
    language_confidence_threshold: Fraction | None = None
    language_detection_options: LanguageDetectionOptions | None = None
    punctuate: bool | None = None
    format_text: bool | None = None
    disfluencies: bool | None = None
    speaker_labels: bool | None = None
    speakers_expected: Count | None = None
    speaker_options: SpeakerOptions | None = None
    multichannel: bool | None = None
    dual_channel: bool | None = None
    audio_start_from: Milliseconds | None = None
    audio_end_at: Milliseconds | None = None
    keyterms_prompt: Terms | None = None
    keyterms_prompt_options: KeytermsOptions | None = None
    word_boost: Terms | None = None
    boost_param: Literal["low", "default", "high"] | None = None
    prompt: str | None = None
    temperature: Fraction | None = None
    remove_audio_tags: Literal["all"] | None = None
    domain: Text | None = None
    custom_spelling: list[CustomSpelling] | None = None
    speech_threshold: Fraction | None = None
    webhook_url: Annotated[str, Field(max_length=8000)] | None = None
    webhook_auth_header_name: Text | None = None
    webhook_auth_header_value: Text | None = None
    filter_profanity: bool | None = None
    redact_pii: bool | None = None
    redact_pii_policies: list[Text] | None = None
    redact_pii_sub: Literal["hash", "entity_name"] | None = None
    redact_pii_audio: bool | None = None
    redact_pii_audio_quality: Literal["mp3", "wav"] | None = None
    redact_pii_audio_options: AudioRedactionOptions | None = None
    redact_pii_return_unredacted: bool | None = None
    summarization: bool | None = None
    summary_model: Text | None = None
    summary_type: Text | None = None
    auto_chapters: bool | None = None
    auto_highlights: bool | None = None
    sentiment_analysis: bool | None = None
    entity_detection: bool | None = None
    iab_categories: bool | None = None
    content_safety: bool | None = None
    content_safety_confidence: int | None = None
    custom_topics: bool | None = None
    topics: list[Text] | None = None
    speed_boost: bool | None = None
    speech_understanding: dict[str, Any] | None = None


def parameters_schema() -> dict[str, Any]:
    """Return the JSON schema of `TranscriptParameters` in one piece, for a place where no reference can lead."""
    return schema_of(TranscriptParameters)


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a model in one piece."""
    schema = model.model_json_schema()
    return _inlined(schema, schema.pop("$defs", {}))


def _inlined(value: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_inlined(item, definitions) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    fields = cast("dict[str, Any]", value)
    if "$ref" in fields:
        return _inlined(definitions[fields["$ref"].rpartition("/")[2]], definitions)
    return {name: _inlined(item, definitions) for name, item in fields.items()}


def _bare_status(given: object) -> object:
    """Status as older releases of the Python client write it under Python 3.11 and newer: with its enum's name."""
    return given.removeprefix("TranscriptStatus.") if isinstance(given, str) else given


ListedStatus = Annotated[Status, BeforeValidator(_bare_status)]


class ListParameters(BaseModel):
    """The query of ``GET /v2/transcript``."""

    limit: Annotated[int, Field(ge=1, le=200)] = 10
    status: ListedStatus | None = None
    created_on: Day | None = None
    before_id: Id | None = None
    after_id: Id | None = None
    throttled_only: bool = False


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ErrorBody(_Answer):
    """What went wrong."""

    error: str


class UploadBody(_Answer):
    """Where the file is now."""

    upload_url: str


class WordBody(_Answer):
    """One word, times in milliseconds."""

    text: str
    start: int
    end: int
    confidence: float
    speaker: str | None
    channel: str = ""


class UtteranceBody(WordBody):
    """What one speaker says without a long pause."""

    words: list[WordBody]


class SentenceBody(UtteranceBody):
    """One sentence."""


class ParagraphBody(_Answer):
    """Sentences that belong together."""

    text: str
    start: int
    end: int
    confidence: float
    words: list[WordBody]


class _Parts(_Answer):
    id: str
    confidence: float
    audio_duration: float
    speech_model_used: str | None


class SentencesBody(_Parts):
    """A transcript as sentences."""

    sentences: list[SentenceBody]


class ParagraphsBody(_Parts):
    """A transcript as paragraphs."""

    paragraphs: list[ParagraphBody]


class MatchBody(_Answer):
    """Where something is said."""

    text: str
    count: int
    timestamps: list[tuple[int, int]]
    indexes: list[int]


class SearchBody(_Answer):
    """What was found."""

    id: str
    total_count: int
    matches: list[MatchBody]


class RedactedAudioBody(_Answer):
    """Where the sound without personal data is."""

    status: Literal["redacted_audio_ready"]
    redacted_audio_url: str


class PendingBody(_Answer):
    """The sound without personal data is being made."""

    status: Literal["redacted_audio_pending"]


class ItemBody(_Answer):
    """One transcript in a list."""

    id: str
    resource_url: str
    status: Status
    created: str
    completed: str | None
    audio_url: str
    error: str | None


class PageDetailsBody(_Answer):
    """Where a page of the list is."""

    limit: int
    result_count: int
    current_url: str
    prev_url: str | None
    next_url: str | None


class ListBody(_Answer):
    """A page of the list of transcripts."""

    page_details: PageDetailsBody
    transcripts: list[ItemBody]


class WarningBody(_Answer):
    """Something that has no effect, or that went less well than asked."""

    message: str


class MetadataBody(_Answer):
    """About the job."""

    domain_used: str | None
    warning: str | None
    warnings: list[WarningBody]
    stage: str
    seconds_done: float
    duration: float | None


class TranscriptBody(_Answer):
    """A transcript, in any state."""

    id: str
    status: Status
    audio_url: str
    language_model: str
    acoustic_model: str
    error: str | None
    throttled: bool | None
    text: str | None
    words: list[WordBody] | None
    utterances: list[UtteranceBody] | None
    confidence: float | None
    audio_duration: int | None
    speech_model_used: str | None
    language_code: str | None
    language_codes: list[str] | None
    language_detection: bool | None
    language_confidence: float | None
    language_confidence_threshold: float | None
    language_detection_options: dict[str, Any] | None
    language_detection_results: dict[str, Any] | None
    punctuate: bool | None
    format_text: bool | None
    disfluencies: bool
    dual_channel: bool | None
    multichannel: bool | None
    audio_channels: int = 0
    audio_start_from: int | None
    audio_end_at: int | None
    word_boost: list[str] | None
    boost_param: str | None
    keyterms_prompt: list[str] | None
    prompt: str | None
    temperature: float | None
    remove_audio_tags: str | None
    domain: str | None
    custom_spelling: list[dict[str, Any]] | None
    filter_profanity: bool | None
    speaker_labels: bool | None
    speakers_expected: int | None
    speaker_options: dict[str, Any] | None
    speech_threshold: float | None
    speech_model: Literal["best", "nano", "slam-1", "universal"] | None
    speech_models: list[str] | None
    speed_boost: bool | None
    redact_pii: bool
    redact_pii_audio: bool | None
    redact_pii_audio_quality: Literal["mp3", "wav"] | None
    redact_pii_policies: list[str] | None
    redact_pii_sub: Literal["hash", "entity_name"] | None
    redact_pii_audio_options: dict[str, Any] | None
    redact_pii_return_unredacted: bool | None
    unredacted_text: str = ""
    unredacted_words: list[WordBody] = []
    unredacted_utterances: list[UtteranceBody] | None = None
    webhook_url: str | None
    webhook_status_code: int | None
    webhook_auth: bool
    webhook_auth_header_name: str | None
    summarization: bool
    summary: str | None
    summary_model: str | None
    summary_type: str | None
    auto_chapters: bool
    chapters: list[Any] | None
    auto_highlights: bool
    auto_highlights_result: dict[str, Any] | None
    content_safety: bool | None
    content_safety_labels: dict[str, Any] | None
    iab_categories: bool | None
    iab_categories_result: dict[str, Any] | None
    sentiment_analysis: bool
    sentiment_analysis_results: list[Any] | None
    entity_detection: bool
    entities: list[Any] | None
    custom_topics: bool | None
    topics: list[str] | None
    metadata: MetadataBody | None
    translated_texts: dict[str, str] | None
    speech_understanding: dict[str, Any] | None
