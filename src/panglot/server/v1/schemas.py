"""The shapes of the answers, as OpenAI's own clients read them. Times are seconds."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Usage(BaseModel):
    """How much was transcribed."""

    type: Literal["duration"] = "duration"
    seconds: int = Field(description="Length of the recording, rounded up")


class LanguageCode(BaseModel):
    """A language that is spoken."""

    code: str


class Logprob(BaseModel):
    """How likely a word is."""

    token: str = Field(description="A word, with the space before it")
    bytes: list[int] = Field(description="The word as UTF-8")
    logprob: float = Field(description="Natural logarithm of the word's probability")


class PlainAnswer(BaseModel):
    """Answer of the format json."""

    text: str
    languages: list[LanguageCode] | None = Field(default=None, description="In the order of their first words")
    logprobs: list[Logprob] | None = None
    usage: Usage | None = None


class VerboseSegment(BaseModel):
    """A segment of verbose_json."""

    id: int
    seek: int = Field(description="Where the segment starts, in frames of 10 ms")
    start: float
    end: float
    text: str = Field(description="With what separates it from the segment before, so that texts can be joined")
    tokens: list[int] = Field(description="Always empty: tokens are not kept")
    temperature: float
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float
    speaker: str | None = None


class VerboseWord(BaseModel):
    """A word of verbose_json."""

    word: str
    start: float
    end: float
    speaker: str | None = None


class VerboseAnswer(BaseModel):
    """Answer of the format verbose_json."""

    task: Literal["transcribe", "translate"]
    language: str = Field(description="English name in lower case; unknown where nobody speaks")
    duration: float
    text: str
    segments: list[VerboseSegment] | None = None
    words: list[VerboseWord] | None = None
    usage: Usage


class DiarizedSegment(BaseModel):
    """What one speaker says, in diarized_json and as an event."""

    type: Literal["transcript.text.segment"] = "transcript.text.segment"
    id: str
    start: float
    end: float
    speaker: str
    text: str


class DiarizedAnswer(BaseModel):
    """Answer of the format diarized_json."""

    task: Literal["transcribe"] = "transcribe"
    duration: float
    text: str
    segments: list[DiarizedSegment]
    usage: Usage


class TextDelta(BaseModel):
    """Event: text that goes on from what was sent before."""

    type: Literal["transcript.text.delta"] = "transcript.text.delta"
    delta: str


class TextDone(BaseModel):
    """Event: the whole text, which is that of all deltas one after the other."""

    type: Literal["transcript.text.done"] = "transcript.text.done"
    text: str
    logprobs: list[Logprob] | None = None


class ModelCard(BaseModel):
    """A model that can be named."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class ModelList(BaseModel):
    """All models that can be named."""

    object: Literal["list"] = "list"
    data: list[ModelCard]


class ErrorDetail(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorAnswer(BaseModel):
    """Answer of every request that failed."""

    error: ErrorDetail


FORM_PROPERTIES = {
    "file": {"type": "string", "format": "binary", "description": "The recording, in any format of audio or video"},
    "model": {"type": "string", "description": "Any name; the server's default model is used"},
    "prompt": {"type": "string", "description": "Text that names, terms and style are taken from"},
    "temperature": {"type": "number", "minimum": 0, "maximum": 1, "description": "Accepted without effect"},
    "language": {"type": "string", "description": "Code or English name; found by itself where it is not given"},
    "languages[]": {"type": "array", "items": {"type": "string"}, "description": "Languages that may be spoken"},
    "keywords[]": {"type": "array", "items": {"type": "string"}, "description": "Words and phrases likely to occur"},
    "hotwords": {"type": "string", "description": "The same, with commas between them"},
    "timestamp_granularities[]": {"type": "array", "items": {"type": "string", "enum": ["word", "segment"]}},
    "include[]": {"type": "array", "items": {"type": "string", "enum": ["logprobs"]}},
    "stream": {"type": "boolean", "description": "Answer with server-sent events while the work goes on"},
    "chunking_strategy": {"type": "string", "enum": ["auto"], "description": "Accepted without effect"},
    "diarize": {"type": "boolean", "description": "Tell speakers apart"},
    "min_speakers": {"type": "integer", "minimum": 1, "maximum": 1000},
    "max_speakers": {"type": "integer", "minimum": 1, "maximum": 1000},
}
"""Fields of a request, for the OpenAPI document; the format of the answer is added by each route."""
