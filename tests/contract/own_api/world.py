"""A deployment, who has a key to it, and recordings in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from fastapi.testclient import TestClient

from panglot.audio.wav import write_wav
from panglot.service import erasing, playback, playback_writer
from panglot.service.documents import of_transcript
from panglot.service.platform import Platform
from panglot.service.requests import TranscriptionRequest
from panglot.service.results import Result
from panglot.service.service import Service
from panglot.storage.records import Project, TranscriptRow
from panglot.testing import make_segment, make_transcript
from panglot.transcripts import Transcript

SECRET = b"s" * 32
HOSTILE = '../..\\<img src=x onerror="alert(1)">\r\nX-Evil: 1; \u202egpj.mp3'


def spoken() -> Transcript:
    """Two speakers, a sentence each; four seconds."""
    return make_transcript(
        make_segment("Hello there, world.", speaker="A", start=0.0),
        make_segment("Shalom 100% =SUM(A1)", speaker="B", start=2.4, language="he"),
    )


@dataclass
class World:
    """A deployment with an operator of one project, and another project."""

    platform: Platform
    folder: Path
    suffix: str
    """Ends the names of this world's projects."""
    clients: dict[str, TestClient] = field(default_factory=dict[str, TestClient])

    @property
    def ada(self) -> TestClient:
        return self.clients["ada"]

    @property
    def bob(self) -> TestClient:
        return self.clients["bob"]

    @property
    def nobody(self) -> TestClient:
        return self.clients["nobody"]

    @property
    def project(self) -> Project:
        found = self.platform.projects.find(f"ada-{self.suffix}")
        assert found is not None
        return found

    def submit(self, name: str = "talk.mp3", *, upload: bool = False) -> TranscriptRow:
        project = self.project
        upload_id = None
        if upload:
            upload_id = str(uuid4())
            self.platform.blobs.put(f"uploads/{upload_id}", self.wav())
            self.platform.uploads.add(project.id, id=upload_id, key=f"uploads/{upload_id}", size=9)
        request = TranscriptionRequest(surface="assemblyai", name=name)
        with closing(Service(self.platform, models=("base",))) as service:
            return service.submit(project, request, audio_url="https://example.org/x.mp3", upload_id=upload_id)

    def wav(self) -> bytes:
        tone = np.sin(np.arange(16_000 * 4) * 0.1, dtype=np.float32)[None] * 0.5
        write_wav(self.folder / "tone.wav", tone)
        return (self.folder / "tone.wav").read_bytes()

    def complete(
        self, transcript: Transcript | None = None, *, name: str = "talk.mp3", audio: bool = True, upload: bool = False
    ) -> str:
        row = self.submit(name, upload=upload)
        heard = transcript or spoken()
        claimed = self.platform.transcripts.claim(row.id, "w")
        assert claimed is not None
        if audio:
            self.keep_audio(row.id)
        document = of_transcript(heard)
        key = f"{erasing.job_prefix(row.id)}result-1.json"
        self.platform.blobs.put(key, Result(transcript=heard).write())
        assert self.platform.transcripts.complete(
            row.id, 1, result_key=key, duration=heard.duration, summary=document.summary, lines=document.lines
        )
        erasing.tidy(self.platform, row.id)
        return row.id

    def keep_audio(self, id: str, *, seconds: int = 4) -> str:  # noqa: A002 - as in the records
        with playback_writer.PlaybackWriter(self.folder) as writer:
            for _ in range(seconds):
                writer.write(np.full((2, 16_000), 0.5, dtype=np.float32))
            copy = writer.finish()
        key = erasing.job_prefix(id) + copy.path.name
        self.platform.blobs.put_file(key, copy.path)
        self.platform.blobs.put(playback.waveform_key(key), copy.peaks)
        assert self.platform.transcripts.set_stage(id, 1, "recognising", playback_key=key)
        return key

    def edit(self, id: str, change: Callable[[dict[str, Any]], None], base: int = 0) -> int:  # noqa: A002
        document = self.ada.get(f"/panglot/recordings/{id}/document").json()["document"]
        change(document)
        answer = self.ada.post(f"/panglot/recordings/{id}/revisions", json={"base": base, "document": document})
        assert answer.status_code == 201, answer.text
        return answer.json()["number"]


def change_first_word(document: dict[str, Any]) -> None:
    document["segments"][0]["words"][0].update(text="Howdy", edited=True)
