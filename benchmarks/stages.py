"""Where the time of a transcription goes: how long each stage keeps the workers busy, and what the encoder reaches.

The engine is wrapped, nothing else changes. The ceiling is what one thread multiplies in float32, and the same in
int8 with the instructions that processors without VNNI have: at best 4/3 of it (three instructions for 32 products
against one for 8).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import common
import ctranslate2
import numpy as np
from report import Report
from threadpoolctl import threadpool_limits

import panglot
from panglot.audio.activity import ActivityDetector
from panglot.engines import DecodeOptions, Encoded, Engine, Hypothesis, Piece, Request
from panglot.engines.compute import choose_compute
from panglot.engines.ctranslate2 import CTranslate2Engine
from panglot.models import VAD_MODEL, Store

CONTEXT_SECONDS = 16
WIDTH, LAYERS, MELS = 512, 6, 80
"""The encoder of ``base``."""


class TimedEngine:
    """An engine that counts its busy seconds."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.info = engine.info
        self.busy: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.tokens = 0

    @contextmanager
    def _stage(self, name: str):
        start = time.perf_counter()
        yield
        self.busy[name] += time.perf_counter() - start
        self.calls[name] += 1

    def encode(self, mel: Any) -> Encoded:
        """Encode and count."""
        with self._stage("encode"):
            return self._engine.encode(mel)

    def detect(self, encoded: Sequence[Encoded]) -> list[dict[str, float]]:
        """Detect and count."""
        with self._stage("detect language"):
            return self._engine.detect(encoded)

    def decode(self, requests: Sequence[Request], options: DecodeOptions) -> list[Hypothesis]:
        """Decode and count."""
        with self._stage("decode"):
            found = self._engine.decode(requests, options)
        self.tokens += sum(len(hypothesis.tokens) for hypothesis in found)
        return found

    def align(self, *args: Any, **options: Any) -> list[list[Piece]]:
        """Align and count."""
        with self._stage("align"):
            return self._engine.align(*args, **options)

    def close(self) -> None:
        """Close the engine."""
        self._engine.close()


def main() -> None:
    """Transcribe once to warm up, once to count; then time the encoder alone."""
    options = common.arguments(__doc__).parse_args()
    report = Report("stages", "Where the time goes", quick=options.quick)
    recording = common.head(common.long_reading(options.speech), 30 if options.quick else 10_000)
    store = Store()
    choice = choose_compute(device="cpu", compute="int8", threads=None)
    files = store.whisper("base")
    engine = TimedEngine(CTranslate2Engine(files, name="base", compute=choice))
    detector = ActivityDetector(store.path(VAD_MODEL) / "silero_vad_v6.onnx")
    with panglot.Model(engine, detector) as model:
        model.transcribe(recording.samples[: 20 * 16_000])
        engine.busy.clear()
        engine.calls.clear()
        engine.tokens = 0
        cpu, start = time.process_time(), time.perf_counter()
        model.transcribe(recording.samples)
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    seconds = len(recording.samples) / 16_000
    rows = [
        [name, engine.calls[name], f"{busy:.2f}", f"{busy / (wall * choice.workers):.1%}"]
        for name, busy in engine.busy.most_common()
    ]
    report.table(
        f"{seconds:.0f} s in {wall:.1f} s, {cpu:.1f} CPU s, {choice.workers} workers, {engine.tokens} tokens",
        ("stage", "calls", "busy s", "of the workers' time"),
        rows,
    )
    _encoder(report, files.folder)
    report.write(options.output)


def _encoder(report: Report, folder: Path) -> None:
    model = ctranslate2.models.Whisper(str(folder), compute_type="int8", intra_threads=1)
    steps = CONTEXT_SECONDS * 50
    mel = np.random.default_rng(0).normal(size=(1, MELS, 2 * steps)).astype(np.float32)
    products = LAYERS * (12 * WIDTH**2 * steps + 2 * steps**2 * WIDTH) + 3 * WIDTH * steps * (2 * MELS + WIDTH)
    encode = _median_seconds(lambda: np.asarray(model.encode(ctranslate2.StorageView.from_array(mel))))
    a, b = (np.ones(shape, np.float32) for shape in ((steps, WIDTH), (WIDTH, 4 * WIDTH)))
    with threadpool_limits(1):
        multiply = _median_seconds(lambda: a @ b)
    ceiling = a.size * b.shape[1] / multiply
    report.table(
        "The encoder alone, one thread, 10^9 multiplications a second",
        ("what", "value"),
        [
            [f"one window of {CONTEXT_SECONDS} s, seconds", f"{encode:.3f}"],
            ["encoder", f"{products / encode / 1e9:.1f}"],
            ["float32 product of the encoder's largest shape", f"{ceiling / 1e9:.1f}"],
        ],
    )


def _median_seconds(run: Callable[[], Any], *, times: int = 9) -> float:
    taken: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


if __name__ == "__main__":
    main()
