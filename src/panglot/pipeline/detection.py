"""Which language is spoken when, without writing anything down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from panglot.audio import open_audio
from panglot.audio.activity import ActivityDetector
from panglot.pipeline.assembly import Heard, spans
from panglot.pipeline.listener import Listener
from panglot.pipeline.options import Options
from panglot.pipeline.recogniser import Part, Recogniser
from panglot.pipeline.scheduler import Scheduler
from panglot.pipeline.share import Share
from panglot.pipeline.transcription import Progress
from panglot.pipeline.windows import Planner
from panglot.transcripts.records import LanguageSpan


def detect_languages(
    source: Any,
    *,
    options: Options,
    scheduler: Scheduler,
    detector: ActivityDetector,
    sample_rate: int | None,
    progress: Callable[[Progress], None] | None,
) -> tuple[LanguageSpan, ...]:
    """Run the first half of a transcription: see `panglot.pipeline.model.Model.detect`."""
    heard: list[Heard] = []
    audio = open_audio(source, start=options.start, end=options.end, sample_rate=sample_rate)
    with audio as stream, Share(scheduler) as share:
        planner = Planner(detector.stream(), offset=options.start)
        recogniser = Recogniser(share, languages=options.languages)
        listener = Listener(recogniser, languages=options.languages)

        def keep(parts: Iterable[Part]) -> None:
            for part in parts:
                heard.append(_heard(part))
                if progress is not None:
                    total = stream.info.duration
                    progress(Progress(seconds_done=part.window.end, seconds_total=total, language=part.language))

        for block in stream:
            for window in planner.feed(block[0]):
                keep(listener.feed(window))
        for window in planner.finish():
            keep(listener.feed(window))
        keep(listener.finish())
    return spans(heard)


def _heard(part: Part) -> Heard:
    window = part.window
    return Heard(
        start=window.regions[0].start,
        end=window.regions[-1].end,
        speech=window.speech,
        language=part.language,
        probability=part.probability,
    )
