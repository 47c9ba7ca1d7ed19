"""Recordings as their page shows them: found, listed, searched, asked for again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from panglot.errors import ConflictError, NotFoundError
from panglot.service.requests import TranscriptionRequest
from panglot.service.results import Result
from panglot.service.service import Service, is_uuid
from panglot.storage.records import Project, Status, TextLine, TranscriptRow
from panglot.storage.texts import terms_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of recordings, newest first."""

    rows: Sequence[TranscriptRow]
    ahead: Mapping[str, int]
    """Jobs that go before each queued one."""
    matches: Mapping[str, Sequence[TextLine]] | None
    """Where the words occur that were looked for."""
    more: bool
    """Whether there are older ones."""


def find(service: Service, project: Project, transcript_id: str) -> TranscriptRow:
    """Return a recording of a project, or raise a `NotFoundError`."""
    row = service.platform.transcripts.get(transcript_id, project.id) if is_uuid(transcript_id) else None
    if row is None or row.deleted:
        raise NotFoundError("There is no such recording, or it was deleted.")
    return row


def completed(service: Service, project: Project, transcript_id: str) -> TranscriptRow:
    """Return a finished recording; raises a `NotFoundError`, or a `ConflictError` where it is not finished."""
    row = find(service, project, transcript_id)
    if row.status != "completed":
        raise ConflictError(f"The recording has no transcript: its status is {row.status}.")
    return row


def listed(
    service: Service, project: Project, *, limit: int, before: str | None, status: Status | None, words: str
) -> Listed:
    """Return some recordings of a project.

    Parameters
    ----------
    service
        Of the deployment.
    project
        Whose.
    limit
        The most to return.
    before
        Only older ones than this one.
    status
        Only those.
    words
        Each must occur in the name or in what is said; empty for all.

    Returns
    -------
    Listed
        With places for the words.

    Raises
    ------
    RequestError
        If ``before`` is not one of the project's.
    """
    store = service.platform.recordings
    terms = terms_of(words)
    rows, more = store.page(project.id, limit=limit, before_id=before, status=status, terms=terms)
    ids = [row.id for row in rows]
    return Listed(
        rows=rows,
        ahead=store.ahead([row.id for row in rows if row.status == "queued"]),
        matches=store.matches(ids, terms) if terms else None,
        more=more,
    )


def ahead_of(service: Service, row: TranscriptRow) -> int | None:
    """Return how many jobs go before one, None where it does not wait."""
    return service.platform.recordings.ahead([row.id]).get(row.id) if row.status == "queued" else None


def original(service: Service, row: TranscriptRow) -> Result:
    """Return what was recognised; raises a `NotFoundError` where it was erased meanwhile."""
    return service.result(row)


def again(service: Service, project: Project, transcript_id: str) -> TranscriptRow:
    """Ask for a recording once more, as it was asked for before.

    Parameters
    ----------
    service
        Of the deployment.
    project
        Whose it is.
    transcript_id
        Which.

    Returns
    -------
    TranscriptRow
        A new job.

    Raises
    ------
    NotFoundError
        If there is no such recording.
    ConflictError
        If what was uploaded is erased.
    """
    row = find(service, project, transcript_id)
    if row.upload_id is not None and service.platform.uploads.get(row.upload_id) is None:
        raise ConflictError("The uploaded file is erased. Upload it again.")
    request = TranscriptionRequest.from_plain({**row.request, "name": row.name})
    return service.submit(project, request, audio_url=row.audio_url, upload_id=row.upload_id)
