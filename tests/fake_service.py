# ruff: noqa: A001, A002 - the names of the fields
"""The service in memory, for tests of what speaks HTTP: nothing is recognised, tests say what became of a job."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from panglot.errors import AuthError, BusyError, ForbiddenError, NotFoundError, RequestError, TooLargeError
from panglot.service.requests import TranscriptionRequest
from panglot.service.results import Result
from panglot.storage.records import Partial, Project, Status, TranscriptPage, TranscriptRow, Upload, WorkerRow
from panglot.testing import make_segment, make_transcript

START = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
KEY = "key-of-ada"
OTHER_KEY = "key-of-bob"


def make_result(text: str = "Hello there, world.", *, speaker: str | None = None) -> Result:
    """A result of one English sentence."""
    return Result(transcript=make_transcript(make_segment(text, speaker=speaker)))


class FakeService:
    """Two projects, their uploads and their transcripts. Each new row is one second younger than the last."""

    def __init__(
        self,
        *,
        answer: Callable[[TranscriptionRequest], Result] | None = None,
        largest: int | None = None,
        open_to_all: bool = False,
    ) -> None:
        self.answer = answer
        """Where given, a job is complete by the time it is first asked for."""
        self.largest = largest
        """Most bytes of an upload."""
        self.open_to_all = open_to_all
        """Whether no key is needed."""
        self.projects = {
            KEY: Project(id="project-a", name="Ada", created=START),
            OTHER_KEY: Project(id="project-b", name="Bob", created=START),
        }
        self.rows: dict[str, TranscriptRow] = {}
        self.results: dict[str, Result] = {}
        self.requests: dict[str, TranscriptionRequest] = {}
        self.uploads: dict[str, Upload] = {}
        self.contents: dict[str, bytes] = {}
        self.pieces: dict[str, list[Partial]] = {}
        self.redacted: dict[str, bytes] = {}
        self.busy: float | None = None
        """Seconds after which to try again, where the service is to refuse."""
        self.broken: Exception | None = None
        """What every call raises."""

    # What the server calls

    def authenticate(self, secret: str | None) -> Project:
        if self.broken is not None:
            raise self.broken
        if self.open_to_all:
            return self.projects[KEY]
        if secret is None or secret not in self.projects:
            raise AuthError("there is no such key")
        return self.projects[secret]

    async def upload(self, project: Project, chunks: AsyncIterator[bytes]) -> Upload:
        content = b""
        async for chunk in chunks:
            content += chunk
            if self.largest is not None and len(content) > self.largest:
                raise TooLargeError(f"The upload has more than {self.largest} bytes. Send a smaller file.")
        if not content:
            raise RequestError("The upload is empty. Send the bytes of a recording.")
        id = str(uuid.uuid4())
        self.uploads[id] = Upload(id=id, project_id=project.id, key=f"uploads/{id}", size=len(content), created=START)
        self.contents[id] = content
        return self.uploads[id]

    def submit(
        self, project: Project, request: TranscriptionRequest, *, audio_url: str, upload_id: str | None = None
    ) -> TranscriptRow:
        if self.busy is not None:
            raise BusyError("Too many jobs wait.", retry_after=self.busy)
        if upload_id is not None and (
            upload_id not in self.uploads or self.uploads[upload_id].project_id != project.id
        ):
            raise ForbiddenError("Cannot access uploaded file")
        row = TranscriptRow(
            id=str(uuid.uuid4()),
            project_id=project.id,
            status="queued",
            stage="accepted",
            request=request.plain(),
            audio_url=audio_url,
            upload_id=upload_id,
            created=START + timedelta(seconds=len(self.rows)),
        )
        self.rows[row.id] = row
        self.requests[row.id] = request
        return row

    def get(self, project: Project, id: str) -> TranscriptRow:
        row = self.rows.get(id)
        if row is None or row.project_id != project.id:
            raise NotFoundError(f"there is no transcript {id!r}")
        if self.answer is not None and row.status in ("queued", "processing"):
            return self.complete(id, self.answer(self.requests[id]))
        return row

    def result(self, row: TranscriptRow) -> Result:
        return self.results[row.id]

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
        rows = [row for row in reversed(self.rows.values()) if row.project_id == project.id]
        rows = [row for row in rows if status in (None, row.status) and created_on in (None, row.created.date())]
        first, last = 0, len(rows)
        ids = [row.id for row in rows]
        if before_id is not None:
            first = ids.index(before_id) + 1 if before_id in ids else last
        if after_id is not None:
            last = ids.index(after_id) if after_id in ids else first
            first = max(first, last - limit)
        last = min(last, first + limit)
        return TranscriptPage(rows=tuple(rows[first:last]), has_older=last < len(rows), has_newer=first > 0)

    def delete(self, project: Project, id: str) -> TranscriptRow:
        row = self.get(project, id)
        self.results.pop(id, None)
        self.redacted.pop(id, None)
        return self.change(row.id, deleted=True, result_key=None, redacted_key=None, error=None, summary={})

    def cancel(self, project: Project, id: str) -> TranscriptRow:
        row = self.get(project, id)
        return row if row.status in ("completed", "error") else self.fail(id, "The job was cancelled.", cancelled=True)

    def partials(self, project: Project, id: str, *, since: int) -> tuple[Partial, ...]:
        self.get(project, id)
        return tuple(piece for piece in self.pieces.get(id, []) if piece.number > since)

    def redacted_audio(self, row: TranscriptRow) -> Iterator[bytes]:
        if row.id not in self.redacted:
            raise NotFoundError("there is no redacted audio")
        yield self.redacted[row.id]

    def models(self) -> tuple[str, ...]:
        return ("base", "tiny.en")

    def ready(self) -> None:
        if self.broken is not None:
            raise self.broken

    def workers(self) -> tuple[WorkerRow, ...]:
        return ()

    def counts(self) -> Mapping[str, int]:
        states = [row.status for row in self.rows.values()]
        return {state: states.count(state) for state in states}

    def oldest_wait(self) -> float:
        return 0.0

    # What tests call

    def change(self, id: str, **values: object) -> TranscriptRow:
        """Replace fields of a row."""
        self.rows[id] = replace(self.rows[id], **values)  # pyright: ignore[reportArgumentType]
        return self.rows[id]

    def start(self, id: str, *, seconds_done: float = 0.0, duration: float | None = None) -> TranscriptRow:
        """Have a worker take a job on."""
        return self.change(
            id, status="processing", stage="recognising", attempt=1, seconds_done=seconds_done, duration=duration
        )

    def complete(self, id: str, result: Result, *, redacted_audio: bytes | None = None) -> TranscriptRow:
        """Complete a job."""
        transcript = result.transcript
        words = [word for segment in transcript.segments for word in segment.words]
        self.results[id] = result
        created = self.rows[id].created
        if redacted_audio is not None:
            self.redacted[id] = redacted_audio
            self.change(id, redacted_key=f"redacted/{id}", redacted_at=datetime.now(UTC))
        return self.change(
            id,
            status="completed",
            stage="done",
            completed=created + timedelta(seconds=30),
            duration=transcript.duration,
            seconds_done=transcript.duration,
            result_key=f"results/{id}",
            summary={
                "language": transcript.language,
                "language_probability": transcript.language_probability,
                "confidence": sum(word.probability for word in words) / max(len(words), 1),
                "speech_model_used": "base",
                "text_empty": not transcript.text,
            },
        )

    def fail(self, id: str, error: str, *, cancelled: bool = False) -> TranscriptRow:
        """End a job with an error."""
        completed = self.rows[id].created + timedelta(seconds=30)
        return self.change(id, status="error", stage="done", error=error, completed=completed, cancelled=cancelled)

    def add_partial(self, id: str, text: str) -> None:
        """Add a recognised sentence of a job that still runs."""
        pieces = self.pieces.setdefault(id, [])
        number = len(pieces) + 1
        segment = {"start": number - 1.0, "end": float(number), "text": text, "language": "en"}
        pieces.append(Partial(number=number, segments=(segment,)))
