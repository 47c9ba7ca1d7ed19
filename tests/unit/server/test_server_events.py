"""A job's events, as a page reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from fake_service import KEY, OTHER_KEY, FakeService, make_result
from panglot.errors import StorageError
from panglot.server.errors import install
from panglot.server.events import make_router
from panglot.service.requests import TranscriptionRequest
from panglot.storage.records import Partial, Project, TranscriptRow


class Scripted(FakeService):
    """Something happens each time that a job is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.script: list[Callable[[], object]] = []

    def get(self, project: Project, id: str) -> TranscriptRow:  # noqa: A002 - the service's name
        row = super().get(project, id)
        if self.script:
            self.script.pop(0)()
        return self.rows.get(row.id, row)

    def partials(self, project: Project, id: str, *, since: int) -> tuple[Partial, ...]:  # noqa: A002
        return tuple(piece for piece in self.pieces.get(id, []) if piece.number > since)


@pytest.fixture
def service() -> Scripted:
    return Scripted()


@pytest.fixture
def job(service: Scripted) -> str:
    project = service.projects[KEY]
    return service.submit(project, TranscriptionRequest(surface="assemblyai"), audio_url="http://host/a.wav").id


def client(service: FakeService, *, closing: Callable[[], bool] = lambda: False, heartbeat: float = 15.0) -> TestClient:
    app = FastAPI()
    install(app)
    app.include_router(make_router(service, closing=closing, heartbeat=heartbeat))  # type: ignore[arg-type]
    return TestClient(app, headers={"Authorization": KEY})


def events(text: str) -> list[tuple[str, str | None, Any]]:
    found: list[tuple[str, str | None, Any]] = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], lines.get("id"), json.loads(lines["data"])))
    return found


def test_a_job_is_followed_to_its_end(service: Scripted, job: str) -> None:
    def recognise() -> None:
        service.start(job, seconds_done=2.0, duration=4.0)
        service.add_partial(job, "Hello there,")

    def complete() -> None:
        service.add_partial(job, "world.")
        service.complete(job, make_result())

    service.script = [lambda: None, lambda: None, recognise, lambda: None, complete]
    response = client(service).get(f"/v2/transcript/{job}/events")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    told = events(response.text)
    assert [name for name, _, _ in told] == ["progress", "segments", "progress", "segments", "progress", "done"]
    assert told[0][2] == {"status": "queued", "stage": "accepted", "seconds_done": 0.0, "duration": None}
    assert told[1][1:] == (
        "1",
        {"segments": [{"start": 0.0, "end": 1.0, "text": "Hello there,", "language": "en"}]},
    )
    assert told[2][2] == {"status": "processing", "stage": "recognising", "seconds_done": 2.0, "duration": 4.0}
    assert told[5][1] == "done"
    assert (told[5][2]["status"], told[5][2]["error"]) == ("completed", None)


def test_the_end_says_why_a_job_failed(service: Scripted, job: str) -> None:
    service.fail(job, "Audio duration is too short.")
    name, _, data = events(client(service).get(f"/v2/transcript/{job}/events").text)[-1]
    assert (name, data["status"], data["error"]) == ("done", "error", "Audio duration is too short.")


def test_a_client_goes_on_after_the_last_event_it_had(service: Scripted, job: str) -> None:
    for text in ("One.", "Two.", "Three."):
        service.add_partial(job, text)
    service.complete(job, make_result())
    response = client(service).get(f"/v2/transcript/{job}/events", headers={"Last-Event-ID": "2"})
    ids = [number for name, number, _ in events(response.text) if name == "segments"]
    assert ids == ["3"]


def test_a_client_that_had_the_end_is_told_not_to_come_again(service: Scripted, job: str) -> None:
    service.complete(job, make_result())
    response = client(service).get(f"/v2/transcript/{job}/events", headers={"Last-Event-ID": "done"})
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize("last", ["-1", "1e3", "x", "²", "9" * 40, ""])
def test_a_strange_event_id_starts_anew(service: Scripted, job: str, last: str) -> None:
    service.add_partial(job, "One.")
    service.complete(job, make_result())
    response = client(service).get(f"/v2/transcript/{job}/events", headers={"Last-Event-ID": last.encode()})
    assert "segments" in [name for name, _, _ in events(response.text)]


def test_silence_is_filled_with_comments(service: Scripted, job: str) -> None:
    service.script = [lambda: None] * 3 + [lambda: service.complete(job, make_result())]
    response = client(service, heartbeat=0.0).get(f"/v2/transcript/{job}/events")
    assert ": alive\n\n" in response.text


def test_a_deleted_transcript_ends_the_events(service: Scripted, job: str) -> None:
    service.script = [lambda: None, lambda: None, lambda: service.change(job, deleted=True)]
    assert events(client(service).get(f"/v2/transcript/{job}/events").text)[-1][0] == "done"


def test_a_server_that_ends_ends_the_events_without_an_end_of_the_job(service: Scripted, job: str) -> None:
    service.add_partial(job, "One.")
    ending = client(service, closing=lambda: True).get(f"/v2/transcript/{job}/events")
    assert [(name, number) for name, number, _ in events(ending.text)] == [("segments", "1"), ("progress", None)]
    service.add_partial(job, "Two.")
    service.complete(job, make_result())
    again = client(service).get(f"/v2/transcript/{job}/events", headers={"Last-Event-ID": "1"})
    assert [(name, number) for name, number, _ in events(again.text)][::2] == [("segments", "2"), ("done", "done")]


def test_a_failing_database_is_told_as_the_last_event(service: Scripted, job: str) -> None:
    def fail() -> None:
        raise StorageError("secret details")

    service.script = [lambda: None, lambda: None, fail]
    name, _, data = events(client(service).get(f"/v2/transcript/{job}/events").text)[-1]
    assert name == "failed"
    assert "secret" not in data["error"]


def test_another_project_sees_nothing(service: Scripted, job: str) -> None:
    response = client(service).get(f"/v2/transcript/{job}/events", headers={"Authorization": OTHER_KEY})
    assert response.status_code == 404
    assert "error" in response.json()


def test_a_key_is_needed(service: Scripted, job: str) -> None:
    response = client(service).get(f"/v2/transcript/{job}/events", headers={"Authorization": "wrong"})
    assert response.status_code == 401
