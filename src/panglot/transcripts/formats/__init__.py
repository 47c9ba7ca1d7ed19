"""The formats a transcript can be written in: pure functions from a transcript to text, and their registry."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from panglot.errors import OptionError
from panglot.transcripts.formats import csv, ctm, json, md, rttm, srt, tsv, txt, vtt
from panglot.transcripts.records import Transcript

__all__ = ["FORMATS", "Format", "find_format"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way to write a transcript."""

    name: str
    """Also the file suffix, without its dot."""
    description: str
    write: Callable[..., str]
    """Takes a transcript, and options by keyword."""

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the options that the format knows."""
        parameters = inspect.signature(self.write).parameters.values()
        return tuple(parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY)

    def render(self, transcript: Transcript, **options: object) -> str:
        """Write a transcript as text.

        Parameters
        ----------
        transcript
            What to write; it may be empty.
        **options
            Some of `options`, with their values.

        Returns
        -------
        str
            The whole file.

        Raises
        ------
        OptionError
            If the format does not know an option, or an option's value cannot be used.
        """
        for option in options:
            if option not in self.options:
                known = f"Its options: {', '.join(self.options)}." if self.options else "It has no options."
                raise OptionError(f"the format {self.name!r} has no option {option!r}. {known}")
        return self.write(transcript, **options)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        name: Format(name=name, description=description, write=write)
        for name, description, write in (
            ("txt", "plain text, one segment a line", txt.write),
            ("srt", "SubRip subtitles", srt.write),
            ("vtt", "WebVTT subtitles, for web pages", vtt.write),
            ("json", "everything, as one JSON object on one line", json.write),
            ("tsv", "a table of segments, times in milliseconds", tsv.write),
            ("csv", "a table of segments for spreadsheets, times in seconds", csv.write),
            ("md", "Markdown to read: languages as headings, paragraphs with times", md.write),
            ("ctm", "NIST word times, for scoring and alignment tools", ctm.write),
            ("rttm", "NIST speaker turns, for diarization tools", rttm.write),
        )
    }
)
"""Every format by its name."""


def find_format(name: str) -> Format:
    """Return the format of a name.

    Parameters
    ----------
    name
        A key of `FORMATS`, in any case.

    Returns
    -------
    Format
        The format.

    Raises
    ------
    OptionError
        If there is none.
    """
    found = FORMATS.get(name.lower())
    if found is None:
        raise OptionError(f"there is no format {name!r}. Formats: {', '.join(FORMATS)}.")
    return found
