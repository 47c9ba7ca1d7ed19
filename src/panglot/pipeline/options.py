"""What a caller may ask of a transcription, checked before any work is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Literal

from panglot.diarization.protocol import SpeakerBounds
from panglot.diarization.voiceprints import Voiceprint
from panglot.errors import LanguageError, OptionError
from panglot.language import LANGUAGES, normalise
from panglot.units import Seconds

Channels = Literal["mix", "separate"]

_PROMPT_LENGTH = 4000
"""Characters; a model reads about the last 800 of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """A checked request."""

    languages: tuple[str, ...]
    """Codes that may occur; one of them alone means that the language is given."""
    start: Seconds = 0.0
    end: Seconds | None = None
    channels: Channels = "mix"
    prompt: str = ""
    translate: bool = False
    speakers: SpeakerBounds | None = None
    """How many people may speak; None where nobody asked who speaks."""
    voices: tuple[Voiceprint, ...] = ()
    """People who are known by their voices."""

    def record(self) -> dict[str, object]:
        """As plain values for the receipt."""
        everything = len(self.languages) == len(LANGUAGES)
        speakers = None if self.speakers is None else asdict(self.speakers)
        named = {"languages": "all" if everything else list(self.languages), "speakers": speakers}
        return {**_plain(self), **named, "voices": [voice.name for voice in self.voices]}


def check_options(
    *,
    known: Sequence[str],
    language: str | None = None,
    languages: Sequence[str] | None = None,
    start: Seconds = 0.0,
    end: Seconds | None = None,
    channels: str = "mix",
    prompt: str = "",
    keyterms: Sequence[str] = (),
    translate: bool = False,
    speakers: bool | int | None = None,
    min_speakers: int | None = None,
    max_speakers: int | None = None,
    voices: Sequence[Voiceprint] = (),
) -> Options:
    """Check options against each other and against the model.

    Parameters
    ----------
    known
        Codes of the languages the model knows.
    language
        The language spoken, in any form `panglot.language.normalise` takes; ``None`` or ``auto`` to detect it.
    languages
        The languages that may occur, where detection should not consider others.
    start
        Where the range to transcribe begins, in seconds.
    end
        Where it ends, in seconds; ``None`` for the end of the recording.
    channels
        ``mix`` to transcribe all channels as one, ``separate`` to transcribe each on its own.
    prompt
        Text that names, terms and style are taken from.
    keyterms
        Words and phrases that are likely to occur.
    translate
        Write English instead of the language spoken.
    speakers
        As for `speaker_bounds`.
    min_speakers
        As for `speaker_bounds`.
    max_speakers
        As for `speaker_bounds`.
    voices
        Enrolled voices; a speaker who is surely one of them gets that name.

    Returns
    -------
    Options
        What to do.

    Raises
    ------
    LanguageError
        If a language is unknown, or the model does not know it.
    OptionError
        If another value cannot be used.
    """
    if start < 0 or (end is not None and end <= start):
        raise OptionError(f"the range from {start} s to {end} s is empty; give 0 ≤ start < end")
    if isinstance(keyterms, str) or isinstance(languages, str):
        raise OptionError("keyterms and languages are lists of strings, such as ['en', 'de'], not one string")
    text = _with_keyterms(prompt, keyterms)
    if len(text) > _PROMPT_LENGTH:
        raise OptionError(f"prompt and keyterms have {len(text)} characters together; {_PROMPT_LENGTH} are allowed")
    return Options(
        languages=_allowed(known, language, languages),
        start=float(start),
        end=None if end is None else float(end),
        channels=check_channels(channels),
        prompt=text,
        translate=translate,
        speakers=speaker_bounds(True if speakers is None and voices else speakers, min_speakers, max_speakers),
        voices=tuple(voices),
    )


def check_channels(channels: str) -> Channels:
    """Return the option if it is allowed, or raise an `OptionError`."""
    if channels not in ("mix", "separate"):
        raise OptionError(f"channels must be 'mix' or 'separate', not {channels!r}")
    return channels


def speaker_bounds(
    speakers: bool | int | None, min_speakers: int | None = None, max_speakers: int | None = None
) -> SpeakerBounds | None:
    """How many speakers to look for.

    Parameters
    ----------
    speakers
        True to find out how many speak, a number where it is known, None or False where nobody asks.
    min_speakers
        At least so many speak.
    max_speakers
        At most so many speak.

    Returns
    -------
    SpeakerBounds or None
        None where nobody asks.

    Raises
    ------
    OptionError
        If the numbers contradict each other.
    """
    bounded = min_speakers is not None or max_speakers is not None
    if isinstance(speakers, int) and not isinstance(speakers, bool):
        if bounded:
            raise OptionError("give either the number of speakers, or min_speakers and max_speakers, not both")
        return SpeakerBounds(minimum=speakers, maximum=speakers)
    if not speakers and not bounded:
        return None
    return SpeakerBounds(minimum=1 if min_speakers is None else min_speakers, maximum=max_speakers)


def _plain(options: Options) -> dict[str, object]:
    return {field.name: getattr(options, field.name) for field in fields(options)}


def refuse_unknown(given: Iterable[str], *, known: Iterable[str], what: str) -> None:
    """Raise an `OptionError` for the first option that a function does not know; ``what`` names the function."""
    known = tuple(known)
    for name in given:
        if name not in known:
            raise OptionError(f"{what} has no option {name!r}. Its options: {', '.join(known)}.")


def _with_keyterms(prompt: str, keyterms: Sequence[str]) -> str:
    terms = ", ".join(term.strip() for term in keyterms if term.strip())
    return " ".join(part for part in (prompt.strip(), f"{terms}." if terms else "") if part)


def _allowed(known: Sequence[str], language: str | None, languages: Sequence[str] | None) -> tuple[str, ...]:
    usable = [code for code in LANGUAGES if code in known]
    if language is not None and language != "auto":
        if languages:
            raise OptionError("give either language or languages, not both")
        wanted = [normalise(language)]
    else:
        wanted = [normalise(code) for code in languages] if languages else usable
    missing = [code for code in wanted if code not in usable]
    if missing:
        names = ", ".join(LANGUAGES[code].name for code in missing)
        known_names = ", ".join(LANGUAGES[code].name for code in usable)
        raise LanguageError(f"this model does not know {names}, only {known_names}; choose a multilingual model")
    return tuple(dict.fromkeys(wanted))
