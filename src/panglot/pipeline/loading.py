"""From the name of a model to a loaded model, and the shortest ways to a transcript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Unpack

from panglot import models
from panglot.audio.activity import ActivityDetector
from panglot.diarization.community import CommunityDiarizer
from panglot.diarization.protocol import Diarizer, SpeakerBounds
from panglot.diarization.voiceprints import Voiceprint
from panglot.engines.compute import choose_compute
from panglot.engines.ctranslate2 import CTranslate2Engine
from panglot.models import DEFAULT_MODEL, DIARIZATION_MODEL, VAD_MODEL, Store
from panglot.pipeline.diarize import diarize_recording
from panglot.pipeline.model import Model, TranscribeOptions
from panglot.pipeline.options import check_channels, speaker_bounds
from panglot.pipeline.transcription import Progress
from panglot.transcripts.records import LanguageSpan, SpeakerTimeline, Transcript
from panglot.units import Seconds


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

    def diarizer() -> Diarizer:
        return load_diarizer(store=store, offline=offline, progress=progress)

    detector = ActivityDetector(store.path(VAD_MODEL, offline=offline, progress=progress) / "silero_vad_v6.onnx")
    return Model(CTranslate2Engine(files, name=str(model), compute=choice), detector, diarizer=diarizer)


def load_diarizer(
    *,
    threads: int = 1,
    store: Store | None = None,
    offline: bool = False,
    progress: models.Progress | None = None,
) -> Diarizer:
    """Load the networks that tell speakers apart, to find the speakers of many recordings with them.

    Parameters
    ----------
    threads
        Processor threads for one recording.
    store
        Where weights are kept; the user's cache folder unless given.
    offline
        Never download anything.
    progress
        Called while weights are fetched, with bytes done, bytes in all and the file's name.

    Returns
    -------
    Diarizer
        Ready to use from any number of threads.

    Raises
    ------
    ModelError
        If the weights are missing or altered.
    """
    folder = (store or Store()).path(DIARIZATION_MODEL, offline=offline, progress=progress)
    return CommunityDiarizer(folder, threads=threads)


def diarize(
    source: Any,
    *,
    speakers: int | None = None,
    min_speakers: int | None = None,
    max_speakers: int | None = None,
    start: Seconds = 0.0,
    end: Seconds | None = None,
    channels: str = "mix",
    voices: Sequence[Voiceprint] = (),
    sample_rate: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    diarizer: Diarizer | None = None,
) -> SpeakerTimeline:
    """Tell who speaks when in a recording, in any language.

    Parameters
    ----------
    source
        A path, the bytes of a file, a file object opened in binary mode, or samples as a numpy array of shape
        ``(n,)`` or ``(channels, n)``, full scale 1.0 for floats.
    speakers
        How many people speak, where that is known.
    min_speakers
        How many speak at least.
    max_speakers
        How many speak at most.
    start
        Where the range begins, in seconds; times stay those of the whole recording.
    end
        Where it ends, in seconds.
    channels
        ``mix`` (default) or ``separate``.
    voices
        Enrolled voices, to name the speakers by.
    sample_rate
        Of a numpy array, in Hz; 16000 unless given.
    progress
        Called after every block with how far the work is.
    diarizer
        From `load_diarizer`, to find the speakers of many recordings; loaded for this one unless given.

    Returns
    -------
    SpeakerTimeline
        Turns and speakers; turns of different speakers may overlap.

    Raises
    ------
    AudioError
        If the recording cannot be read.
    OptionError
        If an option cannot be used.
    """
    bounds = speaker_bounds(True if speakers is None else speakers, min_speakers, max_speakers)
    return diarize_recording(
        source,
        diarizer=diarizer or load_diarizer(threads=choose_compute(device="cpu").threads),
        bounds=bounds or SpeakerBounds(),
        start=start,
        end=end,
        channels=check_channels(channels),
        voices=voices,
        sample_rate=sample_rate,
        progress=progress,
    )


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
