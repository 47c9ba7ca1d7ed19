"""A worker that is stuck is seen from outside."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from deployment import Deployment, finished, longer, submit, upload, wait_until
from sample import Sample


@pytest.mark.timeout(300)
def test_health_turns_red_while_a_worker_is_wedged(
    deploy: Callable[..., Deployment], samples: dict[str, Sample]
) -> None:
    server = deploy(PANGLOT_STUCK_SECONDS="3", PANGLOT_LEASE_SECONDS="6", PANGLOT_CHUNK_SECONDS="10")
    with server.client() as client:

        def health() -> int:
            return client.get("/healthz").status_code

        job = submit(client, upload(client, longer(samples["two_languages"].path, 3)))
        wait_until(
            lambda: client.get(f"/v2/transcript/{job}").json()["metadata"]["stage"] == "recognising",
            seconds=120,
            what=lambda: server.text[-3000:],
        )
        (worker,) = server.worker_pids()
        os.kill(worker, signal.SIGSTOP)
        try:
            wait_until(lambda: health() == 503, seconds=30, what=lambda: "a stuck worker seems well")
            reasons = client.get("/healthz").json()["reasons"]
        finally:
            os.kill(worker, signal.SIGCONT)
        assert any("1 jobs in hand" in reason for reason in reasons), reasons
        assert finished(client, job, seconds=120)["status"] == "completed"
        wait_until(lambda: health() == 200, seconds=30, what=lambda: "a worker that goes on seems stuck")
