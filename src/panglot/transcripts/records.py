"""What a transcript is: frozen records, times in seconds on the original recording's time line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from panglot.units import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word, or one unit of a language that is written without spaces.

    ``text`` keeps the space that separates it from the word before, so that the words of a segment joined with nothing
    between them are exactly the segment's text.
    """

    start: Seconds
    end: Seconds
    text: str
    probability: float
    speaker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of one language that reads as a unit: a sentence, or what fits between two pauses."""

    start: Seconds
    end: Seconds
    text: str
    language: str
    words: tuple[Word, ...] = ()
    speaker: str | None = None
    channel: int | None = None
    """Number of the channel from 1, when channels were transcribed separately."""
    log_probability: float = 0.0
    """Mean natural log-probability of the tokens."""
    no_speech_probability: float = 0.0
    compression_ratio: float = 1.0
    temperature: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageSpan:
    """A stretch of the recording in which one language is spoken."""

    start: Seconds
    end: Seconds
    language: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A stretch in which one speaker speaks; turns of different speakers may overlap."""

    start: Seconds
    end: Seconds
    speaker: str
    channel: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What one speaker says in one language without a long pause."""

    start: Seconds
    end: Seconds
    text: str
    language: str
    speaker: str | None = None
    channel: int | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """One speaker of a recording, and how much of the talking is theirs."""

    name: str
    """``A``, ``B`` and so on in the order of appearance, or a person's name where it is known."""
    talk_time: Seconds
    share: float
    """Of all speakers' talk time, from 0 to 1."""
    turns: int
    match: float | None = None
    """How alike the voice and the enrolled one are, from -1 to 1, where the name comes from an enrolled voice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerTimeline:
    """Who speaks when in a recording, without what they say."""

    turns: tuple[Turn, ...]
    """Sorted by start; empty where nobody speaks."""
    speakers: tuple[Speaker, ...]
    """In the order of first appearance."""
    duration: Seconds
    warnings: tuple[str, ...] = ()

    def to(self, format: str, *, recording: str = "recording") -> str:  # noqa: A002 - the word users look for
        """Write the turns as ``rttm`` or everything as ``json``.

        Parameters
        ----------
        format
            ``rttm`` or ``json``.
        recording
            Name of the recording, in the second column of rttm.

        Returns
        -------
        str
            The whole file.

        Raises
        ------
        OptionError
            If there is no such format.
        """
        # Formats are functions on these records, so only the call itself may know them.
        from panglot.transcripts.timelines import write

        return write(self, format, recording=recording)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place of the recording that the audit points at."""

    kind: str
    """``speech_without_text``, ``text_without_speech``, ``script_mismatch``, ``loop``, ``redecoded`` or ``damaged``."""
    start: Seconds
    end: Seconds
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was heard but not written, and written but not heard."""

    speech: Seconds = 0.0
    """Seconds of speech found in the recording."""
    speech_without_text: Seconds = 0.0
    text_without_speech: Seconds = 0.0
    script_mismatches: int = 0
    loops: int = 0
    redecoded: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """How the transcript came to be: enough to make it again."""

    model: str
    model_sha256: str
    engine: str
    device: str
    compute: str
    options: dict[str, object] = field(default_factory=dict[str, object])
    versions: dict[str, str] = field(default_factory=dict[str, str])
    timings: dict[str, Seconds] = field(default_factory=dict[str, Seconds])


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The whole result for one recording."""

    text: str
    language: str | None
    """The language spoken longest; ``None`` where nobody speaks."""
    language_probability: float
    languages: tuple[LanguageSpan, ...]
    segments: tuple[Segment, ...]
    duration: Seconds
    audit: Audit
    receipt: Receipt
    warnings: tuple[str, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    """In the order of first appearance, where speakers or channels were told apart."""
    turns: tuple[Turn, ...] = ()
    """Who speaks when, sorted by start; from the sound alone, where speakers were told apart."""

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """What each speaker says without a long pause, in order of time."""
        # Utterances are made by functions on these records, so only the property itself may know them.
        from panglot.transcripts.utterances import utterances_of

        return utterances_of(self.segments)

    def to(self, format: str, **options: object) -> str:  # noqa: A002 - the word users look for
        """Write the transcript in a format.

        Parameters
        ----------
        format
            A name from `panglot.transcripts.FORMATS`, such as ``"srt"``; case does not matter.
        **options
            Options of that format, such as ``max_line_length=32`` or ``words=True`` for ``"srt"``.

        Returns
        -------
        str
            The whole file as text. It ends with a newline, unless it is empty.

        Raises
        ------
        OptionError
            If there is no such format, or the format has no such option.
        """
        # Formats are functions on these records, so only the call itself may know them.
        from panglot.transcripts.formats import find_format

        return find_format(format).render(self, **options)

    def rename_speakers(self, names: Mapping[str, str]) -> Transcript:
        """Return the transcript with other names for its speakers.

        Parameters
        ----------
        names
            New names by those in the transcript, such as ``{"A": "Ada"}``; who is not in it keeps their name, and who
            is given the same name becomes one speaker.

        Returns
        -------
        Transcript
            The same in all else.
        """
        from panglot.transcripts.naming import rename_speakers

        return rename_speakers(self, names)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        format: str | None = None,  # noqa: A002 - the word users look for
        **options: object,
    ) -> None:
        """Write the transcript to a file, UTF-8. The file is complete or not there: it is never half-written.

        Parameters
        ----------
        path
            Where to write. An existing file is replaced.
        format
            A name from `panglot.transcripts.FORMATS`. By default the path's suffix says it.
        **options
            Options of the format, as for `to`.

        Raises
        ------
        OptionError
            If the format is unknown, or the suffix does not say one.
        OutputError
            If the file cannot be written: missing directory, no permission, disk full.
        """
        from panglot.transcripts.saving import save

        save(self, path, format_name=format, **options)
