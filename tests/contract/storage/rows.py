"""Rows as the tests of the database make them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from panglot.storage.records import Delivery, Project, TextLine, TranscriptRow
from panglot.storage.transcripts import Transcripts

NOW = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
UNHOLDABLE = "a\0b\ud800c"
"""What PostgreSQL refuses in text and SQLite's driver cannot encode."""
LINES = (TextLine(start=0.0, end=1.0, text=" Guten  TAG 100%"), TextLine(start=1.0, end=2.0, text="Straße_7 \\ x"))


def add(transcripts: Transcripts, project: Project, *, cost: int = 1, **values: Any) -> TranscriptRow:
    given = {"request": {"language": "en"}, "audio_url": "https://example.org/a.mp3", "upload_id": None, **values}
    return transcripts.add(project_id=project.id, cost=cost, **given)


def delivery(row: TranscriptRow, *, next_at: datetime = NOW) -> Delivery:
    return Delivery(
        id=str(uuid4()),
        transcript_id=row.id,
        url="https://example.org/hook?a=b",
        body={"transcript_id": row.id, "status": "completed"},
        header_name="X-Secret",
        header_value="secret",
        next_at=next_at,
    )


def complete(transcripts: Transcripts, row: TranscriptRow, attempt: int, message: Delivery | None = None) -> bool:
    return transcripts.complete(
        row.id,
        attempt,
        result_key=f"{row.id}/{attempt}",
        duration=9.5,
        summary={"language": "de"},
        deliveries=[message] if message else [],
    )


def finish(transcripts: Transcripts, row: TranscriptRow) -> None:
    transcripts.claim(row.id, "w")
    assert complete(transcripts, row, 1)
