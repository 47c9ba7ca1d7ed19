"""Speakers alone: a recording to who speaks when, without what they say, and a person's voice from a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panglot.audio import open_audio
from panglot.diarization.protocol import Diarizer, DiarizerStream, SpeakerBounds
from panglot.diarization.voiceprints import Voiceprint
from panglot.errors import AudioError
from panglot.pipeline.options import Channels
from panglot.pipeline.speakers import name_speakers, together
from panglot.pipeline.transcription import Progress
from panglot.transcripts.records import SpeakerTimeline
from panglot.units import Seconds, to_seconds

Block = NDArray[np.float32]

_ENOUGH: Seconds = 3.0
"""Speech that a voiceprint needs."""


def diarize_recording(
    source: Any,
    *,
    diarizer: Diarizer,
    bounds: SpeakerBounds,
    start: Seconds = 0.0,
    end: Seconds | None = None,
    channels: Channels = "mix",
    voices: Sequence[Voiceprint] = (),
    sample_rate: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> SpeakerTimeline:
    """Tell who speaks when; see `panglot.diarize`."""
    with open_audio(
        source, start=start, end=end, separate_channels=channels == "separate", sample_rate=sample_rate
    ) as audio:

        def heard() -> Iterator[Block]:
            samples = 0
            for block in audio:
                yield block
                samples += block.shape[1]
                if progress is not None:
                    done = start + to_seconds(samples)
                    progress(Progress(seconds_done=done, seconds_total=audio.info.duration, language=None))

        found = diarize_blocks(
            heard(), diarizer=diarizer, bounds=bounds, offset=start, channels=channels, voices=voices
        )
        return replace(found, warnings=(*audio.warnings, *found.warnings))


def diarize_blocks(
    blocks: Iterable[Block],
    *,
    diarizer: Diarizer,
    bounds: SpeakerBounds,
    offset: Seconds = 0.0,
    channels: Channels = "mix",
    voices: Sequence[Voiceprint] = (),
) -> SpeakerTimeline:
    """Tell who speaks when in a recording that is decoded already.

    Parameters
    ----------
    blocks
        The recording, blocks of shape ``(channels, n)`` at 16 kHz.
    diarizer
        Hears voices.
    bounds
        How many people may speak, on each channel.
    offset
        Time in the recording of the first sample.
    channels
        ``separate`` where each channel has speakers of its own, who are then called ``1A``, ``2A``.
    voices
        Enrolled voices, to name the speakers by.

    Returns
    -------
    SpeakerTimeline
        On the recording's time line.
    """
    streams: list[DiarizerStream] = []
    samples = 0
    for block in blocks:
        streams = streams or [diarizer.stream() for _ in block]
        samples += block.shape[1]
        for stream, row in zip(streams, block, strict=True):
            stream.feed(row)
    numbers = range(1, len(streams) + 1) if channels == "separate" else [None] * len(streams)
    found = together(
        name_speakers(stream.finish(bounds), offset=offset, channel=number, voices=voices)
        for number, stream in zip(numbers, streams, strict=True)
    )
    return SpeakerTimeline(
        turns=found.turns, speakers=found.speakers, duration=offset + to_seconds(samples), warnings=found.warnings
    )


def voice_of(
    source: Any, *, diarizer: Diarizer, progress: Callable[[Progress], None] | None = None
) -> NDArray[np.float32]:
    """Return the voice of the one person who speaks in a recording.

    Parameters
    ----------
    source
        As for `panglot.transcribe`.
    diarizer
        Hears voices.
    progress
        Called after every block with how far the work is.

    Returns
    -------
    ndarray of float32
        Shape ``(256,)``, of length 1.

    Raises
    ------
    AudioError
        If too little is said for a voice to be known.
    """
    stream = diarizer.stream()
    samples = 0
    with open_audio(source) as audio:
        for block in audio:
            stream.feed(block[0])
            samples += block.shape[1]
            if progress is not None:
                progress(Progress(seconds_done=to_seconds(samples), seconds_total=audio.info.duration, language=None))
    found = stream.finish(SpeakerBounds(minimum=1, maximum=1))
    speech = sum(turn.end - turn.start for turn in found.turns)
    if speech < _ENOUGH:
        raise AudioError(
            f"there are {speech:.1f} s of speech in this recording; a voiceprint needs {_ENOUGH:g} s or more of one "
            "person speaking. Record some more."
        )
    return found.voices[0]
