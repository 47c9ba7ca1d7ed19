"""Other programs as systems under test: each runs in a process of its own, and is spoken to in lines of JSON.

Panglot never runs on the programs that it is measured against, so they are not imported here: what asks them lies in
``programs``, which is no package, and is started with the interpreter that runs Panglot.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

from panglot.corpora import Sample
from panglot.engines.protocol import EngineInfo
from panglot.errors import AudioFormatError, ModelError, OptionError
from panglot.evaluation.transcribers import Heard, System

PEERS = ("faster-whisper",)
"""Names that `panglot eval --against` takes beside those of models."""

_PROGRAM = Path(__file__).with_name("programs") / "faster_whisper_peer.py"


class FasterWhisper:
    """faster-whisper with its own defaults (sequential, beam 5 with its ladder of temperatures, no voice activity).

    Parameters
    ----------
    weights
        Folder of the model, the same that Panglot loads.
    info
        What Panglot loaded: the peer gets the same weights, number type, device and threads.
    """

    at_once = 1
    tells_speakers = False

    def __init__(self, weights: Path, *, info: EngineInfo) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        # -P: the folder of the program must not hide packages of the same names.
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
        )
        self._turn = Lock()
        try:
            loaded = self._ask(
                {"weights": str(weights), "device": info.device, "compute": info.compute, "threads": info.threads}
            )
            if "missing" in loaded:
                raise OptionError(
                    "faster-whisper is not installed beside Panglot, so it cannot be compared with "
                    f"({loaded['missing']}). Give it to the same environment: `pip install faster-whisper`."
                )
        except BaseException:
            self.close()
            raise
        self.system = System(
            name=f"faster-whisper {loaded['version']}",
            sha256=info.model_sha256,
            settings=f"weights of {info.model}, sequential, beam 5, its other defaults, {loaded['compute']} on "
            f"{info.device}, {info.threads} threads",
            languages=info.languages,
        )

    def transcribe(self, sample: Sample, *, language: str | None, speakers: bool) -> Heard:  # noqa: ARG002
        """Write down a sample; it cannot tell speakers apart."""
        answer = self._ask(
            {
                "audio": str(sample.audio),
                "start": sample.start,
                "end": sample.start + sample.duration,
                "language": language,
            }
        )
        if "error" in answer:
            raise AudioFormatError(f"{sample.audio} could not be written down by {self.system.name}: {answer['error']}")
        return Heard(text=answer["text"], language=answer["language"])

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            with suppress(BrokenPipeError):  # what was not sent yet
                if stream:
                    stream.close()

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        with self._turn:
            try:
                self._process.stdin.write(json.dumps(question) + "\n")
                self._process.stdin.flush()
                line = self._process.stdout.readline()
            except BrokenPipeError:
                line = ""
        if not line:
            self._errors.seek(0)
            told = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            raise ModelError(f"faster-whisper has ended without an answer: {told[-1] if told else 'it said nothing'}.")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
