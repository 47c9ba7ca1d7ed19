"""Revisions of transcripts: read, and kept once they are checked. What was recognised is never changed."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import uuid4

from panglot.errors import ConflictError, NotFoundError
from panglot.service.checking import check
from panglot.service.documents import Document, of_plain, of_transcript, plain_finding, to_transcript
from panglot.service.erasing import job_prefix
from panglot.service.service import Service
from panglot.storage.records import Revision, TranscriptRow
from panglot.transcripts import Finding, Transcript


def document(service: Service, row: TranscriptRow, revision: int | None = None) -> Document:
    """Return a revision of a finished transcript.

    Parameters
    ----------
    service
        Of the deployment.
    row
        The transcript.
    revision
        Its number; 0 for what was recognised, None for the latest.

    Returns
    -------
    Document
        To be read and edited.

    Raises
    ------
    NotFoundError
        If there is no such revision.
    """
    number = row.revision if revision is None else revision
    if number == 0:
        return of_transcript(service.result(row).transcript)
    found = service.platform.revisions.get(row.id, number)
    if found is None:
        raise NotFoundError(f"There is no revision {number}: the latest is {row.revision}.")
    return of_plain(json.loads(service.platform.blobs.get(found.key)))


def transcript(service: Service, row: TranscriptRow, revision: int | None = None) -> Transcript:
    """Return a revision as a transcript, with the names of its speakers; parameters as for `document`."""
    original = service.result(row).transcript
    number = row.revision if revision is None else revision
    return original if number == 0 else to_transcript(document(service, row, number), original)


def revise(service: Service, row: TranscriptRow, edited: Document, *, base: int, note: str) -> Revision:
    """Keep an edited document as the latest revision.

    Parameters
    ----------
    service
        Of the deployment.
    row
        The transcript.
    edited
        Its segments, speakers and turns are kept, and which of the findings are left: those that it leaves out were
        looked at. Languages and duration stay as they were recognised.
    base
        Number of the revision that was edited.
    note
        What its maker says of it.

    Returns
    -------
    Revision
        With its number.

    Raises
    ------
    RequestError
        If the document cannot be, such as times out of order.
    ConflictError
        If another revision was kept in the meantime, or the transcript is not finished.
    """
    if row.revision != base:
        raise _outdated(base, row.revision)
    original = of_transcript(service.result(row).transcript)
    check(edited, original)
    left = _left(original, edited)
    whole = replace(edited, languages=original.languages, findings=left, duration=original.duration)
    platform = service.platform
    key = f"{job_prefix(row.id)}revision-{uuid4().hex}.json"
    platform.blobs.put(key, whole.write())
    made = platform.revisions.add(
        row.id, base=base, key=key, note=note, summary={**row.summary, **whole.summary}, lines=whole.lines
    )
    if made is None:
        platform.blobs.delete(key)
        now = platform.transcripts.get(row.id)
        raise _outdated(base, base if now is None else now.revision)
    return made


def _left(original: Document, edited: Document) -> tuple[Finding, ...]:
    """Findings that nobody has looked at; an editor can take some away, and add none."""
    kept = {tuple(plain_finding(each).values()) for each in edited.findings}
    return tuple(each for each in original.findings if tuple(plain_finding(each).values()) in kept)


def _outdated(base: int, latest: int) -> ConflictError:
    return ConflictError(
        f"Revision {base} was edited, and the latest is {latest}. Load that, and edit it instead.", latest=latest
    )
