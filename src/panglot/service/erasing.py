"""Erasing: what a deleted or outdated transcript leaves behind, which is its row alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from panglot.service.links import LIFETIME
from panglot.service.platform import Platform
from panglot.service.playback import erase_playback
from panglot.storage.records import TranscriptRow

_GRACE = timedelta(hours=1)
"""For so long an upload waits to be asked for, and the one of a job that failed for another try."""
_ABANDONED = timedelta(days=1)
"""What was being written for so long is not being written any more."""
_NEEDED = ("piece-", "chunk-", "result-", "redacted-")
"""How names of blobs begin that a worker writes; the result of the last attempt is what they were for."""


def job_prefix(transcript_id: str) -> str:
    """Name under which the blobs of one job are kept."""
    return f"jobs/{transcript_id}/"


def erase(platform: Platform, row: TranscriptRow) -> None:
    """Erase a job's recording, text and journal; a job that is not finished is cancelled."""
    platform.transcripts.cancel(row.id)
    platform.queue.cancel(row.id)
    platform.blobs.delete_prefix(job_prefix(row.id))
    if row.upload_id is not None:
        _erase_spent(platform, [row.upload_id], apart_from=row.id)
    platform.transcripts.wipe(row.id)
    # What was written while this began: nothing is, now that the row is empty.
    platform.blobs.delete_prefix(job_prefix(row.id))
    platform.queue.forget([row.id])


def tidy(platform: Platform, transcript_id: str) -> None:
    """Erase what the work on a job needed, once it is over; the result stays, unless nobody wants it any more.

    The upload belongs to that where the deployment keeps none.
    """
    row = platform.transcripts.get(transcript_id)
    if row is not None and row.status in ("queued", "processing"):
        return
    platform.partials.clear(transcript_id)
    if row is None or row.deleted or row.status == "error":
        platform.blobs.delete_prefix(job_prefix(transcript_id))
        if row is not None:
            _release_upload(platform, row)
    else:
        tidy_completed(platform, row, kept=(row.result_key, row.redacted_key))


def tidy_completed(platform: Platform, row: TranscriptRow, *, kept: Collection[str | None]) -> None:
    """Erase what the work on a job needed that has just been completed, where nothing need be asked about it.

    Parameters
    ----------
    platform
        Where it is.
    row
        The job, in whatever state.
    kept
        Blobs with its results; those of other attempts go. What is not a worker's, such as a correction that is just
        being written, stays.
    """
    prefix = job_prefix(row.id)
    for key in platform.blobs.list(prefix):
        if key.removeprefix(prefix).startswith(_NEEDED) and key not in kept:
            platform.blobs.delete(key)
    _release_upload(platform, row)


def _release_upload(platform: Platform, row: TranscriptRow) -> None:
    if platform.limits.keep_audio_days == 0 and row.upload_id is not None:
        _erase_spent(platform, [row.upload_id])


def erase_upload(platform: Platform, upload_id: str) -> None:
    """Erase an uploaded file."""
    found = platform.uploads.get(upload_id)
    if found is not None:
        platform.blobs.delete(found.key)
        platform.uploads.remove(upload_id)


def erase_abandoned(platform: Platform) -> None:
    """Erase what was begun to be written and never finished; looks at everything that is kept."""
    platform.blobs.delete_unfinished(datetime.now(UTC) - _ABANDONED)


def erase_outdated(platform: Platform) -> None:
    """Erase what is older than this deployment keeps."""
    limits = platform.limits
    now = datetime.now(UTC)
    for row in platform.transcripts.redacted_before(now - LIFETIME):
        if row.redacted_key is not None:
            platform.blobs.delete(row.redacted_key)
        platform.transcripts.forget_redacted(row.id)
    if limits.keep_transcripts_days is not None:
        for row in platform.transcripts.finished_before(now - timedelta(days=limits.keep_transcripts_days)):
            erase(platform, row)
    if limits.keep_audio_days is not None:
        # An upload that is kept for no time must still last until its transcript is asked for.
        oldest = now - max(timedelta(days=limits.keep_audio_days), _GRACE)
        _erase_spent(platform, [upload.id for upload in platform.uploads.older_than(oldest)])
        for row in platform.recordings.playable_before(oldest):
            erase_playback(platform, row)


def _erase_spent(platform: Platform, upload_ids: Iterable[str], *, apart_from: str | None = None) -> None:
    """Erase uploads, but for those that a job needs: one that is not finished, or failed lately and may begin again."""
    since = datetime.now(UTC) - _GRACE
    for upload_id in upload_ids:
        if not platform.transcripts.needs_upload(upload_id, failed_since=since, apart_from=apart_from):
            erase_upload(platform, upload_id)
