"""A recording's way over the endpoints of the page, with a real server, worker and weights."""

from __future__ import annotations

import io
import json
import zipfile

import av
import httpx
import pytest
from deployment import Deployment, finished, upload
from sample import Sample


@pytest.mark.timeout(180)
def test_hear_it_read_it_fix_it_take_it_away(server: Deployment, samples: dict[str, Sample]) -> None:
    sample = samples["english"]
    with server.client() as client:
        sent = {"audio_url": upload(client, sample.path.read_bytes()), "audio_name": "Führung.flac"}
        job = client.post("/v2/transcript", json=sent).json()["id"]
        finished(client, job, seconds=120)
        path = f"/panglot/recordings/{job}"
        shown = client.get(path).json()
        assert (shown["name"], shown["status"], shown["languages"]) == ("Führung.flac", "completed", ["en"])
        assert shown["has_audio"]

        document = client.get(f"{path}/document").json()["document"]
        words = [word for segment in document["segments"] for word in segment["words"]]
        assert all(0 <= word["start"] <= word["end"] <= sample.duration + 0.1 for word in words)
        words[0].update(text="Edited", edited=True)
        kept = client.post(f"{path}/revisions", json={"base": 0, "document": document, "note": "one word"})
        assert (kept.status_code, kept.json()) == (201, {"number": 1})
        assert client.get("/panglot/recordings", params={"q": "edited"}).json()["recordings"][0]["id"] == job
        assert client.get(f"{path}/export?format=txt").text.startswith("Edited")

        link = client.post(f"{path}/links").json()["audio"]
        part = httpx.get(link, headers={"Range": "bytes=0-99"})
        assert (part.status_code, len(part.content)) == (206, 100)
        with av.open(io.BytesIO(httpx.get(link).content)) as copy:
            assert copy.duration / av.time_base == pytest.approx(sample.duration, abs=0.1)
            copy.seek(int(copy.duration / 2))
            assert next(copy.decode(audio=0)).time > sample.duration / 2 - 6
        peaks = client.get(f"{path}/waveform?buckets=50").json()["peaks"]
        assert len(peaks) == 50
        assert max(peaks) > 20

        archive = zipfile.ZipFile(io.BytesIO(client.get("/panglot/corrections.zip").content))
        lines = [json.loads(line) for line in archive.read("corrections.jsonl").splitlines()]
        assert any(line["id"].startswith(job) and line["text"].startswith("Edited") for line in lines)

        assert client.delete(f"/v2/transcript/{job}").status_code == 200
        assert client.get(path).status_code == 404
        assert httpx.get(link).status_code == 404
