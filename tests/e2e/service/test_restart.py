"""Restarts in the middle of the work: nothing is lost, and no client notices more than a refused connection."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from deployment import Deployment, finished, longer, submit, upload, wait_until
from neighbours import Receiver
from sample import Sample

SETTINGS = {
    "PANGLOT_CHUNK_SECONDS": "10",
    "PANGLOT_LEASE_SECONDS": "3",
    "PANGLOT_ALLOW_PRIVATE_NETWORKS": "true",
}
TIMES = 6
WAIT_SECONDS = 200


@pytest.fixture(scope="session")
def recording(samples: dict[str, Sample]) -> bytes:
    """Two minutes, so a job has several chunks."""
    return longer(samples["two_languages"].path, TIMES)


@contextmanager
def asking(server: Deployment, path: str) -> Iterator[list[str]]:
    """Asks again and again while the block runs; collects what a client would have to tell its user."""
    stop = threading.Event()
    complaints: list[str] = []

    def ask() -> None:
        with server.client() as client:
            while not stop.wait(0.02):
                try:
                    answer = client.get(path)
                except httpx.ConnectError:
                    continue  # nobody listens: every client tries that again
                except httpx.TransportError as error:
                    complaints.append(repr(error))
                    continue
                if answer.status_code != 200 and "Retry-After" not in answer.headers:
                    complaints.append(f"{answer.status_code} {answer.text}")

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield complaints
    finally:
        stop.set()
        thread.join()


def recognising(client: httpx.Client, job: str) -> Callable[[], bool]:
    """Whether a job has a chunk behind it, and more before it."""

    def met() -> bool:
        answer = client.get(f"/v2/transcript/{job}").json()
        assert answer["status"] in {"queued", "processing"}, "the recording is too short to be interrupted"
        return answer["metadata"]["stage"] == "recognising" and answer["metadata"]["seconds_done"] > 10

    return met


def strike(server: Deployment, client: httpx.Client, job: str) -> None:
    """Wait for the middle of the work."""
    met = recognising(client, job)
    wait_until(met, seconds=WAIT_SECONDS, what=lambda: f"recognising: {server.text[-3000:]}")


def told(job: dict[str, Any]) -> tuple[str, str | None]:
    return job["status"], job["text"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_stopped_and_started_again_it_goes_on_where_it_was(
    deploy: Callable[..., Deployment], recording: bytes, hooks: Receiver
) -> None:
    server = deploy(**SETTINGS)
    with server.client() as client:
        address = upload(client, recording)
        undisturbed = finished(client, submit(client, address), seconds=WAIT_SECONDS)
        job = submit(client, address, webhook_url=hooks.url)
        strike(server, client, job)
        with asking(server, f"/v2/transcript/{job}") as complaints:
            assert server.api is not None
            assert server.api.stop() == 0
            server.start_api()
            server.wait_ready()
            ended = finished(client, job, seconds=WAIT_SECONDS)
        assert complaints == []
        assert told(ended) == told(undisturbed)
        assert ended["status"] == "completed", ended["error"]
        hooks.wait(1, seconds=30)
        time.sleep(2)  # for a second call, which must not come
        assert [call.body["status"] for call in hooks.of(job)] == ["completed"]
    assert none_twice(server, job)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_workers_are_replaced_one_after_another(deploy: Callable[..., Deployment], recording: bytes) -> None:
    server = deploy(workers=2, **SETTINGS)
    with server.client() as client:
        address = upload(client, recording)
        undisturbed = finished(client, submit(client, address), seconds=WAIT_SECONDS)
        jobs = [submit(client, address) for _ in range(3)]
        strike(server, client, jobs[0])
        for number, worker in enumerate(list(server.workers)):
            assert worker.stop() == 0
            server.start_worker(number)
        ended = [finished(client, job, seconds=WAIT_SECONDS) for job in jobs]
    assert {told(each) for each in ended} == {told(undisturbed)}
    for job in jobs:
        assert none_twice(server, job)


def none_twice(server: Deployment, job: str) -> bool:
    """Whether each chunk was recognised once, as the workers' logs have it."""
    chunks = Counter(
        event["chunk"]
        for event in server.events()
        if event.get("event") == "chunk_done" and event.get("transcript") == job
    )
    assert len(chunks) > 2, "the logs say nothing about chunks"
    return set(chunks.values()) == {1}
