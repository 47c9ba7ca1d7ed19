"""faster-whisper as a program: one JSON object a line in, one JSON object a line out.

Run by `panglot.evaluation.peers` in a process of its own, so that nothing of Panglot runs on what it is measured
against. The first line in says what to load; every other line is a recording.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any


def main() -> None:
    """Answer every line of standard input with one on standard output."""
    answers = sys.stdout
    sys.stdout = sys.stderr
    order = json.loads(sys.stdin.readline())
    try:
        library: Any = import_module("faster_whisper")
    except ImportError as error:
        answer(answers, {"missing": str(error)})
        return
    model = library.WhisperModel(
        order["weights"], device=order["device"], compute_type=order["compute"], cpu_threads=order["threads"]
    )
    answer(answers, {"version": library.__version__, "compute": model.model.compute_type})
    for line in sys.stdin:
        try:
            answer(answers, transcribe(library, model, json.loads(line)))
        except Exception as error:
            answer(answers, {"error": f"{type(error).__name__}: {error}"})


def transcribe(library: Any, model: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Write down one recording with the library's defaults."""
    samples = library.audio.decode_audio(job["audio"])
    start, end = (round(16_000 * job[edge]) for edge in ("start", "end"))
    segments, info = model.transcribe(samples[start:end], language=job["language"], beam_size=5)
    return {"text": "".join(segment.text for segment in segments), "language": info.language}


def answer(stream: Any, value: dict[str, Any]) -> None:
    """Write one line and send it off."""
    stream.write(json.dumps(value) + "\n")
    stream.flush()


main()
