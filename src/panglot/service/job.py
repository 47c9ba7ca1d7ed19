"""One job: from the recording's bytes to the result, in steps that survive a crash."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import structlog
from numpy.typing import NDArray

from panglot.audio import open_audio
from panglot.errors import AudioError, AudioFormatError, NotFoundError, StorageError, TooLargeError
from panglot.jobs.errors import Superseded
from panglot.pipeline.diarize import diarize_blocks
from panglot.pipeline.model import Model, TranscribeOptions
from panglot.pipeline.options import speaker_bounds
from panglot.pipeline.pieces import cut_pieces
from panglot.pipeline.speakers import with_channels, with_timeline
from panglot.service.counters import Counters
from panglot.service.erasing import job_prefix
from panglot.service.fetching import download
from panglot.service.platform import Platform
from panglot.service.playback import waveform_key
from panglot.service.playback_writer import Copy, PlaybackWriter
from panglot.service.requests import TranscriptionRequest
from panglot.service.scratch import scratch_folder
from panglot.service.shelf import Shelf
from panglot.service.text.beep import CoveredSpan, cover, write_audio
from panglot.storage.records import Stage, TranscriptRow
from panglot.transcripts import Segment, Transcript
from panglot.transcripts.joining import join, shift
from panglot.transcripts.records import Speaker, SpeakerTimeline, Turn
from panglot.units import SAMPLE_RATE, Seconds, to_seconds

_log = structlog.get_logger("panglot.work")

_DOWNLOAD_SECONDS: Seconds = 3600.0
_TELL_EVERY: Seconds = 2.0
"""Between two reports of how far a job is, which cost 3 ms each, and a worker has many in hand."""
_NEARLY: Seconds = 16.0
"""Of a piece: what is left of it when it is not worth a report any more, about what is recognised at once."""


class Plan(TypedDict):
    """The pieces of a recording, as the journal keeps them."""

    starts: list[Seconds]
    duration: Seconds
    """How far the recording reaches."""
    channels: int
    """Channels that are transcribed separately."""
    warnings: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The work on one transcript by one worker; every write is fenced by the row's attempt."""

    platform: Platform
    row: TranscriptRow
    request: TranscriptionRequest
    counters: Counters
    progressed: Callable[[], None]
    """Says that the job gets further."""
    shelf: Shelf
    """Where its steps leave what the next ones need."""

    def prepare(self, model: Model) -> Plan:
        """Fetch the recording and cut it in pauses; several pieces go into the store."""
        with scratch_folder() as folder:
            source = self._fetch(Path(folder) / "source")
            if self.row.upload_id is None:  # what is here already is fetched, and mostly planned, within a moment
                self.enter("planning")
            return self._cut(source, Path(folder), model)

    def recognition(self, plan: Plan, number: int, model: Model, *, language: str | None = None) -> Callable[[], str]:
        """Prepare to transcribe a piece.

        Parameters
        ----------
        plan
            The pieces.
        number
            Of the piece.
        model
            Hears it.
        language
            Spoken there, where it is another than the request says.

        Returns
        -------
        callable
            Transcribes it, and returns the name under which its transcript, on the recording's time line, is kept.
            Called again because that could not be written, it only writes: what was heard is not forgotten.
        """
        key = self._key(f"chunk-{number:04}{f'-{language}' if language else ''}.json")
        start = plan["starts"][number]
        # What is heard last is in the transcript at once, unless speakers are still to be found.
        last = number == len(plan["starts"]) - 1 and not self.request.speakers
        hear = cache(lambda: self._hear(start, number, model, language, last=last))

        def recognise() -> str:
            if number or language:  # the first piece was entered when all were cut
                self.enter("recognising", seconds_done=start - self.request.start, duration=plan["duration"])
            if not self.shelf.has_transcript(key):
                self.shelf.put_transcript(key, hear())
                _log.info("chunk_done", chunk=number)
            return key

        return recognise

    def diarize(self, plan: Plan, model: Model) -> dict[str, Any]:
        """Tell who speaks when in the whole recording."""
        request = self.request
        self.enter("diarizing", seconds_done=plan["duration"] - request.start)
        bounds = speaker_bounds(request.speakers_expected or True, request.min_speakers, request.max_speakers)
        assert bounds is not None
        timeline = diarize_blocks(
            self.blocks(plan),
            diarizer=model.diarizer(),
            bounds=bounds,
            offset=request.start,
            channels="separate" if request.multichannel else "mix",
        )
        return asdict(timeline)

    def assemble(self, keys: Sequence[str], timeline: dict[str, Any] | None) -> Transcript:
        """Join what the steps left."""
        if len(keys) > 1 or timeline is not None or self.request.redaction is not None:  # else it takes no time
            self.enter("assembling")
        whole = join([self.shelf.transcript(key) for key in keys])
        if timeline is not None:
            return with_timeline(whole, _read_timeline(timeline))
        return with_channels(whole) if self.request.multichannel else whole

    def redact_audio(self, plan: Plan, spans: Sequence[CoveredSpan]) -> str:
        """Write the recording with the spans silenced or beeped over; return the name of its blob."""
        redaction = self.request.redaction
        assert redaction is not None
        suffix = redaction.audio_quality
        key = self._key(f"redacted-{self.row.attempt}.{suffix}")
        with scratch_folder() as folder:
            path = Path(folder) / f"redacted.{suffix}"
            covered = cover(self.blocks(plan), spans, silence=redaction.audio_silence, offset=self.request.start)
            write_audio(path, covered, format=suffix)
            self.platform.blobs.put_file(key, path)
        return key

    def blocks(self, plan: Plan) -> Iterator[NDArray[np.float32]]:
        """Yield the recording, piece by piece; shape ``(channels, n)``."""
        for number in range(len(plan["starts"])):
            with open_audio(self._piece(number), separate_channels=self.request.multichannel) as audio:
                for block in audio:
                    self.progressed()
                    yield block

    def enter(
        self,
        stage: Stage,
        *,
        seconds_done: Seconds | None = None,
        duration: Seconds | None = None,
        playback_key: str | None = None,
    ) -> None:
        """Say how far the job is; raises `Superseded` where it is somebody else's by now, or nobody's."""
        self.progressed()
        still_ours = self.platform.transcripts.set_stage(
            self.row.id,
            self.row.attempt,
            stage,
            seconds_done=seconds_done,
            duration=duration,
            playback_key=playback_key,
        )
        if not still_ours:
            raise Superseded(self.row.id)

    def _fetch(self, path: Path) -> Path:
        platform = self.platform
        if self.row.upload_id is not None:
            upload = platform.uploads.get(self.row.upload_id)
            if upload is None:
                raise NotFoundError("The uploaded file was erased before it was transcribed. Upload it again.")
            platform.blobs.fetch(upload.key, path)
            return path
        download(
            self.row.audio_url,
            path,
            policy=platform.policy,
            max_bytes=platform.limits.download_bytes,
            timeout=_DOWNLOAD_SECONDS,
            progress=self.progressed,
        )
        return path

    def _cut(self, source: Path, folder: Path, model: Model) -> Plan:
        request, limits = self.request, self.platform.limits
        plan = Plan(starts=[], duration=request.start, channels=1, warnings=[])
        told = time.monotonic()
        copy = None
        try:
            with (
                open_audio(
                    source, start=request.start, end=request.end, separate_channels=request.multichannel
                ) as audio,
                self._playback(folder) as playback,
            ):
                pieces = cut_pieces(audio, detector=model.detector, length=limits.piece, offset=request.start)
                for number, piece in enumerate(pieces):
                    if piece.end - request.start > limits.duration:
                        raise TooLargeError(
                            f"The recording is longer than {limits.duration:g} s, the most this server takes. "
                            "Send parts of it."
                        )
                    if number:
                        self.shelf.persist()
                    self.shelf.put_piece(self._piece_key(number), piece.samples)
                    if playback is not None:
                        playback.write(piece.samples)
                    plan["starts"].append(piece.start)
                    plan["channels"] = len(piece.samples)
                    plan["duration"] = piece.end
                    if time.monotonic() - told >= _TELL_EVERY:
                        told = time.monotonic()
                        with suppress(StorageError):
                            self.enter("planning", duration=piece.end)
                plan["warnings"] = list(audio.warnings)
                if playback is not None and plan["starts"]:
                    copy = self._keep_playback(playback.finish())
        except AudioError as error:
            reason = re.sub(r"'[^']*/source'", "the file", str(error))
            if isinstance(error, AudioFormatError):
                reason = f"File does not appear to contain audio. Reason: {reason}"
            raise type(error)(reason) from error
        if plan["duration"] - request.start < limits.shortest:
            raise AudioError("Audio duration is too short.")
        self.enter("recognising", seconds_done=0.0, duration=plan["duration"], playback_key=copy)
        return plan

    def _playback(self, folder: Path) -> AbstractContextManager[PlaybackWriter | None]:
        """The copy to play, where one is to be made: not of what nobody may hear, nor of what is erased at once."""
        limits = self.platform.limits
        if not limits.playback or limits.keep_audio_days == 0 or self.request.redaction is not None:
            return nullcontext()
        return PlaybackWriter(folder, offset=self.request.start)

    def _keep_playback(self, copy: Copy) -> str:
        key = self._key(copy.path.name)
        self.platform.blobs.put_file(key, copy.path)
        self.platform.blobs.put(waveform_key(key), copy.peaks)
        return key

    def _hear(self, start: Seconds, number: int, model: Model, language: str | None, *, last: bool) -> Transcript:
        _log.info("chunk_begun", chunk=number)
        began = time.monotonic()
        part = shift(self._transcribe(self._piece(number), number, start, model, language, last=last), start)
        self.counters.chunk(audio=part.duration - start, took=time.monotonic() - began)
        return part

    def _transcribe(
        self, samples: NDArray[np.int16], number: int, start: Seconds, model: Model, language: str | None, *, last: bool
    ) -> Transcript:
        waiting: list[dict[str, Any]] = []
        nearly = to_seconds(samples.shape[1]) - _NEARLY
        told, shown = time.monotonic(), False
        with model.stream(samples, sample_rate=SAMPLE_RATE, **self._options(language)) as transcription:
            for segment in transcription:
                self.progressed()
                waiting.append(_plain(segment, start))
                if time.monotonic() - told >= _TELL_EVERY and segment.end < nearly:
                    told = time.monotonic()
                    with suppress(StorageError):  # what was heard is not lost because nobody can be told of it
                        self.enter("recognising", seconds_done=start + segment.end - self.request.start)
                        self._show(number, waiting, first=not shown)
                        waiting, shown = [], True
            if not last:
                with suppress(StorageError):
                    self._show(number, waiting, first=not shown)
            return transcription.transcript

    def _show(self, number: int, segments: Sequence[dict[str, Any]], *, first: bool) -> None:
        """Let those who watch see segments, unless something is to be taken out of the text first."""
        if segments and self.request.redaction is None:
            if first:
                self.platform.partials.restart(self.row.id, number)
            self.platform.partials.add(self.row.id, self.row.attempt, number, segments)

    def _options(self, language: str | None) -> TranscribeOptions:
        request = self.request
        options: TranscribeOptions = {
            "channels": "separate" if request.multichannel else "mix",
            "prompt": request.prompt,
            "keyterms": request.keyterms,
            "translate": request.translate,
        }
        if language or request.language:
            options["language"] = language or request.language
        elif request.languages:
            options["languages"] = request.languages
        return options

    def _piece(self, number: int) -> NDArray[np.int16]:
        return self.shelf.piece(self._piece_key(number))

    def _key(self, name: str) -> str:
        return job_prefix(self.row.id) + name

    def _piece_key(self, number: int) -> str:
        return self._key(f"piece-{number:04}.wav")


def _plain(segment: Segment, offset: Seconds) -> dict[str, Any]:
    """A segment for those who watch, on the recording's time line."""
    return {
        "start": round(segment.start + offset, 3),
        "end": round(segment.end + offset, 3),
        "text": segment.text,
        "language": segment.language,
        "channel": segment.channel,
    }


def _read_timeline(values: dict[str, Any]) -> SpeakerTimeline:
    return SpeakerTimeline(
        turns=tuple(Turn(**turn) for turn in values["turns"]),
        speakers=tuple(Speaker(**speaker) for speaker in values["speakers"]),
        duration=values["duration"],
        warnings=tuple(values["warnings"]),
    )
