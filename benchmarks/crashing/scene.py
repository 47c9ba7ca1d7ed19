"""A deployment with one job in it, and what is around it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from deployment import ALLOW_PRIVATE, Deployment, longer, submit
from neighbours import Files, Receiver, files, receiver

from postgres import PostgresServer, fresh_database

SAMPLE = Path(__file__).resolve().parents[2] / "tests" / "data" / "two_languages.flac"
CHUNK_SECONDS = 20
LEASE_SECONDS = 4
PATIENCE_SECONDS = 240.0
DATABASES = {"sqlite": None, "postgresql": 3}
"""Separate workers; None for the one that ``panglot serve`` has."""


@dataclass
class Scene:
    """A deployment, what is around it, and the job in it."""

    deployment: Deployment
    client: httpx.Client
    host: Files
    hooks: Receiver
    postgres: PostgresServer | None
    job: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    """The job as it was when the state was met."""

    def look(self) -> dict[str, Any] | None:
        """Return the job as a client sees it; None where nobody answers."""
        try:
            answer = self.client.get(f"/v2/transcript/{self.job}", timeout=10)
        except httpx.TransportError:
            return None
        return answer.json() if answer.status_code == 200 else None

    def worker(self) -> int:
        """Return the number of the worker process that has the job, of any where none has it."""
        for program in self.deployment.workers:
            mine = any(event.get("transcript") == self.job for event in program.events())
            if mine and program.alive:
                return program.pid
        return self.deployment.worker_pids()[0]

    def chunks(self, event: str) -> Counter[int]:
        """Count how often the logs say something of each chunk of the job."""
        return Counter(
            line["chunk"]
            for line in self.deployment.events()
            if line.get("event") == event and line.get("transcript") == self.job
        )


@contextmanager
def open_scene(database: str, postgres: PostgresServer | None, *, times: int) -> Iterator[Scene]:
    """Start a deployment and its neighbours, until the context ends."""
    settings = {
        **ALLOW_PRIVATE,
        "PANGLOT_CHUNK_SECONDS": str(CHUNK_SECONDS),
        "PANGLOT_LEASE_SECONDS": str(LEASE_SECONDS),
        "PANGLOT_LOG_FORMAT": "json",
    }
    with ExitStack() as stack:
        home = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="panglot-chaos-", ignore_cleanup_errors=True))
        )
        host, hooks = stack.enter_context(files()), stack.enter_context(receiver())
        host.contents["/recording.flac"] = longer(SAMPLE, times)
        deployment = stack.enter_context(
            Deployment(
                home,
                database_url=None if postgres is None else fresh_database(postgres.url),
                workers=DATABASES[database],
                settings=settings,
            )
        )
        client = stack.enter_context(deployment.client())
        yield Scene(deployment=deployment, client=client, host=host, hooks=hooks, postgres=postgres)


def start_job(scene: Scene) -> None:
    """Submit the job."""
    scene.job = submit(
        scene.client,
        f"{scene.host.url}/recording.flac",
        speaker_labels=True,
        language_detection=True,
        webhook_url=scene.hooks.url,
    )
