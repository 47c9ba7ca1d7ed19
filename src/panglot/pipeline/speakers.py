"""Who speaks: a channel's samples to the diarizer, beside recognition, and its answer to named turns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from string import ascii_uppercase

import numpy as np

from panglot.audio.activity import Samples
from panglot.diarization.protocol import Diarization, DiarizerStream, SpeakerBounds
from panglot.diarization.voiceprints import Match, Voiceprint, best_matches
from panglot.pipeline.attribution import attribute
from panglot.pipeline.share import Share
from panglot.transcripts.records import Segment, Speaker, SpeakerTimeline, Transcript, Turn
from panglot.transcripts.utterances import speakers_of
from panglot.units import SAMPLE_RATE, Seconds

_BLOCK = 10 * SAMPLE_RATE
"""Samples that the diarizer takes at once: work of a quarter of a second, so that recognition never waits long."""


class SpeakerTrack:
    """One channel on its way through the diarizer; its work takes turns with recognition.

    Parameters
    ----------
    stream
        A fresh stream of the diarizer.
    share
        Where the work is done.
    """

    def __init__(self, stream: DiarizerStream, share: Share) -> None:
        self._stream = stream
        self._share = share
        self._kept: list[Samples] = []
        self._running: Future[None] | None = None

    def feed(self, samples: Samples) -> None:
        """Take the next samples; wait where the diarizer is more than a block behind."""
        self._kept.append(samples)
        if sum(map(len, self._kept)) >= _BLOCK:
            self._pass_on()

    def finish(self, bounds: SpeakerBounds) -> Future[Diarization]:
        """Start on the answer for all samples taken."""
        self._pass_on()
        self._wait()
        return self._share.call(lambda: self._stream.finish(bounds), urgent=True)

    def _pass_on(self) -> None:
        self._wait()
        samples = np.concatenate([np.zeros(0, np.float32), *self._kept])
        self._kept = []
        self._running = self._share.call(lambda: self._stream.feed(samples), urgent=True)

    def _wait(self) -> None:
        if self._running is not None:
            self._running.result()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Who speaks, on one channel or on all."""

    turns: tuple[Turn, ...]
    matches: Mapping[str, Match]
    """Enrolled voices by the name that stands in the turns."""
    warnings: tuple[str, ...]

    @property
    def speakers(self) -> tuple[Speaker, ...]:
        """How much each speaks."""
        return speakers_of(self.turns, matches={name: match.score for name, match in self.matches.items()})


def name_speakers(
    found: Diarization, *, offset: Seconds = 0.0, channel: int | None = None, voices: Sequence[Voiceprint] = ()
) -> Conversation:
    """Turn a diarizer's answer to named turns.

    Parameters
    ----------
    found
        The answer for one channel.
    offset
        Time in the recording of the channel's first sample.
    channel
        Its number from 1, where channels are separate; it goes into the names: ``1A``, ``2B``.
    voices
        Enrolled voices; a speaker who is surely one of them has that name.

    Returns
    -------
    Conversation
        Turns on the recording's time line.
    """
    matches = best_matches(found.voices, voices)
    prefix = "" if channel is None else str(channel)
    names = [
        matches[number].name if number in matches else prefix + letter(number) for number in range(len(found.voices))
    ]
    turns = tuple(
        Turn(start=turn.start + offset, end=turn.end + offset, speaker=names[turn.speaker], channel=channel)
        for turn in found.turns
    )
    return Conversation(
        turns=turns, matches={names[number]: match for number, match in matches.items()}, warnings=found.warnings
    )


def together(conversations: Iterable[Conversation]) -> Conversation:
    """Join the conversations of several channels to one, in order of time."""
    every = list(conversations)
    return Conversation(
        turns=tuple(sorted((turn for each in every for turn in each.turns), key=lambda turn: turn.start)),
        matches={name: match for each in every for name, match in each.matches.items()},
        warnings=tuple(warning for each in every for warning in each.warnings),
    )


def letter(number: int) -> str:
    """Return ``A`` for 0, ``B`` for 1, after ``Z`` ``AA`` and so on."""
    quotient, rest = divmod(number, len(ascii_uppercase))
    return (letter(quotient - 1) if quotient else "") + ascii_uppercase[rest]


def with_speakers(transcript: Transcript, heard: Mapping[int | None, Conversation]) -> Transcript:
    """Give every word and segment its speaker.

    Parameters
    ----------
    transcript
        Segments with words.
    heard
        Who speaks on each channel; ``None`` stands for all channels mixed.

    Returns
    -------
    Transcript
        With speakers and turns; segments are cut where the speaker changes.
    """
    segments: list[Segment] = []
    for channel, each in heard.items():
        segments += attribute([segment for segment in transcript.segments if segment.channel == channel], each.turns)
    everybody = together(heard.values())
    return replace(
        transcript,
        segments=tuple(sorted(segments, key=lambda segment: segment.start)),
        turns=everybody.turns,
        speakers=everybody.speakers,
        warnings=(*transcript.warnings, *everybody.warnings),
    )


def with_timeline(transcript: Transcript, timeline: SpeakerTimeline) -> Transcript:
    """Give every word and segment its speaker, from a timeline that was made apart from the transcript."""
    channels = {each.channel for each in (*timeline.turns, *transcript.segments)}
    heard = {
        channel: Conversation(
            turns=tuple(turn for turn in timeline.turns if turn.channel == channel), matches={}, warnings=()
        )
        for channel in channels
    }
    spoken = with_speakers(transcript, heard)
    return replace(spoken, speakers=timeline.speakers, warnings=(*transcript.warnings, *timeline.warnings))


def with_channels(transcript: Transcript) -> Transcript:
    """Name the speaker of each channel by the channel's number, where nobody asked who speaks on it."""
    segments = tuple(
        replace(
            segment,
            speaker=str(segment.channel),
            words=tuple(replace(word, speaker=str(segment.channel)) for word in segment.words),
        )
        for segment in transcript.segments
    )
    spoken = [Turn(start=each.start, end=each.end, speaker=str(each.channel)) for each in segments]
    return replace(transcript, segments=segments, speakers=speakers_of(spoken))
