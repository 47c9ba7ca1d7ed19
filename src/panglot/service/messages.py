"""What the receiver of a webhook is told."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from panglot.service.requests import TranscriptionRequest, Webhook
from panglot.storage.records import Delivery, TranscriptRow


def messages_about(
    row: TranscriptRow, request: TranscriptionRequest, status: str, *, link: str | None = None
) -> tuple[Delivery, ...]:
    """Return the messages about a finished job; none where nobody asked for them.

    Parameters
    ----------
    row
        The job.
    request
        What it was to do.
    status
        ``completed`` or ``error``.
    link
        To the redacted audio, where there is some.

    Returns
    -------
    tuple of Delivery
        Each has an id of its own, the same however often it is sent: receivers can tell repetitions. To be kept in the
        transaction that finishes the job, so that there is one for each time it ends.
    """
    webhook = request.webhook
    if webhook is None:
        return ()
    messages = [_message(row, webhook, {"transcript_id": row.id, "status": status})]
    if link is not None:
        ready = "redacted_audio_ready"
        messages.append(_message(row, webhook, {"status": ready, "redacted_audio_url": link}))
    return tuple(messages)


def _message(row: TranscriptRow, webhook: Webhook, body: Mapping[str, str]) -> Delivery:
    return Delivery(
        id=str(uuid.uuid4()),
        transcript_id=row.id,
        url=webhook.url,
        body=body,
        header_name=webhook.header_name,
        header_value=webhook.header_value,
        next_at=datetime.now(UTC),
    )
