"""A server that keeps no recordings, and jobs of clients that share one, change their mind, or read the logs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from deployment import ALLOW_PRIVATE, Deployment, finished, longer, submit, upload
from neighbours import Receiver
from sample import Sample


@pytest.mark.timeout(240)
def test_a_recording_lasts_as_long_as_its_jobs(
    deploy: Callable[..., Deployment], samples: dict[str, Sample], hooks: Receiver
) -> None:
    server = deploy(PANGLOT_KEEP_AUDIO_DAYS="0", **ALLOW_PRIVATE)
    with server.client() as client:
        address = upload(client, samples["english"].path.read_bytes())
        jobs = [submit(client, address) for _ in range(2)]
        ended = [finished(client, job, seconds=120) for job in jobs]
        assert [(each["status"], each["error"]) for each in ended] == [("completed", None)] * 2
        assert ended[0]["text"] == ended[1]["text"]

        long = upload(client, longer(samples["english"].path, 20))
        cancelled = submit(client, long, webhook_url=hooks.url)
        assert client.post(f"/panglot/recordings/{cancelled}/cancel").json()["status"] == "error"
        hooks.wait(1, seconds=30)
        assert [call.body["status"] for call in hooks.of(cancelled)] == ["error"]
        again = submit(client, long)  # its recording is still there
        client.post(f"/panglot/recordings/{again}/cancel").raise_for_status()

        gone = client.post("/v2/transcript", json={"audio_url": address})
        assert (gone.status_code, gone.json()["error"]) == (403, "Cannot access uploaded file")
    for job in jobs:
        about = [event for event in server.events() if event.get("transcript") == job]
        worked = {event["event"] for event in about if event.get("attempt") == 1}
        assert {"job_started", "chunk_begun", "chunk_done", "job_completed"} <= worked
        assert {"job_accepted", "request"} <= {event["event"] for event in about}
