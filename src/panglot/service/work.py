"""What a worker does with a job: the order of its steps, and how each way of ending is written down."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import structlog

from panglot.errors import AudioError, ModelError, OptionError, OutputError, PanglotError, ServiceError, StorageError
from panglot.jobs.backoff import delay
from panglot.jobs.errors import Released, Superseded
from panglot.jobs.worker import Steps
from panglot.pipeline.model import Model
from panglot.service.counters import Counters
from panglot.service.documents import of_transcript
from panglot.service.erasing import job_prefix, tidy, tidy_completed
from panglot.service.holder import ModelHolder
from panglot.service.job import Job, Plan
from panglot.service.links import Link, expiry, link_secret
from panglot.service.messages import messages_about
from panglot.service.platform import Platform
from panglot.service.requests import TranscriptionRequest, Webhook
from panglot.service.results import Result
from panglot.service.shelf import Shelf
from panglot.service.spans import Span, untraced
from panglot.service.text.apply import Applied, apply
from panglot.service.text.measures import language_shares, mean_confidence, speech_share
from panglot.transcripts import Transcript
from panglot.units import Seconds

_TRIES = 4
"""Times that a step is tried when it fails for a reason that nobody expected."""
_PASSING = (StorageError, OutputError, OSError)
"""Errors of the machine that pass: a full disk, a store that is away."""
_TRIES_PASSING = 20
"""Times that a step is tried when one of those is in its way: about ten minutes."""
_FINAL = (AudioError, OptionError, ModelError, ServiceError)
"""Errors that another try would meet again."""
_MOST_LOSSES = 20
"""Workers that a job may wear out: a recording that kills them must not go round for ever."""
_FIRST_PAUSE: Seconds = 0.5
_LONGEST_PAUSE: Seconds = 60.0

T = TypeVar("T")
_log = structlog.get_logger("panglot.work")


class Refused(ServiceError):
    """The recording is not what the request demands of it: too unsure a language, too little speech."""

    code = "refused"


class Work:
    """Carries out jobs, any number at the same time; they share the model and its batches.

    Parameters
    ----------
    platform
        Where everything is kept.
    holder
        The model.
    worker_id
        Who this is, for the rows.
    counters
        What was done.
    span
        Marks each job, and each step of it.
    """

    def __init__(
        self, platform: Platform, holder: ModelHolder, *, worker_id: str, counters: Counters, span: Span = untraced
    ) -> None:
        self._platform = platform
        self._holder = holder
        self._worker_id = worker_id
        self._counters = counters
        self._span = span
        self._random = random.Random()

    def __call__(self, id: str, steps: Steps) -> None:  # noqa: A002 - the field's name
        """Carry out a job, unless it is finished, cancelled, or another worker's by now."""
        with structlog.contextvars.bound_contextvars(transcript=id), self._counters.job() as progressed:
            self._take_on(id, steps, progressed)

    def _take_on(self, transcript_id: str, steps: Steps, progressed: Callable[[], None]) -> None:
        row = self._patiently(steps, lambda: self._platform.transcripts.claim(transcript_id, self._worker_id))
        if row is None:
            # Whoever finished it may have died before they could.
            self._patiently(steps, lambda: tidy(self._platform, transcript_id))
            return
        job = Job(
            platform=self._platform,
            row=row,
            request=TranscriptionRequest.from_plain(row.request),
            counters=self._counters,
            progressed=progressed,
            shelf=Shelf(self._platform.blobs),
        )
        with structlog.contextvars.bound_contextvars(attempt=row.attempt):
            self._see_through(job, steps)

    def _see_through(self, job: Job, steps: Steps) -> None:
        row = job.row
        _log.info("job_started")
        try:
            if row.losses >= _MOST_LOSSES:
                raise Refused(f"The work was begun {_MOST_LOSSES} times, and each time its worker was lost.")
            with self._span(
                "job", parent=job.request.traceparent, transcript=row.id, attempt=row.attempt, worker=self._worker_id
            ):
                self._carry_out(job, steps)
        except Superseded:
            _log.info("job_left")
            self._patiently(steps, lambda: tidy(self._platform, row.id))
        except Released:
            _log.info("job_released")
            with suppress(StorageError):  # a job that is not marked as released is taken on all the same
                self._platform.transcripts.release(row.id, row.attempt)
            raise
        except Exception as error:
            self._fail(job, steps, error)

    def _carry_out(self, job: Job, steps: Steps) -> None:
        with self._holder.use() as model:
            plan = cast(Plan, self._step(steps, "prepare", lambda: dict(job.prepare(model)), recorded=_has_pieces))
            if steps.recording:  # whoever goes on by the journal must find what it names
                job.shelf.persist()
            transcript = self._transcript(job, steps, plan, model, language=None)
            if self._falls_back(job.request, transcript):
                transcript = self._transcript(job, steps, plan, model, language=job.request.fallback_language)
        self._check_speech(job.request, plan, transcript)
        applied = apply(transcript, job.request)
        self._complete(job, steps, plan, transcript, applied)

    def _transcript(self, job: Job, steps: Steps, plan: Plan, model: Model, *, language: str | None) -> Transcript:
        keys: list[str] = []
        suffix = f" in {language}" if language else ""
        for number in range(len(plan["starts"])):
            recognise = job.recognition(plan, number, model, language=language)
            keys.append(self._step(steps, f"recognise {number}{suffix}", recognise))
        timeline = None
        if job.request.speakers:
            timeline = self._step(steps, f"diarize{suffix}", lambda: job.diarize(plan, model))
        return self._patiently(steps, lambda: job.assemble(keys, timeline))

    def _step(
        self, steps: Steps, name: str, function: Callable[[], T], *, recorded: Callable[[T], bool] = lambda _: True
    ) -> T:
        """Run a step durably, again where it fails for a reason that may pass."""

        def tried() -> T:
            attempt = 0
            while True:
                attempt += 1
                try:
                    with self._span(name.partition(" ")[0], step=name):
                        return function()
                except _FINAL:
                    raise
                except Exception as error:
                    tries = _TRIES_PASSING if isinstance(error, _PASSING) else _TRIES
                    if steps.draining:
                        raise Released from error
                    if attempt >= tries:
                        raise
                    _log.warning("step_failed", step=name, reason=_reason(error), again=True)
                    time.sleep(delay(attempt, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE, random=self._random))

        return steps.run(name, tried, recorded=recorded)

    def _falls_back(self, request: TranscriptionRequest, transcript: Transcript) -> bool:
        """Whether the language is too unsure and another is to be used; raises where that is an error."""
        if request.language is not None:
            return False
        if transcript.language is None:
            if request.on_no_speech == "error":
                raise Refused("language_detection cannot be performed on files with no spoken audio.")
            return False
        sure = transcript.language_probability
        if sure >= request.language_threshold:
            return False
        if request.on_low_confidence == "fallback" and request.fallback_language:
            return True
        raise Refused(
            f"detected language '{transcript.language}', confidence {sure:.4f}, is below the requested confidence "
            f"threshold value of '{request.language_threshold:g}'"
        )

    def _check_speech(self, request: TranscriptionRequest, plan: Plan, transcript: Transcript) -> None:
        share = speech_share(transcript, listened=(plan["duration"] - request.start) * plan["channels"])
        if share < request.speech_threshold:
            raise Refused(
                f"Audio speech threshold {share:.4f} is below the requested speech threshold value "
                f"{request.speech_threshold:g}"
            )

    def _complete(self, job: Job, steps: Steps, plan: Plan, heard: Transcript, applied: Applied) -> None:
        request, row = job.request, job.row
        result = Result(
            transcript=replace(applied.transcript, warnings=(*plan["warnings"], *applied.transcript.warnings)),
            unredacted=applied.unredacted,
            languages=() if request.language else language_shares(heard),
            warnings=request.warnings,
        )
        key = f"{job_prefix(row.id)}result-{row.attempt}.json"
        document = of_transcript(result.transcript)

        def keep() -> str | None:
            redacted = None
            if request.redaction is not None and request.redaction.audio:
                redacted = job.redact_audio(plan, applied.redacted)
            self._platform.blobs.put(key, result.write())
            summary = {
                "language": heard.language,
                "language_probability": heard.language_probability,
                "confidence": mean_confidence(applied.transcript),
                "speech_model_used": heard.receipt.model,
                "text_empty": not applied.transcript.text,
                **document.summary,
            }
            link = self._link(job, request.webhook) if redacted is not None and request.webhook is not None else None
            kept = self._platform.transcripts.complete(
                row.id,
                row.attempt,
                result_key=key,
                duration=plan["duration"],
                summary=summary,
                redacted_key=redacted,
                lines=document.lines,
                deliveries=messages_about(row, request, "completed", link=link),
            )
            if not kept:
                raise Superseded(row.id)
            return redacted

        redacted = self._patiently(steps, keep)
        self._counters.finished()
        _log.info("job_completed", seconds=round(plan["duration"], 1))
        self._patiently(steps, lambda: tidy_completed(self._platform, row, kept=(key, redacted)))

    def _link(self, job: Job, webhook: Webhook) -> str:
        link = Link(transcript_id=job.row.id, project_id=job.row.project_id, expires=expiry(datetime.now(UTC)))
        return link.url(webhook.base_url, link_secret(self._platform.blobs))

    def _fail(self, job: Job, steps: Steps, error: Exception) -> None:
        row = job.row
        kind = error.code if isinstance(error, PanglotError) else "internal"
        said = str(error) if isinstance(error, PanglotError) else "Server error, the operator's log has the reason."
        messages = messages_about(row, job.request, "error")
        failed = self._patiently(
            steps,
            lambda: self._platform.transcripts.fail(row.id, row.attempt, said, deliveries=messages),
        )
        self._patiently(steps, lambda: tidy(self._platform, row.id))
        if not failed:  # it was cancelled, or is another worker's: that is why something was missing
            _log.info("job_left", kind=kind, reason=_reason(error))
            return
        self._counters.failed(kind)
        trace = None if isinstance(error, PanglotError) else error
        _log.error("job_failed", kind=kind, reason=_reason(error), exc_info=trace)

    def _patiently(self, steps: Steps, function: Callable[[], T]) -> T:
        """Do something that needs database, store or disk, however long they are away."""
        attempt = 0
        while True:
            try:
                return function()
            except _PASSING as error:
                if steps.draining:
                    raise Released(str(error)) from error
                _log.warning("storage_away", reason=_reason(error))
                attempt += 1
                time.sleep(delay(attempt, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE, random=self._random))


def _has_pieces(plan: Mapping[str, Any]) -> bool:
    """Whether there is more to lose than one piece, which is what a crash may cost."""
    return len(plan["starts"]) > 1


def _reason(error: Exception) -> str:
    """What went wrong, for the log: no text of a transcript is in an error's message."""
    return f"{type(error).__name__}: {error}"[:500]
