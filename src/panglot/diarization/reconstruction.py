"""From the activities of all chunks to turns: overlapping chunks vote on who speaks in each frame.

Source: Bredin 2023, "pyannote.audio 2.1 speaker diarization pipeline", section 2.3: first how many speak, then which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.assignment import NOBODY
from panglot.diarization.following import follow
from panglot.diarization.fragments import without_fragments
from panglot.diarization.observation import POINT_FRAMES
from panglot.diarization.protocol import Turn
from panglot.diarization.segmentation import FRAMES, Activity, boundary
from panglot.units import Seconds

_PART = 50_000
"""Frames in which speakers are ranked at once."""


def reconstruct(
    activities: Sequence[Activity],
    labels: NDArray[np.intp],
    *,
    similarities: NDArray[np.float64],
    step: int,
    duration: Seconds,
) -> tuple[list[Turn], list[int]]:
    """Put the chunks together. Where one person speaks, the voice of the moment has the last word.

    Parameters
    ----------
    activities
        Who speaks in each chunk, each of shape ``(589, local speakers)``.
    labels
        Shape ``(chunks, local speakers)``: speaker of the recording, or `NOBODY`.
    similarities
        Shape ``(moments, speakers)``: how much the voice of each moment is like each speaker's, one moment every
        `POINT_FRAMES`; rows of NaN where that is not known.
    step
        Frames from one chunk to the next.
    duration
        Length of the recording.

    Returns
    -------
    turns, speakers
        Turns sorted by start, speakers numbered in order of first appearance; and for each of these speakers its number
        in ``labels``.
    """
    active = _heard(_vote(activities, labels, step, similarities.shape[1]), similarities)
    turns = without_fragments(list(_turns(active, duration)))
    speakers = list(dict.fromkeys(turn.speaker for turn in turns))
    numbers = {speaker: number for number, speaker in enumerate(speakers)}
    return [Turn(start=turn.start, end=turn.end, speaker=numbers[turn.speaker]) for turn in turns], speakers


def _vote(activities: Sequence[Activity], labels: NDArray[np.intp], step: int, speakers: int) -> NDArray[np.bool_]:
    """Frames in which each speaker speaks, shape ``(frames, speakers)``."""
    renamed = (_renamed(activity, row, speakers) for activity, row in zip(activities, labels, strict=True))
    votes, chunks = _counts(renamed, frames=(len(activities) - 1) * step + FRAMES, step=step, speakers=speakers)
    active = np.empty(votes.shape, np.bool_)
    # Part by part: the ranks in all frames of a long recording would take hundreds of megabytes.
    for at in range(0, len(votes), _PART):
        part = slice(at, at + _PART)
        active[part] = _elected(votes[part], chunks[part])
    return active


def _elected(votes: NDArray[np.int16], chunks: NDArray[np.int16]) -> NDArray[np.bool_]:
    """As many speakers as the chunks hear at once in the mean, those with the most votes."""
    at_once = np.floor(votes.sum(axis=1) / chunks + 0.5)
    # Stable: of two speakers with as many votes, the same one is always first.
    ranks = np.argsort(np.argsort(-votes, axis=1, kind="stable"), axis=1, kind="stable")
    return (ranks < at_once[:, None]) & (votes > 0)


def _heard(active: NDArray[np.bool_], similarities: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Give the frames in which one person speaks to whose voice it is."""
    alone = active.sum(axis=1) == 1
    speaker = np.full(len(active), NOBODY)
    followed = np.repeat(follow(similarities), POINT_FRAMES)
    speaker[: len(followed)] = followed
    known = alone & (speaker != NOBODY)
    active[known] = speaker[known, None] == np.arange(active.shape[1])
    return active


def _renamed(activity: Activity, labels: NDArray[np.intp], speakers: int) -> Activity:
    renamed = np.zeros((FRAMES, speakers), np.bool_)
    for local, speaker in enumerate(labels):
        if speaker != NOBODY:
            renamed[:, speaker] |= activity[:, local]
    return renamed


def _counts(
    activities: Iterable[Activity], *, frames: int, step: int, speakers: int
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Chunks in which each speaker speaks, and chunks that hear a frame at all."""
    votes = np.zeros((frames, speakers), np.int16)
    chunks = np.zeros(frames, np.int16)
    for number, activity in enumerate(activities):
        votes[number * step :][:FRAMES] += activity
        chunks[number * step :][:FRAMES] += 1
    return votes, chunks


def _turns(active: NDArray[np.bool_], duration: Seconds) -> Iterator[Turn]:
    for speaker in range(active.shape[1]):
        changes = np.flatnonzero(np.diff(active[:, speaker], prepend=False, append=False))
        for first, last in changes.reshape(-1, 2).tolist():
            start = 0.0 if first == 0 else boundary(first)
            end = min(boundary(last), duration)
            if start < end:
                yield Turn(start=start, end=end, speaker=speaker)
