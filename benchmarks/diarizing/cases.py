"""Recordings with who speaks when, as they are, in telephone band or in noise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import common
import conversations
from common import Samples
from conversations import Conversation, Turn

from panglot.units import Seconds

CONDITIONS = ("clean", "telephone", "noise")
NOISE_SNR_DB = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A recording as a file, with who speaks when."""

    name: str
    path: Path
    seconds: Seconds
    turns: tuple[Turn, ...]
    """Empty where only the number of speakers is known."""
    speakers: int
    groups: frozenset[str]
    """The rows of the tables it counts in."""


def case_of(made: Conversation, path: Path, *, groups: Iterable[str] = ()) -> Case:
    """Write a conversation as a file, and keep who speaks when in it."""
    return Case(
        name=made.name,
        path=common.write_wav(path, made.samples),
        seconds=made.seconds,
        turns=made.turns,
        speakers=len({turn.speaker for turn in made.turns}),
        groups=frozenset(groups),
    )


def in_condition(samples: Samples, turns: Sequence[Turn], condition: str, seed: int) -> Samples:
    """Let samples sound as they do in a condition."""
    if condition == "telephone":
        return conversations.telephone(samples)
    if condition == "noise":
        return conversations.noisy(samples, turns, snr_db=NOISE_SNR_DB, seed=seed)
    return samples
