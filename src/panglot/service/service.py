"""What the HTTP layer can ask for: the use cases, for one project at a time."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote, urlsplit

import structlog

from panglot.errors import AuthError, ForbiddenError, NotFoundError, RequestError, StorageError
from panglot.service.admission import Admissions
from panglot.service.cancelling import cancel
from panglot.service.erasing import erase
from panglot.service.outgoing import parse_url
from panglot.service.platform import Platform
from panglot.service.requests import TranscriptionRequest, Webhook
from panglot.service.results import Result
from panglot.service.webhooks import check_header
from panglot.storage.records import Partial, Project, Status, TranscriptPage, TranscriptRow, Upload, WorkerRow

_log = structlog.get_logger("panglot.service")

_LATELY = timedelta(seconds=60)
_SECONDS_PER_COST = 1_000_000
"""Bytes that count as one unit of work when projects and files take turns."""


class Service:
    """The use cases of one deployment.

    Parameters
    ----------
    platform
        Where everything is kept.
    models
        Names this deployment serves, the default first.
    anonymous
        The project of requests without a key, where keys are not asked for.
    traceparent
        Returns that of the request in hand, where requests are traced.
    """

    def __init__(
        self,
        platform: Platform,
        *,
        models: tuple[str, ...],
        anonymous: Project | None = None,
        traceparent: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._platform = platform
        self._models = models
        self._anonymous = anonymous
        self._admissions = Admissions(platform)
        self._traceparent = traceparent

    def close(self) -> None:
        """Finish what was begun for requests; the platform stays open."""
        self._admissions.close()

    def authenticate(self, secret: str | None) -> Project:
        """Return the project of a key, or raise an `AuthError`."""
        if self._anonymous is not None:
            return self._anonymous
        found = self._platform.projects.authenticate(secret) if secret else None
        if found is None:
            raise AuthError("Authentication error, API token missing/invalid")
        project, key = found
        return replace(project, key_id=key.id)

    def require_operator(self, project: Project) -> None:
        """Raise a `ForbiddenError` unless the key of a request shows how the whole deployment does."""
        if self._anonymous is None and not (project.key_id and self._platform.projects.is_operator(project.key_id)):
            raise ForbiddenError("This needs an operator's key. `panglot keys create --operator` makes one.")

    @property
    def needs_key(self) -> bool:
        """Whether requests need a key."""
        return self._anonymous is None

    @property
    def platform(self) -> Platform:
        """Where everything is kept, for the use cases that have a module of their own."""
        return self._platform

    async def upload(self, project: Project, chunks: AsyncIterator[bytes]) -> Upload:
        """Keep a file; nothing of it stays where it does not arrive whole.

        Parameters
        ----------
        project
            Whose it is.
        chunks
            Its bytes.

        Returns
        -------
        Upload
            To be named when a transcript is asked for.

        Raises
        ------
        TooLargeError
            If it has more bytes than allowed.
        RequestError
            If it has none.
        """
        identity = str(uuid.uuid4())
        key = f"uploads/{identity}"
        size = await self._platform.blobs.put_stream(key, chunks, limit=self._platform.limits.upload_bytes)
        return await asyncio.to_thread(self._keep, project, identity, key, size)

    def submit(
        self, project: Project, request: TranscriptionRequest, *, audio_url: str, upload_id: str | None = None
    ) -> TranscriptRow:
        """Take on a job: it cannot be lost once this returns.

        Parameters
        ----------
        project
            Whose it is.
        request
            What to do.
        audio_url
            Where the recording is, for the server or only for the client.
        upload_id
            The upload that holds it, where it was uploaded.

        Returns
        -------
        TranscriptRow
            The queued job.

        Raises
        ------
        ForbiddenError
            If the upload is another project's, or gone.
        RequestError
            If nothing can be sent to the webhook that it names.
        """
        if request.webhook is not None:
            _check(request.webhook)
        upload = self._upload(project, upload_id) if upload_id is not None else None
        row = self._platform.transcripts.add(
            project_id=project.id,
            request=replace(request, traceparent=self._traceparent()).plain(),
            audio_url=audio_url,
            upload_id=upload_id,
            name=request.name or _name_in(audio_url if upload is None else ""),
            key_id=project.key_id,
            cost=1 + (upload.size if upload else 10 * _SECONDS_PER_COST) // _SECONDS_PER_COST,
        )
        _log.info("job_accepted", transcript=row.id)
        self._admissions.ask()
        return row

    def get(self, project: Project, id: str) -> TranscriptRow:  # noqa: A002 - the field's name
        """Return a job of the project, or raise a `NotFoundError`."""
        row = self._platform.transcripts.get(id, project.id) if is_uuid(id) else None
        if row is None:
            raise NotFoundError("Transcript lookup error, transcript id not found")
        return row

    def result(self, row: TranscriptRow) -> Result:
        """Return the outcome of a completed job."""
        if row.result_key is None:
            raise NotFoundError(f"the transcript {row.id} has no result: it is {row.status}.")
        return Result.read(self._platform.blobs.get(row.result_key))

    def page(
        self,
        project: Project,
        *,
        limit: int,
        status: Status | None = None,
        created_on: date | None = None,
        before_id: str | None = None,
        after_id: str | None = None,
    ) -> TranscriptPage:
        """Return some of the project's jobs, newest first."""
        return self._platform.transcripts.page(
            project.id, limit=limit, status=status, created_on=created_on, before_id=before_id, after_id=after_id
        )

    def delete(self, project: Project, id: str) -> TranscriptRow:  # noqa: A002
        """Erase a job's recording and text; its row stays, without them."""
        row = self.get(project, id)
        erase(self._platform, row)
        return self.get(project, id)

    def cancel(self, project: Project, id: str) -> TranscriptRow:  # noqa: A002
        """End a job that is not finished, and tell its webhook; does nothing to one that is."""
        cancel(self._platform, self.get(project, id))
        return self.get(project, id)

    def partials(self, project: Project, id: str, *, since: int) -> tuple[Partial, ...]:  # noqa: A002
        """Return what is recognised already of a job, after what the caller has."""
        return self._platform.partials.since(self.get(project, id).id, since)

    def redacted_audio(self, row: TranscriptRow) -> Iterator[bytes]:
        """Yield the recording without personal data."""
        if row.redacted_key is None:
            raise NotFoundError("There is no redacted audio of this transcript.")
        return self._platform.blobs.chunks(row.redacted_key)

    def models(self) -> tuple[str, ...]:
        """Return the names of the models this deployment serves, the default first."""
        return self._models

    def ready(self) -> None:
        """Raise a `StorageError` if the database or the store cannot be reached."""
        self._platform.database.check()
        self._platform.blobs.list("health/")

    def workers(self) -> tuple[WorkerRow, ...]:
        """Return the workers that reported lately."""
        return tuple(self._platform.workers.alive(datetime.now(UTC) - _LATELY))

    def counts(self) -> Mapping[Status, int]:
        """Return the number of jobs by status."""
        return self._platform.transcripts.counts()

    def oldest_wait(self) -> float:
        """Return for how many seconds the oldest queued job has waited; 0 where none waits."""
        oldest = self._platform.transcripts.oldest_queued()
        return 0.0 if oldest is None else max(0.0, (datetime.now(UTC) - oldest).total_seconds())

    def _keep(self, project: Project, identity: str, key: str, size: int) -> Upload:
        if not size:
            self._platform.blobs.delete(key)
            raise RequestError("The upload is empty. Send the bytes of an audio or video file as the body.")
        self._platform.uploads.add(project.id, id=identity, key=key, size=size)
        found = self._platform.uploads.get(identity)
        if found is None:
            raise StorageError("the upload was erased while it was written. Send it again.")
        return found

    def _upload(self, project: Project, upload_id: str) -> Upload:
        found = self._platform.uploads.get(upload_id) if is_uuid(upload_id) else None
        if found is None or found.project_id != project.id:
            raise ForbiddenError("Cannot access uploaded file")
        return found


def _check(webhook: Webhook) -> None:
    parse_url(webhook.url)
    if webhook.header_name is not None:
        check_header(webhook.header_name, webhook.header_value or "")


def _name_in(url: str) -> str:
    """The last part of an address' path."""
    return unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])[:255]


def is_uuid(text: str) -> bool:
    """Whether a text is an id as this service writes them."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
