"""Workers that were lost in a job are counted apart from its attempts; jobs are found by their upload."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Begin to count; programs that know nothing of it still add rows while others are replaced."""
    op.add_column("transcripts", sa.Column("losses", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_transcripts_upload", "transcripts", ["upload_id"])
