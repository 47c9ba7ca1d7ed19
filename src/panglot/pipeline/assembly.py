"""Putting the parts of a recording together: segments, language spans, audit and receipt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from panglot.engines import EngineInfo
from panglot.pipeline.audit import Auditor
from panglot.pipeline.options import Options
from panglot.pipeline.recogniser import Recognised
from panglot.pipeline.segments import may_go_on, seamless, segments_of
from panglot.transcripts.records import LanguageSpan, Receipt, Segment, Transcript
from panglot.transcripts.text import join_segments
from panglot.units import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A stretch of speech and the language it was heard as."""

    start: Seconds
    end: Seconds
    speech: Seconds
    language: str
    probability: float


class Assembly:
    """One transcript in the making."""

    def __init__(self, options: Options, info: EngineInfo) -> None:
        self._options = options
        self._info = info
        self._auditor = Auditor()
        self._segments: list[Segment] = []
        self._held: dict[int, Segment] = {}
        self._heard: list[Heard] = []

    def add(self, recognised: Recognised, *, channel: int) -> tuple[Segment, ...]:
        """Add a part; return the segments that are certain now.

        A last segment whose sentence may go on is held back until the next part of its channel is known.
        """
        self._auditor.add(recognised)
        separate = self._options.channels == "separate"
        language = "en" if self._options.translate else recognised.language
        segments = segments_of(recognised, language=language, channel=channel + 1 if separate else None)
        if segments:
            window = recognised.window
            self._heard.append(
                Heard(
                    start=window.regions[0].start,
                    end=window.regions[-1].end,
                    speech=window.speech,
                    language=recognised.language,
                    probability=recognised.probability,
                )
            )
        return self._certain(channel, segments)

    def finish(self) -> tuple[Segment, ...]:
        """Return what is held back: there are no more parts."""
        rest = tuple(sorted(self._held.values(), key=lambda segment: segment.start))
        self._held.clear()
        self._segments += rest
        return rest

    def _certain(self, channel: int, segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
        if not segments:
            return ()
        held = self._held.pop(channel, None)
        if held is not None:
            segments = (*seamless(held, segments[0]), *segments[1:])
        if may_go_on(segments[-1]):
            self._held[channel] = segments[-1]
            segments = segments[:-1]
        self._segments += segments
        return segments

    def transcript(self, *, duration: Seconds, warnings: Sequence[str], seconds: Seconds) -> Transcript:
        """Build the transcript of all parts.

        Parameters
        ----------
        duration
            How far the recording reaches.
        warnings
            What the decoder complained about.
        seconds
            Time that the transcription took.

        Returns
        -------
        Transcript
            With the segments of all channels in order of time.
        """
        self.finish()
        segments = sorted(self._segments, key=lambda segment: segment.start)
        language, probability = dominant(self._heard)
        return Transcript(
            text=join_segments(segments),
            language=language,
            language_probability=probability,
            languages=spans(self._heard),
            segments=tuple(segments),
            duration=duration,
            audit=self._auditor.result(warnings=warnings),
            receipt=self._receipt(seconds),
            warnings=tuple(warnings),
        )

    def _receipt(self, seconds: Seconds) -> Receipt:
        info = self._info
        return Receipt(
            model=info.model,
            model_sha256=info.model_sha256,
            engine=info.name,
            device=info.device,
            compute=info.compute,
            options=self._options.record(),
            versions={"panglot": version("panglot"), **info.versions},
            timings={"transcription": seconds},
        )


def spans(heard: Sequence[Heard]) -> tuple[LanguageSpan, ...]:
    """Join neighbouring stretches of one language; the probability is their mean, weighted by speech."""
    runs: list[list[Heard]] = []
    for stretch in sorted(heard, key=lambda stretch: stretch.start):
        if runs and runs[-1][-1].language == stretch.language:
            runs[-1].append(stretch)
        else:
            runs.append([stretch])
    return tuple(
        LanguageSpan(
            start=run[0].start,
            end=max(stretch.end for stretch in run),
            language=run[0].language,
            probability=_mean_probability(run),
        )
        for run in runs
    )


def dominant(heard: Sequence[Heard]) -> tuple[str | None, float]:
    """The language spoken longest, and how sure that is; ``None`` and 0 where nobody speaks."""
    by_language: dict[str, list[Heard]] = defaultdict(list)
    for stretch in heard:
        by_language[stretch.language].append(stretch)
    if not by_language:
        return None, 0.0
    language = max(by_language, key=lambda code: (sum(stretch.speech for stretch in by_language[code]), code))
    return language, _mean_probability(by_language[language])


def _mean_probability(heard: Sequence[Heard]) -> float:
    total = sum(stretch.speech for stretch in heard)
    return sum(stretch.probability * stretch.speech for stretch in heard) / total
