"""A loaded model: the way in for everybody who has audio."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

from panglot.audio.activity import ActivityDetector
from panglot.diarization.protocol import Diarizer
from panglot.diarization.voiceprints import Voiceprint
from panglot.engines import Engine, EngineInfo
from panglot.errors import OptionError
from panglot.pipeline.detection import detect_languages
from panglot.pipeline.options import Options, check_options, refuse_unknown
from panglot.pipeline.scheduler import Scheduler, Tally
from panglot.pipeline.transcription import Progress, Transcription
from panglot.transcripts.records import LanguageSpan, Transcript
from panglot.units import Seconds

_PARTS_AT_ONCE = 64
"""Parts that wait for the engine at the same time, over all recordings."""


class DetectOptions(TypedDict, total=False):
    """Options of `Model.detect`; see there."""

    languages: Sequence[str] | None
    start: Seconds
    end: Seconds | None


class TranscribeOptions(DetectOptions, total=False):
    """Options of `Model.transcribe`; see there."""

    language: str | None
    channels: str
    prompt: str
    keyterms: Sequence[str]
    translate: bool
    speakers: bool | int | None
    min_speakers: int | None
    max_speakers: int | None
    voices: Sequence[Voiceprint]


class Model:
    """A loaded model; use it from as many threads as you like, their recordings share batches.

    Made by `panglot.load`.
    """

    def __init__(
        self, engine: Engine, detector: ActivityDetector, *, diarizer: Callable[[], Diarizer] | None = None
    ) -> None:
        self._detector = detector
        self._load_diarizer = diarizer
        self._diarizer: Diarizer | None = None
        self._loading = Lock()
        self._scheduler = Scheduler(engine)
        self._pool = ThreadPoolExecutor(_PARTS_AT_ONCE, thread_name_prefix="panglot-part")

    @property
    def info(self) -> EngineInfo:
        """What is loaded and where it runs."""
        return self._scheduler.engine.info

    @property
    def compute_reason(self) -> str:
        """Which device and compute type were picked, and why."""
        return self.info.compute_reason

    @property
    def tally(self) -> Tally:
        """How full batches were so far."""
        return self._scheduler.tally

    @property
    def detector(self) -> ActivityDetector:
        """The network that hears speech."""
        return self._detector

    def transcribe(
        self,
        source: Any,
        *,
        sample_rate: int | None = None,
        progress: Callable[[Progress], None] | None = None,
        **options: Unpack[TranscribeOptions],
    ) -> Transcript:
        """Write down a recording.

        Parameters
        ----------
        source
            A path, the bytes of a file, a file object opened in binary mode, or samples as a numpy array of shape
            ``(n,)`` or ``(channels, n)``, full scale 1.0 for floats.
        sample_rate
            Of a numpy array, in Hz; 16000 unless given.
        progress
            Called after every part with how far the work is.
        **options
            ``language``: the language spoken, if you know it; detected otherwise.
            ``languages``: the languages that may occur, to keep detection from considering others.
            ``start``, ``end``: range to transcribe, in seconds; times stay those of the whole recording.
            ``channels``: ``mix`` (default) or ``separate``.
            ``prompt``: text that names, terms and style are taken from.
            ``keyterms``: words and phrases that are likely to occur.
            ``translate``: write English instead of the language spoken.
            ``speakers``: True to tell speakers apart, or their number where it is known.
            ``min_speakers``, ``max_speakers``: how many there are at least and at most.
            ``voices``: enrolled voices, to name the speakers by.

        Returns
        -------
        Transcript
            Text, segments, words, language spans, audit and receipt.

        Raises
        ------
        AudioError
            If the recording cannot be read.
        OptionError
            If an option cannot be used.
        """
        with self.stream(source, sample_rate=sample_rate, progress=progress, **options) as transcription:
            return transcription.transcript

    def stream(
        self,
        source: Any,
        *,
        sample_rate: int | None = None,
        progress: Callable[[Progress], None] | None = None,
        **options: Unpack[TranscribeOptions],
    ) -> Transcription:
        """Write down a recording, segment by segment: iterate over the result, its ``transcript`` is the whole.

        Takes and raises what `transcribe` does; errors of the recording that show late are raised while iterating.
        """
        checked = self._checked(options, TranscribeOptions, what="transcribing")
        return Transcription(
            source,
            options=checked,
            diarizer=None if checked.speakers is None else self.diarizer(),
            scheduler=self._scheduler,
            detector=self._detector,
            pool=self._pool,
            sample_rate=sample_rate,
            progress=progress,
        )

    def detect(
        self,
        source: Any,
        *,
        sample_rate: int | None = None,
        progress: Callable[[Progress], None] | None = None,
        **options: Unpack[DetectOptions],
    ) -> tuple[LanguageSpan, ...]:
        """Tell which language is spoken when; all channels are heard as one. Raises what `transcribe` raises.

        Parameters
        ----------
        source
            As for `transcribe`.
        sample_rate
            As for `transcribe`.
        progress
            As for `transcribe`.
        **options
            ``languages``, ``start`` and ``end``, as for `transcribe`.

        Returns
        -------
        tuple of LanguageSpan
            In order; empty where nobody speaks.
        """
        return detect_languages(
            source,
            options=self._checked(options, DetectOptions, what="detecting languages"),
            scheduler=self._scheduler,
            detector=self._detector,
            sample_rate=sample_rate,
            progress=progress,
        )

    def _checked(self, options: Mapping[str, Any], kind: type, *, what: str) -> Options:
        refuse_unknown(options, known=kind.__annotations__, what=what)
        return check_options(known=self.info.languages, **options)

    def diarizer(self) -> Diarizer:
        """Return the networks that tell speakers apart; they are loaded when they are first asked for.

        Returns
        -------
        Diarizer
            Shared by all recordings.

        Raises
        ------
        OptionError
            If the model was made without one.
        """
        with self._loading:
            if self._diarizer is None:
                if self._load_diarizer is None:
                    raise OptionError("this model was made without a diarizer; use panglot.load to tell speakers apart")
                self._diarizer = self._load_diarizer()
            return self._diarizer

    def close(self) -> None:
        """Give the memory back; recordings that are being transcribed fail."""
        self._scheduler.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
