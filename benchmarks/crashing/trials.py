"""A job that is struck, and one that nobody disturbs to compare it with."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from deployment import finished

from crashing.blows import strike
from crashing.rows import Row
from crashing.scene import LEASE_SECONDS, PATIENCE_SECONDS, Scene, open_scene, start_job
from crashing.states import meet
from crashing.watch import Watch, resumed
from postgres import PostgresServer

AFTERWARDS_SECONDS = LEASE_SECONDS + 3.0
"""After the end of a job; who was frozen or presumed dead could still write in that time."""
TRIES = 4
"""Times that a state too short to be met is tried."""


def undisturbed(database: str, postgres: PostgresServer | None, times: int) -> dict[str, Any]:
    """Return the text, the number of chunks and the seconds of a job that nobody disturbs."""
    with open_scene(database, postgres, times=times) as scene:
        started = time.monotonic()
        start_job(scene)
        job = finished(scene.client, scene.job, seconds=PATIENCE_SECONDS)
        if job["status"] != "completed":
            raise SystemExit(f"the job failed though nobody disturbed it: {job['error']}")
        scene.hooks.wait(1, seconds=30)
        return {
            "text": job["text"],
            "chunks": len(scene.chunks("chunk_done")),
            "seconds": time.monotonic() - started,
        }


def trial(
    database: str,
    postgres: PostgresServer | None,
    state: str,
    victim: str,
    *,
    reference: Mapping[str, Any],
    times: int,
) -> Row:
    """Strike a job in a state, and see what becomes of it."""
    for _ in range(TRIES):
        with open_scene(database, postgres, times=times) as scene:
            if meet(scene, state):
                return _strike_and_see(scene, Row(database=database, state=state, victim=victim, met=True), reference)
            scene.host.open.set()
            scene.hooks.open.set()
    return Row(database=database, state=state, victim=victim, met=False)


def _strike_and_see(scene: Scene, row: Row, reference: Mapping[str, Any]) -> Row:
    watch = Watch(scene)
    watch.start()
    at = datetime.now(UTC)
    struck = strike(scene, row.victim)
    scene.host.open.set()
    scene.hooks.open.set()
    try:
        job = finished(scene.client, scene.job, seconds=PATIENCE_SECONDS)
    except TimeoutError as error:
        watch.stop()
        return replace(row, error=str(error)[:300], seconds=time.monotonic() - struck)
    ended = time.monotonic()
    wait_for_calls = time.monotonic() + 60
    while not scene.hooks.of(scene.job) and time.monotonic() < wait_for_calls:
        time.sleep(0.1)
    time.sleep(AFTERWARDS_SECONDS)
    watch.stop()
    again = finished(scene.client, scene.job, seconds=30)
    calls = scene.hooks.of(scene.job)
    begun = scene.chunks("chunk_begun")
    return replace(
        row,
        status=job["status"],
        error=job["error"],
        text_same=job["text"] == again["text"] == reference["text"],
        calls=len(calls),
        ids=len({_webhook_id(call.headers) for call in calls}),
        chunks=reference["chunks"],
        redone=sum(begun.values()) - len(begun) if begun else None,
        resumed=resumed(row.state, watch, scene, struck, at),
        seconds=ended - struck,
    )


def _webhook_id(headers: Mapping[str, str]) -> str | None:
    return next((value for name, value in headers.items() if name.endswith("webhook-id")), None)
