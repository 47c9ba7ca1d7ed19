"""Several recordings in hand at the same time, and one result after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from panglot.cli.console import say, warn
from panglot.cli.inputs import Recording
from panglot.cli.outputs import Output
from panglot.cli.problems import report
from panglot.cli.progress import Bars
from panglot.cli.summary import summarise_all
from panglot.cli.work import in_order
from panglot.errors import OutputError
from panglot.transcripts import Segment
from panglot.units import Seconds

if TYPE_CHECKING:
    from panglot.pipeline.transcription import Progress


class Result(Protocol):
    """What is known about every result."""

    @property
    def duration(self) -> Seconds:
        """How long the recording is."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong with it."""
        ...


_Result = TypeVar("_Result", bound=Result)

Work = Callable[[Recording, Callable[["Progress"], None], Callable[[Segment], None]], _Result]
"""Works on a recording, telling how far it is, and giving away segments as they come, if there are any."""


class Batch(Generic[_Result]):
    """Recordings on their way to an output.

    Parameters
    ----------
    target
        Takes the results.
    bars
        Where progress is drawn.
    stop
        Set when the user has interrupted.
    quiet
        Say nothing but errors.
    with_traceback
        Whether errors show their place in the code.
    threads
        Recordings in hand at the same time.
    summarise
        Makes a line of the name of a recording, its result, and the seconds it took if no other recording shared them.
    """

    def __init__(
        self,
        target: Output[_Result],
        bars: Bars,
        *,
        stop: Event,
        quiet: bool,
        with_traceback: bool,
        threads: int,
        summarise: Callable[[str, _Result, Seconds | None], str],
    ) -> None:
        self._target = target
        self._bars = bars
        self._stop = stop
        self._quiet = quiet
        self._with_traceback = with_traceback
        self._threads = threads
        self._summarise = summarise
        self._segments: dict[Recording, SimpleQueue[Segment | None]] = {}

    def run(self, recordings: Sequence[Recording], work: Work[_Result]) -> int:
        """Work on all and return how many failed."""
        failed = 0
        duration = 0.0
        began = monotonic()
        threads = min(len(recordings), self._threads)
        self._segments = {recording: SimpleQueue() for recording in recordings}
        with in_order(
            lambda recording: self._work(recording, work), recordings, threads=threads, stop=self._stop
        ) as results:
            for recording, future in results:
                self._follow(recording)
                error = future.exception()
                with self._bars.paused():
                    if error is None:
                        result, elapsed = future.result()
                        duration += result.duration
                        alone = len(recordings) == 1
                        failed += not self._finish(recording, result, elapsed if alone else None)
                    else:
                        failed += 1
                        self._fail(recording, error)
        if len(recordings) > 1 and not self._quiet:
            elapsed = monotonic() - began
            say(summarise_all(recordings=len(recordings), failed=failed, duration=duration, elapsed=elapsed))
        return failed

    def _work(self, recording: Recording, work: Work[_Result]) -> tuple[_Result, Seconds]:
        began = monotonic()
        segments = self._segments[recording]

        def take(segment: Segment) -> None:
            if self._target.follows:
                segments.put(segment)

        try:
            with self._bars.recording(recording.name, stop=self._stop) as progress:
                return work(recording, progress, take), monotonic() - began
        finally:
            segments.put(None)

    def _follow(self, recording: Recording) -> None:
        """Hand over the segments of a recording as they come, until it is done."""
        for segment in iter(self._segments[recording].get, None):
            with self._bars.paused():
                self._target.add(recording, segment)

    def _finish(self, recording: Recording, result: _Result, elapsed: Seconds | None) -> bool:
        try:
            self._target.write(recording, result)
        except OutputError as error:
            report(error, about=recording.name, with_traceback=self._with_traceback)
            return False
        if not self._quiet:
            for warning in result.warnings:
                warn(warning if recording.name in warning else f"{recording.name}: {warning}")
            say(self._summarise(recording.name, result, elapsed))
        return True

    def _fail(self, recording: Recording, error: BaseException) -> None:
        report(error, about=recording.name, with_traceback=self._with_traceback)
        self._target.fail(recording, error)
