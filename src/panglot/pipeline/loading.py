"""From the name of a model to a loaded model, and the shortest ways to a transcript."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Unpack

from panglot import models
from panglot.audio.activity import ActivityDetector
from panglot.engines.compute import choose_compute
from panglot.engines.ctranslate2 import CTranslate2Engine
from panglot.models import DEFAULT_MODEL, VAD_MODEL, Store
from panglot.pipeline.model import Model, TranscribeOptions
from panglot.transcripts.records import LanguageSpan, Transcript


def load(
    model: str | Path = DEFAULT_MODEL,
    *,
    device: str = "auto",
    compute: str = "auto",
    threads: int | None = None,
    store: Store | None = None,
    offline: bool = False,
    progress: models.Progress | None = None,
) -> Model:
    """Load a model once, to transcribe many recordings with it.

    Parameters
    ----------
    model
        A name from ``panglot models list``, or a folder with a Whisper model in CTranslate2 format.
    device
        ``cpu``, ``cuda`` or ``auto``.
    compute
        Compute type: ``auto``, ``int8``, ``float16``, ``float32`` and others that CTranslate2 offers.
    threads
        Processor threads; all that the process may use unless given.
    store
        Where weights are kept; the user's cache folder unless given.
    offline
        Never download anything.
    progress
        Called while weights are fetched, with bytes done, bytes in all and the file's name.

    Returns
    -------
    Model
        Ready to use from any number of threads.

    Raises
    ------
    ModelError
        If there is no such model, or its weights are missing or altered.
    DeviceError
        If the device or compute type is not available here.
    OptionError
        If a value is not one of those allowed.
    """
    choice = choose_compute(device=device, compute=compute, threads=threads)
    store = store or Store()
    files = store.whisper(model, offline=offline, progress=progress)
    detector = ActivityDetector(store.path(VAD_MODEL, offline=offline, progress=progress) / "silero_vad_v6.onnx")
    return Model(CTranslate2Engine(files, name=str(model), compute=choice), detector)


def transcribe(source: Any, *, model: str | Path = DEFAULT_MODEL, **options: Unpack[TranscribeOptions]) -> Transcript:
    """Load a model, write down one recording, and let the model go; options as in `Model.transcribe`."""
    with load(model) as loaded:
        return loaded.transcribe(source, **options)


def detect(
    source: Any, *, model: str | Path = DEFAULT_MODEL, **options: Unpack[TranscribeOptions]
) -> tuple[LanguageSpan, ...]:
    """Load a model, and tell which language is spoken when in one recording; options as in `Model.detect`."""
    with load(model) as loaded:
        return loaded.detect(source, **options)
