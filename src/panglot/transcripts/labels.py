"""Who says something, as readers see it: the name of the speaker, or else the channel where there are several."""

from __future__ import annotations

from collections.abc import Iterable

from panglot.transcripts.records import Segment
from panglot.transcripts.text import one_line


def speaker_name(speaker: str | None) -> str | None:
    """Name of a speaker on one line; None where there is none."""
    return (one_line(speaker) or None) if speaker is not None else None


def several_channels(segments: Iterable[Segment]) -> bool:
    """Whether there is text on more than one channel."""
    return len({segment.channel for segment in segments if one_line(segment.text)}) > 1


def label(speaker: str | None, channel: int | None) -> str:
    """What stands before a text: ``Ann: ``, ``[2] ``, or nothing.

    Parameters
    ----------
    speaker
        Who speaks, where that is known.
    channel
        Number of the channel, where there are several.

    Returns
    -------
    str
        With its space at the end.
    """
    name = speaker_name(speaker)
    if name is not None:
        return f"{name}: "
    return "" if channel is None else f"[{channel}] "
