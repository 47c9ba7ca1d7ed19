"""How long it takes until a job goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from crashing.scene import Scene


class Watch(threading.Thread):
    """Notes when a client first sees the job go on."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(daemon=True)
        self._scene = scene
        self._over = threading.Event()
        self.moment: float | None = None

    def run(self) -> None:
        """Ask until the job differs from what it was."""
        with self._scene.deployment.client() as client:
            while not self._over.wait(0.05) and self.moment is None:
                try:
                    answer = client.get(f"/v2/transcript/{self._scene.job}", timeout=10)
                except httpx.TransportError:
                    continue
                if answer.status_code == 200 and _progress(answer.json()) != _progress(self._scene.before):
                    self.moment = time.monotonic()

    def stop(self) -> None:
        """Stop asking."""
        self._over.set()
        self.join()


def _progress(job: Mapping[str, Any]) -> tuple[Any, ...]:
    metadata = job.get("metadata") or {}
    return job.get("status"), metadata.get("stage"), metadata.get("seconds_done")


def resumed(state: str, watch: Watch, scene: Scene, struck: float, at: datetime) -> float | None:
    """Seconds until a worker began another attempt, or, where none had to, until a client saw the job go on."""
    moment = watch.moment
    if state == "delivering":
        moment = next((call.moment for call in scene.hooks.of(scene.job)), None)
        return None if moment is None else moment - struck
    begun = (
        datetime.fromisoformat(line["timestamp"])
        for line in scene.deployment.events()
        if line.get("event") == "job_started" and line.get("transcript") == scene.job
    )
    after = [(one - at).total_seconds() for one in begun if one > at]
    if after:
        return min(after)
    return None if moment is None else moment - struck
