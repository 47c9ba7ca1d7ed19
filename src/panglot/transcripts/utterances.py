"""Utterances: what one speaker says in one language without a long pause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from panglot.transcripts.records import Segment, Speaker, Turn, Utterance
from panglot.transcripts.words import merge_segments
from panglot.units import Seconds

_LONG_PAUSE: Seconds = 2.0


def utterances_of(segments: Iterable[Segment]) -> tuple[Utterance, ...]:
    """Join segments to utterances.

    Parameters
    ----------
    segments
        Of one speaker each, in order of time; channels may be mixed.

    Returns
    -------
    tuple of Utterance
        In order of time; utterances of different channels may overlap.
    """
    runs: list[list[Segment]] = []
    latest: dict[int | None, list[Segment]] = {}
    for segment in segments:
        run = latest.get(segment.channel)
        if run is not None and _goes_on(run[-1], segment):
            run.append(segment)
        else:
            latest[segment.channel] = [segment]
            runs.append(latest[segment.channel])
    return tuple(_utterance(run) for run in runs)


def speakers_of(turns: Sequence[Turn], *, matches: Mapping[str, float] = {}) -> tuple[Speaker, ...]:
    """Sum up who spoke how much, in the order of first appearance.

    Parameters
    ----------
    turns
        Sorted by start; turns of different speakers may overlap, and then count for both.
    matches
        How alike a speaker's voice is to the enrolled one of that name.

    Returns
    -------
    tuple of Speaker
        Shares sum to 1 where anybody speaks.
    """
    seconds: dict[str, Seconds] = defaultdict(float)
    count: dict[str, int] = defaultdict(int)
    for turn in turns:
        seconds[turn.speaker] += turn.end - turn.start
        count[turn.speaker] += 1
    total = sum(seconds.values()) or 1.0
    return tuple(
        Speaker(
            name=name,
            talk_time=seconds[name],
            share=seconds[name] / total,
            turns=count[name],
            match=matches.get(name),
        )
        for name in seconds
    )


def _goes_on(before: Segment, after: Segment) -> bool:
    same = before.speaker == after.speaker and before.language == after.language
    return same and after.start - before.end < _LONG_PAUSE


def _utterance(run: Sequence[Segment]) -> Utterance:
    whole = merge_segments(run)
    return Utterance(
        start=whole.start,
        end=whole.end,
        text=whole.text,
        language=whole.language,
        speaker=whole.speaker,
        channel=whole.channel,
        words=whole.words,
    )
