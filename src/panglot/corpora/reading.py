"""Rows → samples, each checked; what cannot be used is set aside with the reason and never stops the others."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from panglot.corpora.lengths import measure
from panglot.corpora.records import Corpus, Rejected, Sample
from panglot.corpora.rows import Row, read_rows
from panglot.errors import AudioError, CorpusError, LanguageError
from panglot.language.codes import normalise
from panglot.units import Seconds

LONGEST: Seconds = 30.0
"""What a Whisper model hears at once."""
_SLACK: Seconds = 0.05
"""Lengths written by hand or by other programs may be this far off."""
_REASONS_SHOWN = 5

Check = Callable[[Sample], str | None]
"""Says why a sample cannot be used, or None if it can."""


def read_corpus(
    path: str | os.PathLike[str],
    *,
    language: str | None = None,
    check: Check | None = None,
    longest: Seconds | None = LONGEST,
) -> Corpus:
    """Read recordings and their texts.

    Parameters
    ----------
    path
        A JSONL, CSV or TSV manifest, a folder in the layout of Common Voice, or a folder of recordings with a ``.txt``
        of the same name beside each. Paths in a manifest are relative to its folder, or to ``clips`` in it.
    language
        Of rows that do not say theirs: a code or a name.
    check
        Called with each sample that is otherwise good; the reason it gives rejects the sample.
    longest
        Longest sample in seconds; ``None`` for any length, as evaluation can use.

    Returns
    -------
    Corpus
        Samples in the order of the source. Rows with missing or unreadable audio, no text, an unknown language, the id
        of an earlier row or more audio than allowed are in ``rejected``. A row without text is kept if it names an
        RTTM file: it says who speaks when.

    Raises
    ------
    CorpusError
        If ``path`` is no manifest and no such folder, or none of its rows can be used.
    LanguageError
        If ``language`` is not one of the 99.
    """
    source = Path(path)
    context = _Context(
        folder=source if source.is_dir() else source.parent,
        language=None if language is None else normalise(language),
        longest=math.inf if longest is None else longest,
        check=check,
    )
    found = [item if isinstance(item, Rejected) else context.draft(item) for item in read_rows(source)]
    lengths = measure(draft.sample.audio for draft in found if isinstance(draft, _Draft))
    judged = list(context.judge(found, lengths))
    corpus = Corpus(
        samples=tuple(item for item in judged if isinstance(item, Sample)),
        rejected=tuple(item for item in judged if isinstance(item, Rejected)),
        source=source,
    )
    if not corpus.samples:
        raise CorpusError(_nothing_usable(corpus))
    return corpus


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A sample whose recording has not been looked at; a duration of 0 stands for the rest of the recording."""

    where: str
    sample: Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    folder: Path
    language: str | None
    longest: Seconds
    check: Check | None

    def draft(self, row: Row) -> _Draft | Rejected:
        try:
            return _Draft(where=row.where, sample=self._sample(row.values))
        except (_Unusable, LanguageError) as error:
            return Rejected(where=row.where, reason=str(error))

    def judge(
        self, found: list[_Draft | Rejected], lengths: Mapping[Path, Seconds | AudioError]
    ) -> Iterator[Sample | Rejected]:
        seen: set[str] = set()
        for item in found:
            if isinstance(item, Rejected):
                yield item
                continue
            try:
                sample = self._measured(item.sample, lengths[item.sample.audio])
                if sample.id in seen:
                    raise _Unusable(f"the id {sample.id!r} occurs twice")
                if self.check is not None and (reason := self.check(sample)):
                    raise _Unusable(reason)
            except _Unusable as error:
                yield Rejected(where=item.where, reason=str(error))
            else:
                seen.add(sample.id)
                yield sample

    def _sample(self, values: Mapping[str, Any]) -> Sample:
        text = " ".join(_text(values, "text").split())
        rttm = _text(values, "rttm")
        if not text and not rttm:
            raise _Unusable("no text")
        if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
            raise _Unusable("the text is not UTF-8")
        audio = self._find(_text(values, "audio"))
        start = _seconds(values, "start") or 0.0
        duration, end = _seconds(values, "duration"), _seconds(values, "end")
        if duration is None and end is not None:
            duration = end - start
            if duration <= 0:
                raise _Unusable(f"it ends at {end:g} s, before its start at {start:g} s")
        language = _text(values, "language")
        return Sample(
            id=_text(values, "id") or self._name(audio, start, part="start" in values),
            audio=audio,
            start=start,
            duration=duration or 0.0,
            text=text,
            language=normalise(language) if language else self.language,
            speaker=_text(values, "speaker") or None,
            previous_text=" ".join(_text(values, "previous_text").split()) or None,
            rttm=self.folder / rttm if rttm else None,
            confidence=_number(values, "confidence"),
        )

    def _find(self, name: str) -> Path:
        if not name:
            raise _Unusable("no recording is named")
        for candidate in (self.folder / name, self.folder / "clips" / name):
            if candidate.is_file():
                return candidate
        raise _Unusable(f"the recording '{name}' is missing")

    def _name(self, audio: Path, start: Seconds, *, part: bool) -> str:
        inside = audio.is_relative_to(self.folder)
        name = (audio.relative_to(self.folder) if inside else audio).as_posix()
        return f"{name}@{start:.3f}" if part else name

    def _measured(self, sample: Sample, length: Seconds | AudioError) -> Sample:
        if isinstance(length, AudioError):
            raise _Unusable(f"the recording cannot be read: {length}")
        duration = sample.duration or length - sample.start
        if duration <= 0 or sample.start + duration > length + _SLACK + 0.01 * length:
            raise _Unusable(
                f"it should go from {sample.start:.2f} s to {sample.start + duration:.2f} s, "
                f"but the recording ends at {length:.2f} s"
            )
        duration = min(duration, length - sample.start)
        if duration > self.longest:
            raise _Unusable(f"{duration:.1f} s long; at most {self.longest:g} s can be used: cut it into parts")
        return replace(sample, duration=duration)


class _Unusable(Exception):
    """Why a row cannot be used; becomes a `Rejected` where it was found."""


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name, "")
    if not isinstance(value, str | int | float):
        raise _Unusable(f"{name} is {type(value).__name__}, not text")
    return str(value).strip()


def _number(values: Mapping[str, Any], name: str) -> float | None:
    if name not in values:
        return None
    try:
        number = float(values[name])
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise _Unusable(f"{name} is {values[name]!r}, not a number")
    return number


def _seconds(values: Mapping[str, Any], name: str) -> Seconds | None:
    number = _number(values, name)
    if number is not None and number < 0:
        raise _Unusable(f"{name} is {number:g} s; times are 0 or later")
    return number


def _nothing_usable(corpus: Corpus) -> str:
    shown = [f"{item.where}: {item.reason}" for item in corpus.rejected[:_REASONS_SHOWN]]
    more = len(corpus.rejected) - len(shown)
    rows = "; ".join(shown) + (f"; and {more} more" if more else "") if shown else "it is empty"
    return f"nothing in '{corpus.source}' can be used: {rows}. Each row needs a recording that is there, and its text."
