"""A job as a stream, read without a server."""

from __future__ import annotations

import asyncio

from fake_service import KEY, FakeService, make_result
from panglot.server.sse import ALIVE
from panglot.server.v1.form import read_form
from panglot.server.v1.streaming import stream
from panglot.storage.records import Project, TranscriptRow


class Slow(FakeService):
    """A job that is complete when it is looked at for the third time."""

    looks = 0

    def get(self, project: Project, id: str) -> TranscriptRow:  # noqa: A002 - the service's name
        self.looks += 1
        row = super().get(project, id)
        return self.complete(id, make_result()) if self.looks == 3 else row

    def partials(self, project: Project, id: str, *, since: int) -> tuple[()]:  # noqa: A002
        return ()


def parts(service: FakeService, *, heartbeat: float) -> list[bytes]:
    project = service.projects[KEY]
    form = read_form([("stream", "true")], translate=False)
    row = service.submit(project, form.request, audio_url="http://host/a")

    async def everything() -> list[bytes]:
        events = stream(service, project, row, form, path="/v1/x", heartbeat=heartbeat)  # type: ignore[arg-type]
        return [part async for part in events]

    return asyncio.run(everything())


def test_silence_is_filled_with_comments() -> None:
    sent = parts(Slow(), heartbeat=0.0)
    assert sent[:2] == [ALIVE, ALIVE]
    assert sent[-1] == b"data: [DONE]\n\n"
    assert ALIVE not in parts(Slow(), heartbeat=60.0)


def test_a_transcript_that_is_deleted_meanwhile_is_an_error() -> None:
    class Deleted(Slow):
        def get(self, project: Project, id: str) -> TranscriptRow:  # noqa: A002
            row = super().get(project, id)
            return self.change(id, deleted=True) if self.looks == 2 else row

    (last,) = parts(Deleted(), heartbeat=60.0)
    assert b'"error"' in last
    assert b"was deleted" in last
