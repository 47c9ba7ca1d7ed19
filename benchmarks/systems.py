"""One recogniser at work in a process of its own; started by ``measure.py``, not by hand.

Usage: ``python benchmarks/systems.py JOB.json RESULT.json``. The job names the system, how it is loaded, and the
recordings; the result holds the texts and what they took. Loading and a short warm-up are timed apart.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

Job = dict[str, Any]
Result = dict[str, Any]


def main() -> None:
    """Read the job, do it, write the result."""
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    Path(sys.argv[2]).write_text(json.dumps(work(job), ensure_ascii=False), "utf-8")


def work(job: Job) -> Result:
    """Load, warm up, then transcribe (or detect the language of) every recording, one after another."""
    started = time.perf_counter()
    run, together, facts = SYSTEMS[job["system"]](job)
    load = time.perf_counter() - started
    if job["warmup"]:
        run(job["warmup"], None)
    inputs = job["inputs"]
    wall, cpu = time.perf_counter(), tree_cpu_seconds()
    paths = [item["path"] for item in inputs]
    results = together(paths) if job["together"] else [timed(run, item) for item in inputs]
    return {
        "load_s": load,
        "wall_s": time.perf_counter() - wall,
        "cpu_s": tree_cpu_seconds() - cpu,
        "results": results,
        "facts": facts,
    }


def timed(run: Callable[[str, str | None], Result], item: Job) -> Result:
    """Handle one recording and note how long it took."""
    started = time.perf_counter()
    result = run(item["path"], item.get("language"))
    return result | {"wall_s": time.perf_counter() - started}


def tree_cpu_seconds() -> float:
    """CPU seconds of this process and everything it started, living or gone."""
    gone = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + gone.ru_utime + gone.ru_stime + sum(map(cpu_seconds, descendants(os.getpid())))


def descendants(process: int) -> list[int]:
    """Living processes below one; empty where the system does not show them."""
    below: list[int] = []
    for listing in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(number) for number in listing.read_text().split()]
        except OSError:
            continue
        for child in children:
            below += [child, *descendants(child)]
    return below


def cpu_seconds(process: int) -> float:
    """CPU seconds of a living process and of its children that are gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def panglot(job: Job):
    """Our own library."""
    import panglot as library

    model = library.load("base", **job["load"])

    def transcribe(path: str, language: str | None) -> Result:
        return described(model.transcribe(path, **({"language": language} if language else {}), **job["options"]))

    def detect(path: str, _: str | None) -> Result:
        spans = model.detect(path)
        seconds: dict[str, float] = {}
        for span in spans:
            seconds[span.language] = seconds.get(span.language, 0.0) + span.end - span.start
        return {"language": max(seconds, key=lambda code: seconds[code], default=None)}

    def together(paths: list[str]) -> list[Result]:
        return [described(transcript) for transcript in model.transcribe_many(paths, **job["options"])]

    run = detect if job["mode"] == "detect" else transcribe
    return run, together, {"compute": getattr(model, "compute", None), "reason": getattr(model, "compute_reason", None)}


def described(transcript: Any) -> Result:
    """Take the parts of a Panglot transcript that are judged."""
    return {
        "text": transcript.text,
        "language": transcript.language,
        "spans": [asdict(span) for span in transcript.languages],
        "segments": [
            {
                "start": segment.start,
                "end": segment.end,
                "text": segment.text,
                "words": [
                    {"start": word.start, "end": word.end, "text": word.text, "speaker": word.speaker}
                    for word in segment.words
                ],
            }
            for segment in transcript.segments
        ],
        "turns": [asdict(turn) for turn in transcript.turns],
        "audit": {name: value for name, value in asdict(transcript.audit).items() if name != "findings"},
        "timings": dict(transcript.receipt.timings),
    }


class WindowLanguages:
    """Stands between faster-whisper and its network, and notes which language each window was taken for.

    faster-whisper decides a language per window when asked for several, but does not report it.
    """

    def __init__(self, network: Any) -> None:
        self.network = network
        self.last: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)

    def detect_language(self, encoded: Any) -> Any:
        """Pass the call on and keep the most probable language of each window."""
        found = self.network.detect_language(encoded)
        self.last = [windows[0][0][2:-2] for windows in found]
        return found


def faster_whisper(job: Job):
    """Load the peer, sequential or batched."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel
    from faster_whisper.audio import decode_audio

    model = WhisperModel(job["weights"], device="cpu", compute_type="int8", **job["load"])
    watcher = WindowLanguages(model.model)
    model.model = watcher
    by_offset: dict[int, str] = {}

    class Watched(BatchedInferencePipeline):
        def forward(self, features: Any, tokenizer: Any, chunks_metadata: Any, options: Any) -> Any:
            output = super().forward(features, tokenizer, chunks_metadata, options)
            if options.multilingual:
                for chunk, code in zip(chunks_metadata, watcher.last, strict=True):
                    by_offset[int(chunk["offset"] * self.model.frames_per_second)] = code
            return output

    recogniser = Watched(model) if job["batched"] else model
    several = job["options"].get("multilingual", False)

    def transcribe(path: str, language: str | None) -> Result:
        by_offset.clear()
        found, info = recogniser.transcribe(path, language=language, **job["options"])
        segments = []
        for segment in found:
            code = (by_offset[segment.seek] if job["batched"] else watcher.last[0]) if several else info.language
            words = [{"start": word.start, "end": word.end, "text": word.word} for word in segment.words or []]
            segments.append(
                {"start": segment.start, "end": segment.end, "text": segment.text, "language": code, "words": words}
            )
        return {
            "text": "".join(segment["text"] for segment in segments),
            "language": info.language,
            "spans": merged(segments),
            "segments": segments,
        }

    def detect(path: str, _: str | None) -> Result:
        return {"language": model.detect_language(decode_audio(path))[0]}

    return (detect if job["mode"] == "detect" else transcribe), one_at_a_time, {"compute": model.model.compute_type}


def merged(segments: list[Result]) -> list[Result]:
    """Language spans from segments: neighbours of one language become one span."""
    spans: list[Result] = []
    for segment in segments:
        if spans and spans[-1]["language"] == segment["language"]:
            spans[-1]["end"] = segment["end"]
        else:
            spans.append(
                {"start": segment["start"], "end": segment["end"], "language": segment["language"], "probability": 1.0}
            )
    return spans


def panglot_speakers(_: Job):
    """Our own diarization, without recognition."""
    from panglot.audio import open_audio
    from panglot.diarization.community import CommunityDiarizer
    from panglot.diarization.protocol import SpeakerBounds
    from panglot.models import Store
    from panglot.models.catalogue import DIARIZATION_MODEL

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    diarizer = CommunityDiarizer(Store().path(DIARIZATION_MODEL), threads=cores)

    def diarize(path: str, _: str | None) -> Result:
        stream = diarizer.stream()
        with open_audio(path) as audio:
            for block in audio:
                stream.feed(block[0])
        found = stream.finish(SpeakerBounds())
        return {"turns": [asdict(turn) for turn in found.turns], "warnings": list(found.warnings)}

    return diarize, one_at_a_time, {"threads": cores}


def resemblyzer(_: Job):
    """Load a peer made of kept parts: Silero's voice activity, Resemblyzer's voice vectors, agglomerative clustering.

    Voice vectors are of 1.6 s every 0.8 s, as Resemblyzer was trained; two belong together above a similarity of 0.65,
    the limit its own demonstration draws.
    """
    import numpy as np
    import soundfile
    import torch
    from resemblyzer import VoiceEncoder
    from resemblyzer.audio import normalize_volume
    from resemblyzer.hparams import audio_norm_target_dBFS
    from silero_vad import get_speech_timestamps, load_silero_vad
    from sklearn.cluster import AgglomerativeClustering

    activity, encoder = load_silero_vad(), VoiceEncoder("cpu", verbose=False)

    def diarize(path: str, _: str | None) -> Result:
        samples, rate = soundfile.read(path, dtype="float32")
        assert rate == 16_000 and samples.ndim == 1, f"{path} is not mono at 16 kHz"
        pieces, vectors = [], []
        loud = normalize_volume(samples, audio_norm_target_dBFS, increase_only=True) if samples.any() else samples
        for speech in get_speech_timestamps(torch.from_numpy(samples), activity):
            start, end = speech["start"], speech["end"]
            _, partial, slices = encoder.embed_utterance(loud[start:end], return_partials=True, rate=1.25)
            middles = [start + (one.start + one.stop) / 2 for one in slices]
            edges = [start, *((left + right) / 2 for left, right in pairwise(middles)), end]
            pieces += pairwise(edges)
            vectors += list(partial)
        clustering = AgglomerativeClustering(None, metric="cosine", linkage="average", distance_threshold=0.35)
        labels = clustering.fit_predict(np.array(vectors)) if len(vectors) > 1 else [0] * len(vectors)
        turns: list[Result] = []
        for (start, end), label in zip(pieces, labels, strict=True):
            if turns and turns[-1]["speaker"] == label and turns[-1]["end"] == start / rate:
                turns[-1]["end"] = end / rate
            else:
                turns.append({"start": start / rate, "end": end / rate, "speaker": int(label)})
        return {"turns": turns, "warnings": []}

    return diarize, one_at_a_time, {"threads": torch.get_num_threads()}


def one_at_a_time(paths: list[str]) -> list[Result]:
    """Stand for what a system cannot do: several recordings in one call."""
    raise SystemExit(f"this system takes one recording at a time, not {len(paths)}")


SYSTEMS = {
    "panglot": panglot,
    "panglot-speakers": panglot_speakers,
    "faster-whisper": faster_whisper,
    "resemblyzer": resemblyzer,
}

if __name__ == "__main__":
    main()
