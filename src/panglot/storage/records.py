"""What is kept in the database, as frozen records. Times of day are UTC and aware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from panglot.units import Seconds

Status = Literal["queued", "processing", "completed", "error"]
Stage = Literal["accepted", "fetching", "planning", "recognising", "diarizing", "assembling", "done"]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Who owns keys, uploads and transcripts."""

    id: str
    name: str
    created: datetime
    key_id: str | None = None
    """The key that a request of theirs came with, where it came with one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key of a project, without its secret."""

    id: str
    project_id: str
    name: str
    hint: str
    """The first characters, to tell keys apart."""
    created: datetime
    revoked: datetime | None = None
    last_used: datetime | None = None
    operator: bool = False
    """Whether it also shows how the whole deployment does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was sent."""

    id: str
    project_id: str
    key: str
    """Of the blob."""
    size: int
    """Bytes."""
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptRow:
    """One job and what became of it: the truth about it."""

    id: str
    """A uuid; also the id of its workflow."""
    project_id: str
    status: Status
    stage: Stage
    request: Json
    """A `TranscriptionRequest` as plain values."""
    audio_url: str
    upload_id: str | None
    """The upload that ``audio_url`` names, where it names one."""
    created: datetime
    name: str = ""
    """Of the recording, as its client calls it."""
    key_id: str | None = None
    """The key that asked for it."""
    started: datetime | None = None
    """When a worker first took it on."""
    completed: datetime | None = None
    cost: int = 1
    """How much work it is thought to be, compared with others."""
    priority: int = 1
    """Smaller goes first."""
    admitted: bool = False
    """Whether it was handed to the workers' queue."""
    attempt: int = 0
    """Counts the workers that took it on; only the latest may write."""
    losses: int = 0
    """Counts the workers that took it on and vanished, since it was last asked for."""
    worker: str | None = None
    error: str | None = None
    duration: Seconds | None = None
    """Of the recording, once it is known."""
    seconds_done: Seconds = 0.0
    result_key: str | None = None
    """Of the blob with the result."""
    redacted_key: str | None = None
    """Of the blob with the redacted audio."""
    redacted_at: datetime | None = None
    playback_key: str | None = None
    """Of the blob with the copy that a browser plays."""
    revision: int = 0
    """Number of the latest revision; 0 is what was recognised."""
    share_digest: str | None = None
    """Hash of the token that shows it to anybody."""
    share_nonce: str | None = None
    """What the token was made from, together with a secret."""
    webhook_status: int | None = None
    """HTTP status that the webhook's receiver answered with."""
    cancelled: bool = False
    deleted: bool = False
    summary: Json = field(default_factory=dict[str, Any])
    """Plain values that the list and the row's readers need without the result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptPage:
    """A page of a project's transcripts, newest first."""

    rows: tuple[TranscriptRow, ...]
    has_older: bool
    has_newer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """What one segment says, for those who search."""

    start: Seconds
    end: Seconds
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A version of a transcript that somebody has edited."""

    transcript_id: str
    number: int
    created: datetime
    note: str
    key: str
    """Of the blob with the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was asked for with one key."""

    project_id: str
    key_id: str | None
    jobs: int
    audio: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to a webhook's receiver: an entry of the outbox."""

    id: str
    transcript_id: str
    url: str
    body: Json
    header_name: str | None
    header_value: str | None
    attempts: int = 0
    next_at: datetime
    status_code: int | None = None
    delivered: datetime | None = None
    failed: datetime | None = None
    """When it was given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """A worker process that reported lately."""

    id: str
    host: str
    pid: int
    started: datetime
    seen: datetime
    info: Json
    """Model, device, jobs in hand and counters, as the worker reports them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """Segments that were recognised while the rest still is."""

    number: int
    """Grows; readers ask for what came after the last one they have."""
    segments: tuple[Json, ...]
