"""A job as a stream of events: text as it is recognised, then what is known only at the end.

What was sent cannot be taken back. A chunk that is recognised again, since its worker broke off, brings segments that
were sent already: those are left out. If the final text goes on from what was sent, the rest follows; that is so unless
the second recognition differs from the first. Then the segments after the last one sent follow. Either way the text
of ``transcript.text.done`` is exactly that of all deltas together.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from panglot.errors import PanglotError
from panglot.server.errors import error_body, message_of, status_of
from panglot.server.following import cancelled_on_leaving, follow
from panglot.server.sse import ALIVE, HEARTBEAT, event
from panglot.server.v1.form import Form
from panglot.server.v1.outcome import outcome
from panglot.server.v1.rendering import diarized_segments, dump, logprobs
from panglot.server.v1.schemas import TextDelta, TextDone
from panglot.storage.records import Partial, Project, TranscriptRow
from panglot.transcripts.records import Segment, Transcript
from panglot.transcripts.text import separator
from panglot.units import Seconds

if TYPE_CHECKING:
    from panglot.service.service import Service


class Told:
    """What was sent of a text."""

    def __init__(self) -> None:
        self.text = ""
        """All deltas together."""
        self._last: Segment | None = None

    def tell(self, segments: Iterable[Segment]) -> str:
        """Return what segments add: those after the last one that was told."""
        return "".join(self._tell(segment) for segment in segments)

    def finish(self, transcript: Transcript) -> str:
        """Return what the whole transcript adds."""
        if not transcript.text.startswith(self.text):
            return self.tell(transcript.segments)
        rest = transcript.text[len(self.text) :]
        self.text = transcript.text
        return rest

    def _tell(self, segment: Segment) -> str:
        before, text = self._last, segment.text.strip()
        if not text or (before is not None and segment.start <= before.start):
            return ""
        delta = (separator(before, segment) if before is not None else "") + text
        self._last = segment
        self.text += delta
        return delta


async def stream(
    service: Service,
    project: Project,
    row: TranscriptRow,
    form: Form,
    *,
    path: str,
    heartbeat: Seconds = HEARTBEAT,
) -> AsyncIterator[bytes]:
    """Yield a job's events; the job is cancelled if nobody reads on.

    Parameters
    ----------
    service
        Does the work.
    project
        Whose job it is.
    row
        The job.
    form
        What was asked for.
    path
        Of the request's URL, for the form of errors.
    heartbeat
        Seconds of silence after which a comment is sent.

    Yields
    ------
    bytes
        An event, or a comment.
    """
    try:
        async with cancelled_on_leaving(service, project, row.id):
            async for part in _parts(service, project, row, form, heartbeat):
                yield part
    except PanglotError as error:
        yield event(error_body(path, status_of(error), message_of(error), code=error.code))


async def _parts(
    service: Service, project: Project, row: TranscriptRow, form: Form, heartbeat: Seconds
) -> AsyncIterator[bytes]:
    told = Told()
    sent = time.monotonic()
    async for look in follow(service, project, row.id, since=0):
        row = look.row
        if delta := told.tell(_segments(look.partials)):
            yield event(dump(TextDelta(delta=delta)))
            sent = time.monotonic()
        elif time.monotonic() - sent >= heartbeat:
            yield ALIVE
            sent = time.monotonic()
    result = await run_in_threadpool(outcome, service, row)
    for last in _last_parts(told, result.transcript, form):
        yield event(last)
    yield event("[DONE]")


def _last_parts(told: Told, transcript: Transcript, form: Form) -> Iterator[str]:
    if delta := told.finish(transcript):
        yield dump(TextDelta(delta=delta))
    if form.response_format == "diarized_json":
        yield from map(dump, diarized_segments(transcript))
    yield dump(TextDone(text=told.text, logprobs=logprobs(transcript) if form.logprobs else None))


def _segments(partials: Iterable[Partial]) -> Iterator[Segment]:
    for partial in partials:
        for values in partial.segments:
            yield Segment(start=values["start"], end=values["end"], text=values["text"], language=values["language"])
