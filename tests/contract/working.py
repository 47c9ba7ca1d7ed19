"""A worker's surroundings: a real database and folder, a model without weights, and a journal in memory."""

import asyncio
import io
import json

import numpy as np

from panglot import Model
from panglot.audio.wav import write_wav
from panglot.jobs.errors import Released
from panglot.service.addresses import AddressPolicy
from panglot.service.counters import Counters
from panglot.service.holder import ModelHolder
from panglot.service.limits import Limits
from panglot.service.platform import open_platform
from panglot.service.requests import TranscriptionRequest
from panglot.service.service import Service
from panglot.service.work import Work
from panglot.testing import FakeDetector, FakeDiarizer, FakeEngine
from panglot.testing.tones import silence, speak

ASKED = TranscriptionRequest(surface="assemblyai")


class Steps:
    """Steps with a journal in memory; may stop at a step, or lose the worker in it."""

    def __init__(self, journal=None, *, stop_at=None, crash_at=None) -> None:
        self.journal = {} if journal is None else journal
        self.draining = False
        self.ran = []
        self.recording = True
        self._stop_at = stop_at
        self._crash_at = crash_at

    def run(self, name, function, *, recorded=lambda _: True):
        if name in self.journal:
            return self.journal[name]
        if name == self._stop_at:
            self.draining = True
            if self.recording:
                raise Released
        self.ran.append(name)
        result = json.loads(json.dumps(function()))
        if name == self._crash_at:
            raise KeyboardInterrupt  # nothing is recorded, as if the process had died
        self.recording = self.recording and recorded(result)
        if self.recording:
            self.journal[name] = result
        return result


class World:
    def __init__(self, folder, **limits) -> None:
        self.storage = str(folder / "storage")
        self.platform = open_platform(
            database_url=f"sqlite:///{folder}/panglot.sqlite",
            storage_url=self.storage,
            limits=Limits(**limits),
            policy=AddressPolicy(),
        )
        self.project = self.platform.projects.create("default")
        self.service = Service(self.platform, models=("fake",))
        self.engine = FakeEngine()
        self.model = Model(self.engine, FakeDetector(), diarizer=FakeDiarizer)
        self.counters = Counters()
        self.holder = ModelHolder(lambda: self.model)
        self.folder = folder

    def work(self, worker="worker-1") -> Work:
        return Work(self.platform, self.holder, worker_id=worker, counters=self.counters)

    def upload(self, samples):
        write_wav(self.folder / "sent.wav", samples)
        return self.send((self.folder / "sent.wav").read_bytes())

    def send(self, content: bytes):
        async def chunks():
            file = io.BytesIO(content)
            while part := file.read(50_000):
                yield part

        return asyncio.run(self.service.upload(self.project, chunks()))

    def submit(self, samples, request=ASKED):
        upload = self.upload(samples)
        return self.service.submit(
            self.project, request, audio_url=f"http://here/v2/upload/{upload.id}", upload_id=upload.id
        )

    def row(self, row):
        return self.service.get(self.project, row.id)

    def do(self, row, **how):
        steps = Steps(**how)
        self.work()(row.id, steps)
        return steps

    def done(self, samples, request=ASKED):
        row = self.submit(samples, request)
        self.do(row)
        row = self.row(row)
        assert row.status == "completed", row.error
        return row, self.service.result(row)

    def kept(self, row):
        return self.platform.blobs.list(f"jobs/{row.id}/")

    def close(self):
        self.holder.close()
        self.service.close()
        self.platform.close()


def talk(*parts):
    """Mono, with a pause after each part."""
    return np.concatenate([np.concatenate([speak(part), silence(1.2)]) for part in parts])[None]
