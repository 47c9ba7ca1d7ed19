"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make all tables, those that others refer to first."""
    _projects()
    _uploads()
    _transcripts()
    _readings()
    _deliveries()
    _partials()
    _workers()


def _projects() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("created", _MOMENT, nullable=False),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("revoked", _MOMENT),
        sa.Column("last_used", _MOMENT),
        sa.Column("operator", sa.Boolean, nullable=False),
    )


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("size", _NUMBER, nullable=False),
        sa.Column("created", _MOMENT, nullable=False, index=True),
    )


def _transcripts() -> None:
    op.create_table(
        "transcripts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("audio_url", sa.Text, nullable=False),
        sa.Column("upload_id", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("started", _MOMENT),
        sa.Column("completed", _MOMENT),
        sa.Column("cost", _NUMBER, nullable=False),
        sa.Column("priority", _NUMBER, nullable=False),
        sa.Column("admitted", sa.Boolean, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("duration", sa.Float),
        sa.Column("seconds_done", sa.Float, nullable=False),
        sa.Column("result_key", sa.Text),
        sa.Column("redacted_key", sa.Text),
        sa.Column("redacted_at", _MOMENT),
        sa.Column("playback_key", sa.Text),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("share_digest", sa.Text, unique=True),
        sa.Column("share_nonce", sa.Text),
        sa.Column("webhook_status", sa.Integer),
        sa.Column("cancelled", sa.Boolean, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("summary", sa.JSON, nullable=False),
    )
    op.create_index("ix_transcripts_page", "transcripts", ["project_id", "created", "id"])
    op.create_index("ix_transcripts_status", "transcripts", ["status", "project_id", "priority"])
    op.create_index("ix_transcripts_completed", "transcripts", ["status", "completed"])


def _readings() -> None:
    op.create_table(
        "revisions",
        sa.Column("transcript_id", sa.Text, sa.ForeignKey("transcripts.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
    )
    op.create_table(
        "texts",
        sa.Column("transcript_id", sa.Text, sa.ForeignKey("transcripts.id"), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("lines", sa.JSON, nullable=False),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("transcript_id", sa.Text, sa.ForeignKey("transcripts.id"), nullable=False, index=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("header_name", sa.Text),
        sa.Column("header_value", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", _MOMENT, nullable=False, index=True),
        sa.Column("status_code", sa.Integer),
        sa.Column("delivered", _MOMENT),
        sa.Column("failed", _MOMENT),
    )


def _partials() -> None:
    op.create_table(
        "partials",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("transcript_id", sa.Text, sa.ForeignKey("transcripts.id"), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("chunk", sa.Integer, nullable=False),
        sa.Column("segments", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_partials_transcript", "partials", ["transcript_id", "number"])


def _workers() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", _NUMBER, nullable=False),
        sa.Column("started", _MOMENT, nullable=False),
        sa.Column("seen", _MOMENT, nullable=False),
        sa.Column("info", sa.JSON, nullable=False),
    )
