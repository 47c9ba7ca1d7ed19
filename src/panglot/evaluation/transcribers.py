"""What is evaluated: anything that writes down a sample of a corpus, and Panglot's own models as such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from panglot.corpora import Sample
from panglot.pipeline.model import Model
from panglot.transcripts.records import Turn

_AT_ONCE = 4
"""Recordings in hand at the same time, as `panglot transcribe` has: enough to fill each other's batches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What was evaluated, exactly enough to do it again."""

    name: str
    """What reports call it."""
    sha256: str
    """Of the weights, so that a result is never taken for that of other weights."""
    settings: str
    """For people: how it decoded, in which number type, on what."""
    languages: tuple[str, ...]
    """Codes it knows; one code for a model of one language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a system made of one sample."""

    text: str
    language: str | None
    """The language it was taken for; None where nothing was heard."""
    turns: tuple[Turn, ...] = ()
    """Who spoke when, on the time line of the recording, where that was asked."""


class Transcriber(Protocol):
    """A system under test; it may be asked from several threads at once."""

    @property
    def system(self) -> System:
        """What it is."""
        ...

    @property
    def at_once(self) -> int:
        """How many samples it is given at the same time."""
        ...

    @property
    def tells_speakers(self) -> bool:
        """Whether it can say who spoke when."""
        ...

    def transcribe(self, sample: Sample, *, language: str | None, speakers: bool) -> Heard:
        """Write down a sample, in the language given or detected; a `PanglotError` where that is not possible."""
        ...


class ModelTranscriber:
    """A loaded model of Panglot's, with its default options.

    Parameters
    ----------
    model
        Stays the caller's, who closes it.
    name
        What reports call it.
    """

    at_once = _AT_ONCE
    tells_speakers = True

    def __init__(self, model: Model, *, name: str) -> None:
        from panglot import __version__

        info = model.info
        self._model = model
        self.system = System(
            name=name,
            sha256=info.model_sha256,
            settings=f"Panglot {__version__}, default options, {info.compute} on {info.device}, {info.threads} threads",
            languages=tuple(info.languages),
        )

    def transcribe(self, sample: Sample, *, language: str | None, speakers: bool) -> Heard:
        """Write down a sample."""
        transcript = self._model.transcribe(
            sample.audio,
            language=language,
            start=sample.start,
            end=sample.start + sample.duration,
            speakers=speakers,
        )
        return Heard(text=transcript.text, language=transcript.language, turns=transcript.turns)
