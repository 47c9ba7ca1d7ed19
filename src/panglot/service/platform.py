"""The parts that API processes, workers and commands share, opened once per process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from panglot.jobs.queue import JobQueue
from panglot.service.addresses import AddressPolicy
from panglot.service.limits import Limits
from panglot.storage.blobs import Blobs
from panglot.storage.database import Database
from panglot.storage.partials import Partials
from panglot.storage.projects import Projects
from panglot.storage.recordings import Recordings
from panglot.storage.revisions import Revisions
from panglot.storage.transcripts import Transcripts
from panglot.storage.uploads import Uploads
from panglot.storage.webhooks import Outbox
from panglot.storage.workers import Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Database, blobs and queue of one deployment."""

    database: Database
    blobs: Blobs
    projects: Projects
    uploads: Uploads
    transcripts: Transcripts
    recordings: Recordings
    revisions: Revisions
    outbox: Outbox
    partials: Partials
    workers: Workers
    queue: JobQueue
    queue_url: str
    """Where the journal of the jobs is kept."""
    limits: Limits = field(default_factory=Limits)
    policy: AddressPolicy = field(default_factory=AddressPolicy)
    """Which addresses recordings are fetched from and webhooks are sent to."""

    def close(self) -> None:
        """Let go of all connections."""
        self.queue.close()
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_platform(
    *,
    database_url: str,
    storage_url: str,
    limits: Limits | None = None,
    policy: AddressPolicy | None = None,
) -> Platform:
    """Open a deployment, and bring its database up to date.

    Parameters
    ----------
    database_url
        ``sqlite:///path`` or ``postgresql+psycopg://…``.
    storage_url
        A folder, or ``s3://bucket/prefix``.
    limits
        What is allowed.
    policy
        Which addresses may be reached.

    Returns
    -------
    Platform
        Ready; close it.

    Raises
    ------
    StorageError
        If the database or the object store cannot be used.
    """
    database = Database(database_url)
    try:
        database.migrate()
        queue_url = journal_url(database_url)
        return Platform(
            database=database,
            blobs=Blobs(storage_url),
            projects=Projects(database),
            uploads=Uploads(database),
            transcripts=Transcripts(database),
            recordings=Recordings(database),
            revisions=Revisions(database),
            outbox=Outbox(database),
            partials=Partials(database),
            workers=Workers(database),
            queue=JobQueue(queue_url),
            queue_url=queue_url,
            limits=limits or Limits(),
            policy=policy or AddressPolicy(),
        )
    except BaseException:
        database.close()
        raise


def journal_url(database_url: str) -> str:
    """Where the journal of the jobs is kept: in a file beside an SQLite file, else in the same database."""
    scheme, separator, path = database_url.partition(":///")
    if not (separator and scheme.startswith("sqlite")):
        return database_url
    stem = path.removesuffix(".sqlite")
    return f"{scheme}:///{stem}-jobs.sqlite"
