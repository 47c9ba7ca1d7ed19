"""How well language spans fit what was spoken: over time, and at each switch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from panglot.transcripts.records import LanguageSpan
from panglot.units import Seconds

SWITCH_TOLERANCE: Seconds = 1.0
"""How far a switch may lie from the true one: about two words of speech, and the usual pause between two speakers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageAccuracy:
    """Speech time by what it was labelled as."""

    right: Seconds
    wrong: Seconds
    """Labelled, but only with other languages."""
    missing: Seconds
    """Not labelled at all."""

    @property
    def speech(self) -> Seconds:
        """All speech time of the reference."""
        return self.right + self.wrong + self.missing

    @property
    def rate(self) -> float:
        """Share of speech time labelled with the right language; 1 where there is no speech."""
        return self.right / self.speech if self.speech else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A change of language: somewhere between the end of one span and the start of the next."""

    after: Seconds
    before: Seconds
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchScore:
    """The switches that were there, those of them that were found, and those claimed where there was none."""

    expected: tuple[Switch, ...]
    found: tuple[Switch, ...]
    """Those of ``expected`` that were found."""
    false: tuple[Switch, ...]
    """Claimed, but not there."""
    tolerance: Seconds

    @property
    def recall(self) -> float:
        """Share of switches found; 1 where there was none."""
        return len(self.found) / len(self.expected) if self.expected else 1.0

    @property
    def precision(self) -> float:
        """Share of claimed switches that were there; 1 where none was claimed."""
        claimed = len(self.found) + len(self.false)
        return len(self.found) / claimed if claimed else 1.0


def language_accuracy(reference: Sequence[LanguageSpan], hypothesis: Sequence[LanguageSpan]) -> LanguageAccuracy:
    """Seconds of speech labelled right, wrong and not at all.

    Parameters
    ----------
    reference
        Stretches of speech with their true language, not overlapping.
    hypothesis
        Spans as a transcript has them. Where they overlap, one right label is enough. Labels outside the reference's
        stretches are not judged.

    Returns
    -------
    LanguageAccuracy
        Its three times add up to the speech time of the reference, in seconds.
    """
    right = wrong = missing = 0.0
    for span in reference:
        near = [other for other in hypothesis if other.end > span.start and other.start < span.end]
        edges = sorted(
            {span.start, span.end}
            | {time for other in near for time in (other.start, other.end) if span.start < time < span.end}
        )
        for start, end in pairwise(edges):
            labels = {other.language for other in near if other.start <= start and other.end >= end}
            if span.language in labels:
                right += end - start
            elif labels:
                wrong += end - start
            else:
                missing += end - start
    return LanguageAccuracy(right=right, wrong=wrong, missing=missing)


def switches(spans: Sequence[LanguageSpan]) -> tuple[Switch, ...]:
    """List the changes of language between neighbouring spans, in time order."""
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    return tuple(
        Switch(
            after=min(left.end, right.start),
            before=max(left.end, right.start),
            source=left.language,
            target=right.language,
        )
        for left, right in pairwise(ordered)
        if left.language != right.language
    )


def score_switches(
    reference: Sequence[LanguageSpan], hypothesis: Sequence[LanguageSpan], *, tolerance: Seconds = SWITCH_TOLERANCE
) -> SwitchScore:
    """Find each true switch among those claimed.

    A switch is found where one between the same two languages, in the same direction, is claimed and the two gaps
    (from the end of one span to the start of the next) overlap or are at most ``tolerance`` seconds apart. Each
    claimed switch serves one true switch, in time order.

    Parameters
    ----------
    reference
        Stretches of speech with their true language.
    hypothesis
        Spans as a transcript has them.
    tolerance
        Seconds.

    Returns
    -------
    SwitchScore
        Which switches there were, which of them were found, and which were claimed falsely, each in time order.
    """
    expected = switches(reference)
    open_claims = list(switches(hypothesis))
    found: list[Switch] = []
    for switch in expected:
        match = next((claim for claim in open_claims if _same(switch, claim, tolerance=tolerance)), None)
        if match is not None:
            open_claims.remove(match)
            found.append(switch)
    return SwitchScore(expected=expected, found=tuple(found), false=tuple(open_claims), tolerance=tolerance)


def _same(switch: Switch, claim: Switch, *, tolerance: Seconds) -> bool:
    apart = max(claim.after - switch.before, switch.after - claim.before, 0.0)
    return (switch.source, switch.target) == (claim.source, claim.target) and apart <= tolerance
