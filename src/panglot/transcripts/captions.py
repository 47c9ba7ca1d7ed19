"""Cutting a transcript into captions that can be read while they are shown.

The rules are those common to broadcasters' style guides: at most two lines of 42 columns, at most 7 seconds, at least
0.8 seconds where the next caption leaves room, never two of one channel at once; cut at the end of a sentence rather
than at a comma, at a comma or a pause rather than anywhere, and never inside a word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate, pairwise

from panglot.errors import OptionError
from panglot.transcripts.labels import label, several_channels, speaker_name
from panglot.transcripts.records import Segment, Transcript, Word
from panglot.transcripts.text import ending, is_spaced, one_line, width
from panglot.transcripts.words import speaker_turns, timed_words
from panglot.units import Seconds, milliseconds

LINE_LENGTH = 42
LINES = 2
LONGEST: Seconds = 7.0
SHORTEST: Seconds = 0.8
PAUSE: Seconds = 1.5
"""A silence of this length always ends a caption."""

BREATH: Seconds = 0.3
"""A silence of this length is a fair place to end a caption."""

# Cost of ending a caption or a line, against 1 for one caption more. Chosen by reasoning, not yet on real speech.
_CUT_COST = {"sentence": 0.0, "segment": 0.2, "clause": 0.5, "breath": 0.5, "word": 1.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One caption. Times in whole milliseconds, so that all caption formats show the same."""

    start: int
    end: int
    lines: tuple[str, ...]
    speaker: str | None
    channel: int | None
    """Only where there are captions of several channels."""

    @property
    def label(self) -> str:
        """What stands before the text; see `panglot.transcripts.labels.label`."""
        return label(self.speaker, self.channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """What must stay on one line: a word with the punctuation that clings to it."""

    start: Seconds
    end: Seconds
    text: str
    columns: int
    space: bool
    """Whether a space separates it from the unit before."""
    cut: float = _CUT_COST["word"]
    """Cost of cutting after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Units that may share captions: one speaker, one language, no long pause."""

    units: list[_Unit]
    speaker: str | None
    channel: int | None
    context: tuple[str | None, str]

    @property
    def label_columns(self) -> int:
        return width(label(self.speaker, self.channel))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    columns: int
    lines: int


def captions(
    transcript: Transcript,
    *,
    max_line_length: int = LINE_LENGTH,
    max_lines: int = LINES,
    words: bool = False,
    reading_speed: float | None = None,
) -> tuple[Cue, ...]:
    """Cut a transcript into captions.

    Parameters
    ----------
    transcript
        Where a segment has no words, their times are estimated from the segment's.
    max_line_length
        Columns of a line, wide East Asian characters counted twice. A word longer than that has a line of its own.
        What tells the speaker or the channel counts.
    max_lines
        Lines of a caption, 1 to 10.
    words
        One caption for each word instead.
    reading_speed
        Columns that are read in a second: a caption stays for as long as that takes, up to 7 seconds, where the next
        one leaves room. No caption is made shorter by it, and none loses a word.

    Returns
    -------
    tuple of Cue
        In the order of time, each at least 1 ms long. Those of one channel never overlap; voices on different
        channels may be shown at the same time.

    Raises
    ------
    OptionError
        If a limit is out of range.
    """
    room = _Room(
        columns=_limit("max_line_length", max_line_length, 1, 1000), lines=_limit("max_lines", max_lines, 1, 10)
    )
    _check_speed(reading_speed)
    cues: list[Cue] = []
    for turns in _by_channel(transcript):
        own = _word_cues(turns) if words else [cue for run in _runs(turns) for cue in _cues(run, room)]
        ordered = sorted(own, key=lambda cue: cue.start)
        cues += _place(ordered, shortest=0 if words else milliseconds(SHORTEST), speed=reading_speed)
    return tuple(sorted(cues, key=lambda cue: cue.start))


def _by_channel(transcript: Transcript) -> list[list[Segment]]:
    """The turns of each channel; numbers of channels are kept only where there are several."""
    turns = list(speaker_turns(transcript))
    if not several_channels(turns):
        return [[replace(turn, channel=None) for turn in turns]]
    numbers = dict.fromkeys(turn.channel for turn in turns)
    return [[turn for turn in turns if turn.channel == number] for number in numbers]


def _limit(name: str, value: object, lowest: int, highest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise OptionError(f"{name}={value!r} cannot be used. Give a whole number from {lowest} to {highest}.")
    return value


def _check_speed(speed: object) -> None:
    if speed is None:
        return
    if not isinstance(speed, int | float) or isinstance(speed, bool) or not 1 <= speed <= 100:
        raise OptionError(f"reading_speed={speed!r} cannot be used. Give a number of columns a second from 1 to 100.")


def _word_cues(turns: Sequence[Segment]) -> list[Cue]:
    return [
        Cue(
            start=milliseconds(word.start),
            end=milliseconds(word.end),
            lines=(text,),
            speaker=speaker_name(turn.speaker),
            channel=turn.channel,
        )
        for turn in turns
        for word in timed_words(turn)
        if (text := one_line(word.text))
    ]


def _runs(turns: Sequence[Segment]) -> Iterator[_Run]:
    run: _Run | None = None
    for turn in turns:
        context = (turn.speaker, turn.language)
        if run is not None and run.context == context:
            run.units[-1] = replace(run.units[-1], cut=min(run.units[-1].cut, _CUT_COST["segment"]))
        for unit in _units(turn):
            starts_new = run is None or run.context != context or unit.start - run.units[-1].end >= PAUSE
            if run is not None and starts_new:
                yield run
            if run is None or starts_new:
                run = _Run(units=[], speaker=speaker_name(turn.speaker), channel=turn.channel, context=context)
            run.units.append(unit)
    if run is not None:
        yield run


def _units(segment: Segment) -> list[_Unit]:
    units: list[_Unit] = []
    spaced = is_spaced(segment.language)
    for word in timed_words(segment):
        if not (text := one_line(word.text)):
            continue
        space = word.text[0].isspace() or (not units and spaced)
        if units and not space and (spaced or _clings(units[-1].text, text)):
            units[-1] = _glue(units[-1], word, text)
        else:
            units.append(_Unit(start=word.start, end=word.end, text=text, columns=width(text), space=space))
    return _with_cuts(units)


def _clings(before: str, after: str) -> bool:
    """Whether no line may end between two words that have no space between them, as at a closing bracket."""
    first = unicodedata.category(after[0])
    return first in ("Pe", "Pf", "Po", "Lm") or first[0] == "M" or unicodedata.category(before[-1]) in ("Ps", "Pi")


def _glue(unit: _Unit, word: Word, text: str) -> _Unit:
    return replace(unit, end=word.end, text=unit.text + text, columns=unit.columns + width(text))


def _with_cuts(units: Sequence[_Unit]) -> list[_Unit]:
    costs = [
        min(
            _CUT_COST[ending(unit.text) or "word"],
            _CUT_COST["breath" if after is not None and after.start - unit.end >= BREATH else "word"],
        )
        for unit, after in zip(units, [*units[1:], None], strict=False)
    ]
    return [replace(unit, cut=cost) for unit, cost in zip(units, costs, strict=True)]


def _cues(run: _Run, room: _Room) -> Iterator[Cue]:
    for first, last in _cut(run, room):
        units = run.units[first:last]
        start, end = units[0].start, min(units[-1].end, units[0].start + LONGEST)
        yield Cue(
            start=milliseconds(start),
            end=milliseconds(end),
            lines=_lines(units, room=room, indent=run.label_columns),
            speaker=run.speaker,
            channel=run.channel,
        )


def _cut(run: _Run, room: _Room) -> list[tuple[int, int]]:
    """Cheapest way to cut a run into captions, by dynamic programming over the ends of captions."""
    units = run.units
    best, came_from = [0.0] + [float("inf")] * len(units), [0] * (len(units) + 1)
    for first in range(len(units)):
        for last, filled in _fitting(units, first, room=room, indent=run.label_columns):
            cost = best[first] + _cost(units, first, last, filled)
            if cost < best[last]:
                best[last], came_from[last] = cost, first
    cuts: list[tuple[int, int]] = []
    last = len(units)
    while last:
        cuts.append((came_from[last], last))
        last = came_from[last]
    return cuts[::-1]


def _fitting(units: Sequence[_Unit], first: int, *, room: _Room, indent: int) -> Iterator[tuple[int, float]]:
    """Yield the ends of the captions that can start at a unit, each with the share of the room it fills."""
    lines, column, total = 1, indent, 0
    for index in range(first, len(units)):
        unit = units[index]
        needed = unit.columns + (unit.space and index > first)
        if column + needed > room.columns and index > first:
            lines, column = lines + 1, unit.columns
        else:
            column += needed
        if index > first and (lines > room.lines or unit.end - units[first].start > LONGEST):
            return
        total += needed
        yield index + 1, total / (room.columns * room.lines)


def _cost(units: Sequence[_Unit], first: int, last: int, filled: float) -> float:
    ends = 0.0 if last == len(units) else units[last - 1].cut
    short = max(0.0, SHORTEST - (units[last - 1].end - units[first].start))
    # The square makes two captions filled alike cheaper than a full one and a rest.
    return 1.0 + ends + 2.0 * short + 0.5 * filled * filled


def _lines(units: Sequence[_Unit], *, room: _Room, indent: int) -> tuple[str, ...]:
    """Lay out one caption in as few lines as it needs, of like length, ending at punctuation where possible."""
    offsets = [0, *accumulate(unit.columns + unit.space for unit in units)]

    def columns(first: int, last: int) -> int:
        return offsets[last] - offsets[first] - units[first].space + (indent if first == 0 else 0)

    def fits(first: int, last: int) -> bool:
        return last - first == 1 or columns(first, last) <= room.columns

    @cache
    def layout(first: int, lines: int) -> tuple[float, tuple[int, ...]]:
        if lines == 1:
            alone = (columns(first, len(units)) / room.columns) ** 2
            return (alone if fits(first, len(units)) else float("inf")), (len(units),)
        options: list[tuple[float, tuple[int, ...]]] = [(float("inf"), (len(units),))]
        for last in range(first + 1, len(units)):
            if not fits(first, last):
                break
            rest, ends = layout(last, lines - 1)
            cost = rest + (columns(first, last) / room.columns) ** 2 + 0.2 * units[last - 1].cut
            options.append((cost, (last, *ends)))
        return min(options)

    layouts = (layout(0, lines) for lines in range(1, room.lines + 1))
    _, ends = next(found for found in layouts if found[0] < float("inf"))
    return tuple(_text(units[first:last]) for first, last in pairwise((0, *ends)))


def _text(units: Sequence[_Unit]) -> str:
    return units[0].text + "".join(" " * unit.space + unit.text for unit in units[1:])


def _place(cues: Sequence[Cue], *, shortest: int, speed: float | None) -> Iterator[Cue]:
    """Lengthen short captions where there is room, and move apart those that overlap."""
    free = 0
    for cue, after in zip(cues, [*cues[1:], None], strict=False):
        start = max(cue.start, free)
        end = max(cue.end, start + max(shortest, 1, _reading_time(cue, speed)))
        if after is not None and after.start < end:
            end = max(after.start, start + max(1, min(cue.end - cue.start, shortest)))
        free = end
        yield replace(cue, start=start, end=end)


def _reading_time(cue: Cue, speed: float | None) -> int:
    """Milliseconds that it takes to read a caption, or for which it may be shown at most."""
    return 0 if speed is None else milliseconds(min(LONGEST, sum(map(width, cue.lines)) / speed))
