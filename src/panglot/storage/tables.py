"""The tables as they are now; ``migrations`` tells how to get there.

Columns are named as the fields of the records. JSON is kept as text, not in a database's own binary form, which would
refuse some of what clients send.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, Table

from panglot.storage.columns import Line, Moment, Number

METADATA = MetaData()

PROJECTS = Table(
    "projects",
    METADATA,
    Column("id", Line, primary_key=True),
    Column("name", Line, nullable=False, unique=True),
    Column("created", Moment, nullable=False),
)

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("id", Line, primary_key=True),
    Column("project_id", Line, ForeignKey("projects.id"), nullable=False, index=True),
    Column("name", Line, nullable=False),
    Column("hint", Line, nullable=False),
    Column("digest", Line, nullable=False, unique=True),
    Column("created", Moment, nullable=False),
    Column("revoked", Moment),
    Column("last_used", Moment),
    Column("operator", Boolean, nullable=False),
)

UPLOADS = Table(
    "uploads",
    METADATA,
    Column("id", Line, primary_key=True),
    Column("project_id", Line, ForeignKey("projects.id"), nullable=False),
    Column("key", Line, nullable=False),
    Column("size", Number, nullable=False),
    Column("created", Moment, nullable=False, index=True),
)

TRANSCRIPTS = Table(
    "transcripts",
    METADATA,
    Column("id", Line, primary_key=True),
    Column("project_id", Line, ForeignKey("projects.id"), nullable=False),
    Column("status", Line, nullable=False),
    Column("stage", Line, nullable=False),
    Column("request", JSON, nullable=False),
    Column("audio_url", Line, nullable=False),
    Column("upload_id", Line),
    Column("name", Line, nullable=False),
    Column("key_id", Line),
    Column("created", Moment, nullable=False),
    Column("started", Moment),
    Column("completed", Moment),
    Column("cost", Number, nullable=False),
    Column("priority", Number, nullable=False),
    Column("admitted", Boolean, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("losses", Integer, nullable=False, server_default="0"),
    Column("worker", Line),
    Column("error", Line),
    Column("duration", Float),
    Column("seconds_done", Float, nullable=False),
    Column("result_key", Line),
    Column("redacted_key", Line),
    Column("redacted_at", Moment),
    Column("playback_key", Line),
    Column("revision", Integer, nullable=False),
    Column("share_digest", Line, unique=True),
    Column("share_nonce", Line),
    Column("webhook_status", Integer),
    Column("cancelled", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("summary", JSON, nullable=False),
    Index("ix_transcripts_page", "project_id", "created", "id"),
    Index("ix_transcripts_status", "status", "project_id", "priority"),
    Index("ix_transcripts_completed", "status", "completed"),
    Index("ix_transcripts_upload", "upload_id"),
)

REVISIONS = Table(
    "revisions",
    METADATA,
    Column("transcript_id", Line, ForeignKey("transcripts.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("created", Moment, nullable=False),
    Column("note", Line, nullable=False),
    Column("key", Line, nullable=False),
)

TEXTS = Table(
    "texts",
    METADATA,
    Column("transcript_id", Line, ForeignKey("transcripts.id"), primary_key=True),
    Column("name", Line, nullable=False),
    Column("folded", Line, nullable=False),
    Column("lines", JSON, nullable=False),
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", Line, primary_key=True),
    Column("transcript_id", Line, ForeignKey("transcripts.id"), nullable=False, index=True),
    Column("url", Line, nullable=False),
    Column("body", JSON, nullable=False),
    Column("header_name", Line),
    Column("header_value", Line),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Moment, nullable=False, index=True),
    Column("status_code", Integer),
    Column("delivered", Moment),
    Column("failed", Moment),
)

PARTIALS = Table(
    "partials",
    METADATA,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("transcript_id", Line, ForeignKey("transcripts.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("chunk", Integer, nullable=False),
    Column("segments", JSON, nullable=False),
    Index("ix_partials_transcript", "transcript_id", "number"),
    sqlite_autoincrement=True,  # numbers are never used again: readers ask for what came after the last they have
)

WORKERS = Table(
    "workers",
    METADATA,
    Column("id", Line, primary_key=True),
    Column("host", Line, nullable=False),
    Column("pid", Number, nullable=False),
    Column("started", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("info", JSON, nullable=False),
)
