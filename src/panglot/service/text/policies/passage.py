"""A stretch of text in which personal data are looked for, and the numbers in it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from panglot.service.text.policies.numerals import Numeral, numerals

_FILLER = r"u+h*m+|u+h+|h+m+|e+r+m*|äh+m*|euh|eh"
_SPOKEN_SEPARATOR = r"dash|hyphen|minus|space|bindestrich|strich|tiret|guión|guion|trattino|traço|hífen|streepje|тире"
_GAP = re.compile(rf"(?:[\s\-–—‑−.,;/()+·…*]|\b(?:{_FILLER}|{_SPOKEN_SEPARATOR})\b){{0,12}}", re.IGNORECASE)
"""What may stand between the parts of one number."""
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Characters that are personal data."""

    start: int
    end: int
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Numerals that follow each other closely enough to be one number, or a part of them."""

    parts: tuple[Numeral, ...]

    @property
    def digits(self) -> str:
        """All digits, in order."""
        return "".join(part.digits for part in self.parts)

    @property
    def start(self) -> int:
        """Index of the first character."""
        return self.parts[0].start

    @property
    def end(self) -> int:
        """Index after the last character."""
        return self.parts[-1].end

    @property
    def shape(self) -> tuple[int, ...]:
        """How many digits each part has."""
        return tuple(len(part.digits) for part in self.parts)

    def windows(self, lengths: range) -> Iterator[Numbers]:
        """Yield parts that follow each other and have that many digits together; at each place the longest first."""
        for first in range(len(self.parts)):
            total = 0
            ends: list[int] = []
            for last in range(first, len(self.parts)):
                total += len(self.parts[last].digits)
                if total >= lengths.stop:
                    break
                if total in lengths:
                    ends.append(last + 1)
            for last in reversed(ends):
                yield Numbers(parts=self.parts[first:last])


class Passage:
    """A text in one language.

    Parameters
    ----------
    text
        Any.
    language
        Its code.
    """

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.numbers = tuple(Numbers(parts=tuple(parts)) for parts in _runs(text, numerals(text, language)))

    def speaks_of(self, subject: re.Pattern[str], start: int, *, before: int = 70) -> bool:
        """Whether a subject comes up shortly before a character."""
        return subject.search(self.text, max(0, start - before), start) is not None

    def first_after(self, subject: re.Pattern[str], lengths: range, *, within: int = 70) -> Iterator[Numbers]:
        """Yield the first number with that many digits after each mention of a subject."""
        for start, end in self.after(subject, within=within):
            near = (each for each in self.numbers_in(start, end) if each.start >= start and len(each.digits) in lengths)
            yield from islice(near, 1)

    def numbers_in(self, start: int, end: int) -> Sequence[Numbers]:
        """Numbers that lie in a stretch, at least in part."""
        first = bisect_right(self.numbers, start, key=lambda numbers: numbers.end)
        last = bisect_left(self.numbers, end, key=lambda numbers: numbers.start)
        return self.numbers[first:last]

    def between_stops(self, numbers: Numbers) -> list[Numbers]:
        """Cut a number wherever a full stop with space after it stands between its parts."""
        groups: list[list[Numeral]] = []
        for part in numbers.parts:
            if groups and ". " not in self.text[groups[-1][-1].end : part.start]:
                groups[-1].append(part)
            else:
                groups.append([part])
        return [Numbers(parts=tuple(group)) for group in groups]

    def after(self, subject: re.Pattern[str], *, within: int) -> Iterator[tuple[int, int]]:
        """Yield the stretch that follows each mention of a subject."""
        for mention in subject.finditer(self.text):
            yield mention.end(), min(len(self.text), mention.end() + within)


def without_overlaps(found: Iterator[Numbers]) -> Iterator[Numbers]:
    """Keep the first of those that share characters."""
    end = 0
    for numbers in found:
        if numbers.start >= end:
            yield numbers
            end = numbers.end


def _runs(text: str, found: Sequence[Numeral]) -> list[list[Numeral]]:
    runs: list[list[Numeral]] = []
    for numeral in found:
        if runs and _goes_on(text, runs[-1][-1], numeral):
            runs[-1].append(numeral)
        else:
            runs.append([numeral])
    return runs


def _goes_on(text: str, before: Numeral, after: Numeral) -> bool:
    gap = text[before.end : after.start]
    if before.is_amount or after.is_amount or not _GAP.fullmatch(gap):
        return False
    # "In 2019, 2020 was far": years on both sides of a comma, or one beside a full stop, are not parts of a number.
    years = [_YEAR.fullmatch(each.digits) is not None for each in (before, after)]
    return not (any(years) and ". " in gap) and not (all(years) and ", " in gap)
