"""Who spoke when, with the networks of pyannote's community-1 pipeline on onnxruntime."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.assignment import assign
from panglot.diarization.clustering import find_voices, similarities
from panglot.diarization.embedding import VoiceEncoder
from panglot.diarization.observation import LOOKAHEAD, POINT_FRAMES, Chunk, Each, Observer, Tape
from panglot.diarization.plda import VoiceSpace
from panglot.diarization.protocol import VOICE_SIZE, Diarization, Samples, SpeakerBounds
from panglot.diarization.reconstruction import reconstruct
from panglot.diarization.segmentation import CHUNK, HOP, LOCAL_SPEAKERS, Activity, Segmenter
from panglot.diarization.stretches import Stretches, stretches_of
from panglot.errors import AudioFormatError
from panglot.units import to_seconds

Kind = TypeVar("Kind", np.float16, np.float32)

STEP_FRAMES = 196
"""Frames from one chunk to the next: 3.3075 s, so three chunks vote on each frame and their frames are on one grid."""

_STEP = STEP_FRAMES * HOP
_POINTS = STEP_FRAMES // POINT_FRAMES
"""Moments in a step. A chunk describes the voice in its middle step, where it hears what comes before and after."""
_FOR_EACH_THREAD = 2
"""Chunks in hand for each thread, where there are several: enough that none waits long for the others."""


class CommunityDiarizer:
    """The networks, shared by all recordings.

    Parameters
    ----------
    folder
        The weights ``community-1``, as the store keeps them.
    threads
        Threads that a stream may use at once; results do not depend on it.

    Raises
    ------
    WeightsMissingError
        If a file cannot be read.
    WeightsCorruptError
        If a file cannot be used.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self._segmenter = Segmenter(folder / "segmentation.ort")
        self._encoder = VoiceEncoder(folder / "embedding.ort")
        self._space = VoiceSpace(folder)
        self._threads = threads
        self._each: Each = map
        if threads > 1:
            # Ended by the interpreter when nobody holds the diarizer any more.
            self._each = ThreadPoolExecutor(threads, thread_name_prefix="panglot-voices").map

    def stream(self) -> CommunityStream:
        """Start on a recording."""
        at_once = 1 if self._threads == 1 else _FOR_EACH_THREAD * self._threads
        return CommunityStream(self._segmenter, self._encoder, self._space, each=self._each, at_once=at_once)


class CommunityStream:
    """One recording on its way through the networks.

    Memory holds the last samples, 30 s or less for two threads. Of all chunks it holds who speaks and one embedding for
    each local speaker, and the voice of every moment: about 17 MB for an hour.
    """

    def __init__(
        self, segmenter: Segmenter, encoder: VoiceEncoder, space: VoiceSpace, *, each: Each, at_once: int
    ) -> None:
        self._segmenter = segmenter
        self._each = each
        self._at_once = at_once
        """Chunks that are worked on together."""
        self._space = space
        self._tape = Tape()
        self._observer = Observer(encoder, self._tape, each=each)
        self._next = 0
        """First sample of the next chunk."""
        self._activities: list[Activity] = []
        self._embeddings: list[NDArray[np.float32]] = []
        self._track: list[NDArray[np.float16]] = []
        self._ended = False

    def feed(self, samples: Samples) -> None:
        """Take the next samples, any number of them.

        Parameters
        ----------
        samples
            Mono, 16 kHz, shape ``(n,)``, float32.

        Raises
        ------
        AudioFormatError
            If the samples are not one row of float32.
        """
        if samples.ndim != 1 or samples.dtype != np.float32:
            raise AudioFormatError(
                f"samples have shape {samples.shape} and type {samples.dtype}; speakers are found in (n,) float32."
            )
        # In pieces, so that one long block does not have to be copied again for each chunk.
        for at in range(0, len(samples), CHUNK):
            self._tape.extend(samples[at : at + CHUNK])
            while self._next + (self._at_once - 1) * _STEP + CHUNK + LOOKAHEAD <= self._tape.end:
                self._advance(self._at_once)

    def finish(self, bounds: SpeakerBounds) -> Diarization:
        """Return who spoke when in all samples taken; may be asked again, with other bounds.

        Parameters
        ----------
        bounds
            How many speakers there may be.

        Returns
        -------
        Diarization
            The best answer within the bounds; where there is too little speech for it, with a warning.
        """
        last = self._tape.end - CHUNK + _STEP
        while self._next == 0 or self._next < last:
            self._advance(min(self._at_once, max(1, -(-(last - self._next) // _STEP))))
        embeddings = _joined(self._embeddings)
        known = ~np.isnan(embeddings[:, 0])
        if not known.any():
            return _nobody(bounds)
        if not self._ended:
            self._track.append(self._observer.track(range(2 * _POINTS, 3 * _POINTS)))
            self._ended = True
        track = _joined(self._track)
        stretches = stretches_of(track)
        if not len(stretches.seconds):
            stretches = Stretches(embeddings=embeddings[known], seconds=np.ones(np.count_nonzero(known)))
        voices, warning = find_voices(stretches, space=self._space, bounds=bounds)
        scores = similarities(embeddings, voices).reshape(len(self._activities), LOCAL_SPEAKERS, len(voices))
        labels = np.stack([assign(chunk) for chunk in scores])
        turns, speakers = reconstruct(
            self._activities,
            labels,
            similarities=similarities(track, voices),
            step=STEP_FRAMES,
            duration=to_seconds(self._tape.end),
        )
        return Diarization(
            turns=tuple(turns),
            voices=voices[speakers].astype(np.float32),
            warnings=() if warning is None else (warning,),
        )

    def _advance(self, count: int) -> None:
        """Work on the next chunks."""
        starts = range(self._next, self._next + count * _STEP, _STEP)
        activities = list(self._each(self._segmenter, [self._tape.take(start, CHUNK) for start in starts]))
        chunks = [
            Chunk(start=start, activity=activity, points=range(0 if start == 0 else _POINTS, 2 * _POINTS))
            for start, activity in zip(starts, activities, strict=True)
        ]
        for observed in self._observer.observe(chunks):
            self._embeddings.append(observed.embeddings)
            self._track.append(observed.track)
        self._activities += activities
        self._next += count * _STEP
        self._tape.forget(self._next - LOOKAHEAD)


def _joined(parts: list[NDArray[Kind]]) -> NDArray[Kind]:
    """All parts in one array, which takes their place: a long recording is not held twice."""
    parts[:] = [np.concatenate(parts)]
    return parts[0]


def _nobody(bounds: SpeakerBounds) -> Diarization:
    asked = f"{bounds.minimum} or more speakers were asked for, but nobody speaks"
    return Diarization(
        turns=(),
        voices=np.zeros((0, VOICE_SIZE), np.float32),
        warnings=(asked,) if bounds.minimum > 1 else (),
    )
