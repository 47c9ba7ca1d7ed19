"""One recording on its way to a transcript: a thread reads and listens, a pool recognises, the caller collects."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from panglot.audio import AudioStream, open_audio
from panglot.audio.activity import ActivityDetector
from panglot.diarization.protocol import Diarization, Diarizer
from panglot.errors import PanglotError
from panglot.pipeline.assembly import Assembly
from panglot.pipeline.listener import Listener
from panglot.pipeline.options import Options
from panglot.pipeline.recogniser import Part, Recognised, Recogniser
from panglot.pipeline.scheduler import Scheduler
from panglot.pipeline.share import Share
from panglot.pipeline.speakers import Conversation, SpeakerTrack, name_speakers, with_channels, with_speakers
from panglot.pipeline.windows import Planner
from panglot.transcripts.records import Segment, Transcript
from panglot.units import Seconds, to_seconds

_IN_FLIGHT = 24
"""Parts of one recording that are recognised at the same time: enough to fill two batches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a transcription is."""

    seconds_done: Seconds
    seconds_total: Seconds | None
    """Declared length of the recording, where its container says so."""
    language: str | None
    """The language of the part that was done last."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pending:
    """A part that is being recognised."""

    channel: int
    future: Future[list[Recognised]]


class Transcription:
    """Segments of one recording as they are produced, and then the transcript.

    Iterate over it for segments in the order of time (of each channel, where channels are separate), then read
    `transcript`; or read `transcript` at once. Leaving it early, by ``close`` or a ``with`` statement, stops all work.
    """

    def __init__(
        self,
        source: Any,
        *,
        options: Options,
        scheduler: Scheduler,
        detector: ActivityDetector,
        pool: ThreadPoolExecutor,
        diarizer: Diarizer | None = None,
        sample_rate: int | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._options = options
        self._share = Share(scheduler)
        self._detector = detector
        self._pool = pool
        self._diarizer = diarizer
        self._diarizations: list[Future[Diarization]] = []
        self._progress = progress
        self._recogniser = Recogniser(
            self._share, languages=options.languages, prompt=options.prompt, translate=options.translate
        )
        self._assembly = Assembly(options, scheduler.engine.info)
        self._started = time.monotonic()
        self._stop = threading.Event()
        self._room = threading.Semaphore(_IN_FLIGHT)
        self._pending: SimpleQueue[_Pending | BaseException | None] = SimpleQueue()
        self._stream: AudioStream = open_audio(
            source,
            start=options.start,
            end=options.end,
            separate_channels=options.channels == "separate",
            sample_rate=sample_rate,
        )
        self._segments = self._collect()
        self._transcript: Transcript | None = None
        self._failure: Exception | None = None
        self._duration: Seconds = 0.0
        self._done: Seconds = 0.0
        self._reader = threading.Thread(target=self._read, name="panglot-reader", daemon=True)
        self._reader.start()

    def __iter__(self) -> Iterator[Segment]:
        return self._segments

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def transcript(self) -> Transcript:
        """The whole transcript; waits for what is not recognised yet.

        Raises
        ------
        PanglotError
            If the transcription was closed before it was complete; where it failed, the error it failed with.
        """
        for _ in self._segments:
            pass
        if self._transcript is None:
            raise self._failure or _closed()
        return self._transcript

    def close(self) -> None:
        """Stop all work on this recording; segments that were yielded stay valid."""
        self._abandon()
        self._reader.join()
        self._stream.close()
        self._segments.close()

    def _collect(self) -> Generator[Segment]:
        try:
            while (pending := self._pending.get()) is not None:
                if isinstance(pending, BaseException):
                    raise pending
                for recognised in pending.future.result():
                    yield from self._assembly.add(recognised, channel=pending.channel)
                    self._report(recognised)
                self._room.release()
            yield from self._assembly.finish()
            conversations = self._conversations()
            transcript = self._assembly.transcript(
                duration=self._duration, warnings=self._stream.warnings, seconds=time.monotonic() - self._started
            )
            self._transcript = self._with_names(transcript, conversations)
        except CancelledError:
            raise _closed() from None
        except Exception as error:
            self._failure = error
            yield from self._assembly.finish()
            raise
        finally:
            self._abandon()

    def _conversations(self) -> dict[int | None, Conversation]:
        """Who speaks on each channel; nothing where nobody asked."""
        separate = self._options.channels == "separate"
        numbers = [number if separate else None for number in range(1, len(self._diarizations) + 1)]
        return {
            number: name_speakers(
                found.result(), offset=self._options.start, channel=number, voices=self._options.voices
            )
            for number, found in zip(numbers, self._diarizations, strict=True)
        }

    def _with_names(self, transcript: Transcript, conversations: Mapping[int | None, Conversation]) -> Transcript:
        if conversations:
            return with_speakers(transcript, conversations)
        return with_channels(transcript) if self._options.channels == "separate" else transcript

    def _abandon(self) -> None:
        """Start nothing more: what waits for the engine would only delay other recordings."""
        self._stop.set()
        self._share.cancel()
        self._room.release()

    def _report(self, recognised: Recognised) -> None:
        if self._progress is not None:
            total = self._stream.info.duration
            # Channels take turns, a window each, and one may be ahead.
            self._done = max(self._done, recognised.window.end)
            self._progress(Progress(seconds_done=self._done, seconds_total=total, language=recognised.language))

    def _read(self) -> None:
        try:
            with self._stream:
                self._duration = self._listen()
            # Where it was stopped, it has not been read to its end.
            self._pending.put(CancelledError() if self._stop.is_set() else None)
        except BaseException as error:
            self._pending.put(error)

    def _listen(self) -> Seconds:
        """Read the recording to its end, or until nobody wants it; return how far it reaches."""
        planners: list[Planner] = []
        listeners: list[Listener] = []
        tracks: list[SpeakerTrack] = []
        samples = 0
        for block in self._stream:
            if self._stop.is_set():
                return 0.0
            if not planners:
                planners = [Planner(self._detector.stream(), offset=self._options.start) for _ in block]
                listeners = [Listener(self._recogniser, languages=self._options.languages) for _ in block]
                if self._diarizer is not None:
                    tracks = [SpeakerTrack(self._diarizer.stream(), self._share) for _ in block]
            samples += block.shape[1]
            for channel, (planner, listener) in enumerate(zip(planners, listeners, strict=True)):
                for window in planner.feed(block[channel]):
                    self._submit(channel, listener.feed(window))
            for track, row in zip(tracks, block, strict=False):
                track.feed(row)
        for channel, (planner, listener) in enumerate(zip(planners, listeners, strict=True)):
            for window in planner.finish():
                self._submit(channel, listener.feed(window))
            self._submit(channel, listener.finish())
        if self._options.speakers is not None:
            self._diarizations = [track.finish(self._options.speakers) for track in tracks]
        return self._options.start + to_seconds(samples)

    def _submit(self, channel: int, parts: Iterator[Part]) -> None:
        for part in parts:
            self._room.acquire()
            if self._stop.is_set():
                return
            future = self._share.keep(self._pool.submit(self._recogniser.recognise, part))
            self._pending.put(_Pending(channel=channel, future=future))


def _closed() -> PanglotError:
    return PanglotError(
        "the transcription was closed before it was complete, so there is no transcript; "
        "read `transcript` before `close()` and before the end of the `with` statement"
    )
