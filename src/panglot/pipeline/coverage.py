"""How words cover speech: what was left out, and what may be wrong because it is in another language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from panglot.pipeline.regions import Region
from panglot.pipeline.windows import Window
from panglot.transcripts.records import Word
from panglot.transcripts.words import trim_words
from panglot.units import Seconds

_REACH: Seconds = 0.6
"""Speech this close to a word belongs to it: alignment is no more exact, and breaths are no words."""

_LEFT_OUT: Seconds = 1.0
"""Speech without a word, in one region, that is worth another hearing."""

_DOUBTFUL = 0.65
"""Mean probability of words below which a region that may be in another language is worth another hearing."""


def uncovered(regions: Sequence[Region], words: Sequence[Word]) -> Iterator[Region]:
    """Stretches of speech that no word is near.

    Parameters
    ----------
    regions
        Speech, in order.
    words
        Words, in order.

    Yields
    ------
    Region
        In order, each inside one of the regions.
    """
    for region in regions:
        time = region.start
        for word in words:
            if word.end + _REACH <= time or word.start - _REACH >= region.end:
                continue
            if word.start - _REACH > time:
                yield Region(start=time, end=word.start - _REACH)
            time = max(time, word.end + _REACH)
        if time < region.end:
            yield Region(start=time, end=region.end)


def weak_regions(window: Window, words: Sequence[Word], *, questionable: Sequence[Region]) -> set[Region]:
    """Regions that should be heard again: mostly without words, or questionable and with unsure words."""
    weak: set[Region] = set()
    for region in window.regions:
        missing = sum(gap.end - gap.start for gap in uncovered([region], words))
        if missing >= max(_LEFT_OUT, 0.6 * (region.end - region.start)) or (
            region in questionable and mean_probability(_within(words, region)) < _DOUBTFUL
        ):
            weak.add(region)
    return weak


def words_inside(words: Sequence[Word], window: Window) -> tuple[Word, ...]:
    """The words whose middle lies in a window, with no space at the ends."""
    return trim_words([word for word in words if window.start <= (word.start + word.end) / 2 <= window.end])


def mean_probability(words: Sequence[Word]) -> float:
    """Mean probability of words; 0 where there are none."""
    return sum(word.probability for word in words) / len(words) if words else 0.0


def _within(words: Sequence[Word], region: Region) -> list[Word]:
    return [word for word in words if region.start <= (word.start + word.end) / 2 <= region.end]
