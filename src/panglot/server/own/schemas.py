"""What goes in and out as JSON under ``/panglot``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from panglot.storage.records import Status

MOST_BYTES = 16 << 20
"""Of a document."""

Time = Annotated[float, Field(ge=0, le=10**9, allow_inf_nan=False)]
Share = Annotated[float, Field(allow_inf_nan=False)]
Label = Annotated[str, Field(min_length=1, max_length=200)]
Identity = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Error(BaseModel):
    """What went wrong."""

    error: str


class Outdated(Error):
    """Another revision is the latest."""

    latest: int | None = None


class MatchBody(BaseModel):
    """A place where words occur that were looked for."""

    start: float
    end: float
    text: str


class RecordingBody(BaseModel):
    """A recording and how far it is."""

    id: str
    name: str
    status: Status
    stage: str
    created: str
    completed: str | None
    duration: float | None
    seconds_done: float
    ahead: int | None
    speed: float | None
    remaining: float | None
    error: str | None
    languages: list[str]
    speakers: int
    revision: int
    excerpt: str | None
    has_audio: bool
    shared: bool
    matches: list[MatchBody] | None = None


class RecordingsBody(BaseModel):
    """A page of recordings, newest first."""

    recordings: list[RecordingBody]
    older: str | None


class WordBody(_Exact):
    """One word; its text keeps the space before it."""

    text: Annotated[str, Field(max_length=1000)]
    start: Time
    end: Time
    probability: Share
    edited: bool = False


class SegmentBody(_Exact):
    """What one speaker says in one language without a pause."""

    id: Identity
    start: Time
    end: Time
    speaker: Label | None
    language: Annotated[str, Field(max_length=16)]
    words: Annotated[list[WordBody], Field(max_length=20_000)]


class LanguageBody(_Exact):
    """A stretch in one language."""

    start: Share
    end: Share
    language: Annotated[str, Field(max_length=16)]
    probability: Share


class TurnBody(_Exact):
    """A stretch in which one speaker speaks."""

    start: Share
    end: Share
    speaker: Label


class FindingBody(_Exact):
    """A place to check."""

    kind: Annotated[str, Field(max_length=64)]
    start: Share
    end: Share
    detail: Annotated[str, Field(max_length=10_000)]


class DocumentBody(_Exact):
    """A transcript to be read and edited."""

    segments: Annotated[list[SegmentBody], Field(max_length=200_000)]
    speakers: Annotated[dict[Label, Label], Field(max_length=1000)]
    languages: Annotated[list[LanguageBody], Field(max_length=200_000)]
    turns: Annotated[list[TurnBody], Field(max_length=500_000)]
    findings: Annotated[list[FindingBody], Field(max_length=200_000)]
    duration: Share


class RevisionedDocument(BaseModel):
    """A revision and its document."""

    revision: int
    document: DocumentBody


class NewRevision(_Exact):
    """An edited document."""

    base: Annotated[int, Field(ge=0, le=2**31 - 1)]
    document: DocumentBody
    note: Annotated[str, Field(max_length=1000)] = ""


class RevisionBody(BaseModel):
    """A version of a transcript."""

    number: int
    created: str
    note: str


class RevisionsBody(BaseModel):
    """All versions, the original first."""

    revisions: list[RevisionBody]


class NumberBody(BaseModel):
    """The revision that was made."""

    number: int


class LinksBody(BaseModel):
    """Where the sound of a recording is."""

    audio: str
    type: str


class WaveformBody(BaseModel):
    """How loud a recording is; 255 is the loudest."""

    duration: float
    peaks: list[int]


class ShareBody(BaseModel):
    """A link that needs no key."""

    url: str


class SharedBody(BaseModel):
    """What a link shows."""

    recording: RecordingBody
    document: DocumentBody
    audio: str | None


class LanguageName(BaseModel):
    """A language that can be asked for."""

    code: str
    name: str


class AboutBody(BaseModel):
    """What this server is, and who asks."""

    version: str
    share_links: bool
    authenticated: bool
    needs_key: bool
    operator: bool
    project: str | None
    languages: list[LanguageName]
    models: list[str]


class QueueBody(BaseModel):
    """Jobs that are not done."""

    queued: int
    processing: int
    oldest_wait: float


class WorkerBody(BaseModel):
    """A worker that reported lately."""

    id: str
    host: str
    model: str
    device: str
    running: list[str]
    seen: str
    speed: float | None
    batch_fill: float | None
    stalled: float


class ModelBody(BaseModel):
    """A model that is served."""

    name: str
    size: int | None
    languages_card: dict[str, Any] | None


class UsageBody(BaseModel):
    """What was asked for with a key."""

    project: str
    key: str | None
    jobs: int
    audio_seconds: float
    last_used: str | None


class FailureBody(BaseModel):
    """A job that failed."""

    id: str
    project: str
    when: str | None
    error: str | None


class OperatorBody(BaseModel):
    """How the deployment does."""

    queue: QueueBody
    workers: list[WorkerBody]
    models: list[ModelBody]
    usage: list[UsageBody]
    failures: list[FailureBody]


Format = Literal["txt", "srt", "vtt", "docx", "json", "md", "csv"]
