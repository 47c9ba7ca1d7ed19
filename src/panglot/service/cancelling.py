"""Cancelling: a job ends before it is done, and whoever waits for it is told."""

from __future__ import annotations

from panglot.service.messages import messages_about
from panglot.service.platform import Platform
from panglot.service.requests import TranscriptionRequest
from panglot.storage.records import TranscriptRow


def cancel(platform: Platform, row: TranscriptRow) -> bool:
    """End a job that is not finished.

    Whoever works on it notices at its next step, and tidies up; where nobody does yet, whoever takes it from the queue.

    Parameters
    ----------
    platform
        Where everything is kept.
    row
        The job.

    Returns
    -------
    bool
        False, and nothing changes, where it is finished already.
    """
    if row.status not in ("queued", "processing"):
        return False
    request = TranscriptionRequest.from_plain(row.request)
    return platform.transcripts.cancel(row.id, deliveries=messages_about(row, request, "error"))
