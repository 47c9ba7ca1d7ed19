"""The states of a job, and how one is met."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from crashing.scene import CHUNK_SECONDS, PATIENCE_SECONDS, Scene, start_job

STATES = ("accepted", "fetching", "planning", "chunks", "diarizing", "assembling", "delivering")


def meet(scene: Scene, state: str) -> bool:
    """Start the job and wait until it is in a state; False where the state passed unseen."""
    if state == "fetching":
        scene.host.open.clear()
    if state == "delivering":
        scene.hooks.open.clear()
    start_job(scene)
    if state == "accepted":
        scene.before = scene.look() or {}
        return True
    if state == "delivering":
        met = scene.hooks.began.wait(PATIENCE_SECONDS)
        scene.before = scene.look() or {}
        return met
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        job = scene.look()
        if job is None:
            continue
        scene.before = job
        if job["status"] in ("completed", "error"):
            return False
        if _is_in(state, job, scene):
            return True
    return False


def _is_in(state: str, job: Mapping[str, Any], scene: Scene) -> bool:
    stage = job["metadata"]["stage"]
    if state == "fetching":
        return stage == "fetching" and bool(scene.host.requests)
    if not state.startswith("chunk"):
        return stage == state
    number = int(state.split()[1])
    begun = scene.chunks("chunk_begun")
    if begun:
        return stage == "recognising" and max(begun) == number
    return stage == "recognising" and int(job["metadata"]["seconds_done"] // CHUNK_SECONDS) == number
