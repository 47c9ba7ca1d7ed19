"""All that a request asks to be done to the text, in the one order in which it makes sense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from panglot.service.requests import TranscriptionRequest
from panglot.service.text.beep import CoveredSpan
from panglot.service.text.coverage import language_warnings
from panglot.service.text.fillers import drop_fillers
from panglot.service.text.formatting import lower_case, remove_punctuation
from panglot.service.text.profanity import mask_profanity
from panglot.service.text.redaction import redact
from panglot.service.text.spelling import respell
from panglot.service.text.tags import remove_tags
from panglot.transcripts.records import Transcript

Step = Callable[[Transcript], Transcript]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of a transcript."""

    transcript: Transcript
    unredacted: Transcript | None = None
    """The same with personal data, where the request asked for both."""
    redacted: tuple[CoveredSpan, ...] = ()
    """When personal data are heard, in order."""


def apply(transcript: Transcript, request: TranscriptionRequest) -> Applied:
    """Do to the text what a request asks for.

    Personal data are looked for before punctuation and capitals go, since addresses and numbers are known by them, and
    after everything that can bring words together or in.

    Parameters
    ----------
    transcript
        As it was recognised.
    request
        What to do.

    Returns
    -------
    Applied
        The words of each segment joined are its text, and the segments joined are the transcript's. Its warnings say
        what was asked for and is not known in the languages spoken.
    """
    done = _applied(transcript, request)
    spoken = (segment.language for segment in done.transcript.segments)
    warnings = (*done.transcript.warnings, *language_warnings(request, spoken))
    return replace(done, transcript=replace(done.transcript, warnings=warnings))


def _applied(transcript: Transcript, request: TranscriptionRequest) -> Applied:
    before = _run(_steps_before(request), transcript)
    after = _steps_after(request)
    if request.redaction is None:
        return Applied(transcript=_run(after, before))
    redacted, spans = redact(before, request.redaction)
    return Applied(
        transcript=_run(after, redacted),
        unredacted=_run(after, before) if request.redaction.return_unredacted else None,
        redacted=spans,
    )


def _steps_before(request: TranscriptionRequest) -> list[Step]:
    steps: list[Step] = []
    if request.remove_audio_tags:
        steps.append(remove_tags)
    if not request.disfluencies:
        steps.append(drop_fillers)
    if request.custom_spelling:
        steps.append(lambda transcript: respell(transcript, request.custom_spelling))
    return steps


def _steps_after(request: TranscriptionRequest) -> list[Step]:
    steps: list[Step] = []
    if request.filter_profanity:
        steps.append(mask_profanity)
    if not request.punctuate:
        steps.append(remove_punctuation)
    if not request.format_text:
        steps.append(lower_case)
    return steps


def _run(steps: list[Step], transcript: Transcript) -> Transcript:
    for step in steps:
        transcript = step(transcript)
    return transcript
