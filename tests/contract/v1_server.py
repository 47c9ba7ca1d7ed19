"""A real server on this machine that speaks the API of OpenAI's clients, with nothing but a fake behind it."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from fake_service import KEY, FakeService
from panglot.server.errors import install
from panglot.server.v1.routes import make_router
from panglot.service.requests import TranscriptionRequest
from panglot.storage.records import Partial, Project, TranscriptRow, Upload
from panglot.transcripts import Transcript

__all__ = ["KEY", "V1Service", "make_app", "serving"]


class V1Service(FakeService):
    """Jobs that never end unless they have a result; partials and cancellations as they are set and told."""

    def __init__(self) -> None:
        super().__init__()
        self.partial: tuple[Partial, ...] = ()
        """What every job has recognised already."""
        self.failure: str | None = None
        """The error of every job."""
        self.submitted = threading.Event()
        self.cancelled = threading.Event()
        self.refused = threading.Event()
        """Set when an upload did not come in whole."""

    def submit(
        self, project: Project, request: TranscriptionRequest, *, audio_url: str, upload_id: str | None = None
    ) -> TranscriptRow:
        row = super().submit(project, request, audio_url=audio_url, upload_id=upload_id)
        self.submitted.set()
        return row

    async def upload(self, project: Project, chunks: AsyncIterator[bytes]) -> Upload:
        try:
            return await super().upload(project, chunks)
        except BaseException:
            self.refused.set()
            raise

    def get(self, project: Project, id: str) -> TranscriptRow:  # noqa: A002 - the service's name
        row = super().get(project, id)
        if self.failure is not None and row.status == "queued":
            return self.fail(id, self.failure)
        return row

    def partials(self, project: Project, id: str, *, since: int) -> tuple[Partial, ...]:  # noqa: A002
        return tuple(each for each in self.partial if each.number > since)

    def cancel(self, project: Project, id: str) -> TranscriptRow:  # noqa: A002
        row = super().cancel(project, id)
        self.cancelled.set()
        return row

    def recognised(self, transcript: Transcript, *, segments: int) -> None:
        """Let every job have recognised the first segments of a transcript, one partial for each."""
        self.partial = tuple(
            Partial(
                number=number,
                segments=({"start": each.start, "end": each.end, "text": each.text, "language": each.language},),
            )
            for number, each in enumerate(transcript.segments[:segments], start=1)
        )


def make_app(service: FakeService) -> FastAPI:
    """The application with these routes alone."""
    app = FastAPI()
    install(app)
    app.include_router(make_router(service))  # type: ignore[arg-type]
    return app


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port, in a thread; give its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
