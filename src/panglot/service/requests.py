"""What a client asked for, checked, whichever API it came through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from panglot.units import Seconds

Surface = Literal["assemblyai", "openai"]
OnTrouble = Literal["error", "fallback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """Words that are to be written another way."""

    sources: tuple[str, ...]
    """Any of these, in any case; one or more words each."""
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """Which personal data are to be taken out, and how."""

    policies: tuple[str, ...]
    substitution: Literal["hash", "entity_name"] = "hash"
    audio: bool = False
    audio_quality: Literal["mp3", "wav"] = "mp3"
    audio_silence: bool = False
    """Silence instead of a beep."""
    return_unredacted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Whom to tell when the work is done."""

    url: str
    header_name: str | None = None
    header_value: str | None = None
    base_url: str = ""
    """Of this server as the client sees it, for links in messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionRequest:
    """A checked request: codes are ours (``en``, ``jw``), times are seconds."""

    surface: Surface
    name: str = ""
    """Of the recording, as the client calls it."""
    echo: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the client sent, as its API echoes it; without secrets."""
    language: str | None = None
    """The language spoken, None to detect it."""
    languages: tuple[str, ...] = ()
    """Languages that may occur; empty for all."""
    language_threshold: float = 0.0
    """The least confidence in the detected language, from 0 to 1."""
    fallback_language: str | None = None
    on_low_confidence: OnTrouble = "error"
    on_no_speech: OnTrouble = "fallback"
    """``fallback`` completes a recording without speech with an empty transcript."""
    code_switching: bool = False
    """Report the languages that occur. Recognition follows changes of language in any case when it detects."""
    code_switching_threshold: float = 0.3
    """The least confidence, from 0 to 1, with which a language beside the one spoken longest is reported."""
    speakers: bool = False
    speakers_expected: int | None = None
    min_speakers: int | None = None
    max_speakers: int | None = None
    multichannel: bool = False
    start: Seconds = 0.0
    end: Seconds | None = None
    prompt: str = ""
    keyterms: tuple[str, ...] = ()
    translate: bool = False
    punctuate: bool = True
    format_text: bool = True
    disfluencies: bool = True
    """Keep fillers such as "um"."""
    filter_profanity: bool = False
    remove_audio_tags: bool = False
    custom_spelling: tuple[Spelling, ...] = ()
    speech_threshold: float = 0.0
    """The least share of speech in the recording, from 0 to 1."""
    redaction: Redaction | None = None
    webhook: Webhook | None = None
    warnings: tuple[str, ...] = ()
    """What was accepted but has no effect, a sentence each."""
    traceparent: str | None = None
    """Of the request's trace (W3C Trace Context), where requests are traced."""

    def plain(self) -> dict[str, Any]:
        """Return plain values for the database; `from_plain` is the way back."""
        values = asdict(self)
        if self.traceparent is None:  # a worker of the version before does not know it
            del values["traceparent"]
        return values

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> Self:
        """Make the request of what `plain` returned."""
        redaction: dict[str, Any] | None = values["redaction"]
        webhook: dict[str, Any] | None = values["webhook"]
        fields: dict[str, Any] = {
            **values,
            **{name: tuple(values[name]) for name in ("languages", "keyterms", "warnings")},
            "custom_spelling": tuple(
                Spelling(sources=tuple(each["sources"]), target=each["target"]) for each in values["custom_spelling"]
            ),
            "webhook": webhook and Webhook(**webhook),
        }
        if redaction is not None:
            policies: dict[str, Any] = {"policies": tuple(redaction["policies"])}
            fields["redaction"] = Redaction(**(redaction | policies))
        return cls(**fields)
