"""Giving the speakers of a transcript other names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from panglot.transcripts.records import Segment, Speaker, Transcript


def rename_speakers(transcript: Transcript, names: Mapping[str, str]) -> Transcript:
    """Give speakers other names; see `Transcript.rename_speakers`."""
    return replace(
        transcript,
        segments=tuple(_renamed(segment, names) for segment in transcript.segments),
        turns=tuple(replace(turn, speaker=names.get(turn.speaker, turn.speaker)) for turn in transcript.turns),
        speakers=_merged(
            replace(speaker, name=names.get(speaker.name, speaker.name)) for speaker in transcript.speakers
        ),
    )


def _merged(speakers: Iterable[Speaker]) -> tuple[Speaker, ...]:
    """Make one speaker of those who have the same name."""
    merged: dict[str, Speaker] = {}
    for speaker in speakers:
        first = merged.get(speaker.name)
        merged[speaker.name] = (
            speaker
            if first is None
            else replace(
                first,
                talk_time=first.talk_time + speaker.talk_time,
                share=first.share + speaker.share,
                turns=first.turns + speaker.turns,
                match=speaker.match if first.match is None else first.match,
            )
        )
    return tuple(merged.values())


def _renamed(segment: Segment, names: Mapping[str, str]) -> Segment:
    def name(speaker: str | None) -> str | None:
        return None if speaker is None else names.get(speaker, speaker)

    words = tuple(replace(word, speaker=name(word.speaker)) for word in segment.words)
    return replace(segment, speaker=name(segment.speaker), words=words)
