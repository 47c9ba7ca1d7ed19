"""What the constants of speaker clustering do, on conversations of people whom no evaluation uses.

The folder of voices holds one folder for each person, with recordings of nobody else. Recordings of a person are joined
to lines of 3.5 s, and conversations are simulated from them as in the benchmark: 1 to 10 people, half a minute to 20
minutes, a sixth of them in telephone band and a sixth with noise. The networks hear each conversation once; then one
constant at a time is changed.

The constants in use were set with recordings from these Debian packages, each folder of a language being one person:
``tuxpaint-stamps-default``, ``klettres-data`` (without de, nb, tn and uk, which hold two people, or one who is in
another), ``asterisk-prompt-es-co``, ``asterisk-prompt-fr-armelle``, ``asterisk-prompt-it-menardi-wav``; and from what
``festival`` and ``flite`` say with the voices ``festvox-*`` of real people.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

BENCHMARKS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BENCHMARKS))

import conversations  # noqa: E402
from common import Samples  # noqa: E402
from conversations import Conversation, Line, Turn, Voice  # noqa: E402

from panglot.audio import open_audio  # noqa: E402
from panglot.diarization import clustering, fragments, joining, strangers, stretches, vbx  # noqa: E402
from panglot.diarization.community import CommunityDiarizer, CommunityStream  # noqa: E402
from panglot.diarization.protocol import SpeakerBounds  # noqa: E402
from panglot.errors import PanglotError  # noqa: E402
from panglot.evaluation.speakers import DiarizationError, diarization_error, pooled_diarization  # noqa: E402
from panglot.models import Store  # noqa: E402
from panglot.units import SAMPLE_RATE  # noqa: E402

LINE_SECONDS, PAUSE_SECONDS = 3.5, 0.2
MOST_RECORDINGS = 150
LEAST_SECONDS = 14.0
QUIET = 0.03
"""Of the loudest, below which the ends of a recording are cut off."""
RMS = 0.05
PLANS = (
    *[(4, 1)] * 5,
    *[(3, 1)] * 2,
    *[(2, 1)] * 2,
    *[(2, 0.5)] * 4,
    *[(2, 3)] * 3,
    *[(3, 3)] * 3,
    *[(4, 3)] * 4,
    *[(4, 5)] * 6,
    *[(6, 5)] * 2,
    *[(8, 5)] * 2,
    *[(10, 5)] * 2,
    *[(1, 1)] * 2,
    *[(1, 3)] * 3,
    (4, 10),
    (4, 20),
    (2, 8),
)
"""People and minutes."""
OVERLAPS = (0.1, 0.05, 0.1, 0.15, 0.0)
CHANGES: tuple[tuple[Any, str, tuple[float, ...]], ...] = (
    (vbx, "ACOUSTIC_SCALE", (0.07, 0.15, 0.25, 0.35)),
    (joining, "_ALIKE", (0.5, 0.55, 0.6, 0.65, 0.7)),
    (strangers, "_LIKE", (-1.0, 0.3, 0.35, 0.4)),
    (clustering, "_LITTLE", (0.0, 40.0, 80.0)),
    (clustering, "_SPEAKS", (0.0, 1.0, 2.0, 3.0)),
    (stretches, "_CHANGED", (-1.0, 0.6, 0.7, 0.8)),
    (stretches, "_MOST", (6, 10, 14)),
    (fragments, "_TAKEN", (0.0, 0.2, 0.3, 0.5)),
    (fragments, "_SAID", (0.0, 0.1, 0.2)),
)
"""Where a constant is, its name, and what is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A conversation that the networks have heard."""

    conversation: Conversation
    people: int
    stream: CommunityStream


def main() -> None:
    """Print the error and the numbers of people for each value of each constant."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("voices", type=Path, help="folder with one folder for each person")
    parser.add_argument("--sets", default="A,B", help="each another choice of people and words")
    options = parser.parse_args()
    known = list(voices(options.voices))
    print(f"{len(known)} people", flush=True)
    sets = {name: list(heard(known, name)) for name in options.sets.split(",")}
    for module, name, values in CHANGES:
        for value in values:
            with changed(module, name, value):
                for label, conversation in sets.items():
                    print(f"{name} {value:g}\t{label}\t{judged(conversation)}", flush=True)


def voices(folder: Path) -> Iterator[Voice]:
    """Yield those who have enough to say."""
    for person in sorted(path for path in folder.iterdir() if path.is_dir()):
        lines = tuple(Line(samples=samples) for samples in joined(recordings(person)))
        if sum(len(line.samples) for line in lines) >= LEAST_SECONDS * SAMPLE_RATE:
            yield Voice(person=person.name, language=person.name, lines=lines)


def recordings(person: Path) -> Iterator[Samples]:
    """Yield somebody's recordings, without the quiet at their ends."""
    for path in sorted(path for path in person.rglob("*") if path.is_file())[:MOST_RECORDINGS]:
        try:
            with open_audio(path) as stream:
                samples = np.concatenate([block[0] for block in stream])
        except PanglotError:
            continue
        loud = np.flatnonzero(np.abs(samples) > QUIET * np.abs(samples).max(initial=0))
        if len(loud):
            yield samples[loud[0] : loud[-1] + 1]


def joined(parts: Iterator[Samples]) -> Iterator[Samples]:
    """Join recordings to lines, all equally loud."""
    line: list[Samples] = []
    for part in parts:
        level = np.sqrt(np.square(part).mean())
        line += [part * np.float32(RMS / level), np.zeros(round(PAUSE_SECONDS * SAMPLE_RATE), np.float32)]
        if sum(map(len, line)) > LINE_SECONDS * SAMPLE_RATE:
            yield np.concatenate(line[:-1])
            line = []


def heard(known: list[Voice], name: str) -> Iterator[Heard]:
    """Simulate the conversations of a set, and let the networks hear them."""
    diarizer = CommunityDiarizer(Store().path("community-1"), threads=2)
    for number, (people, minutes) in enumerate(PLANS):
        seed = f"{name} {number}"
        made = conversations.converse(
            seed,
            conversations.choose(known, people, seed=seed),
            seconds=60 * minutes,
            overlap=OVERLAPS[number % len(OVERLAPS)],
            seed=seed,
        )
        stream = diarizer.stream()
        stream.feed(spoilt(made, number))
        stream.finish(SpeakerBounds())
        yield Heard(conversation=made, people=people, stream=stream)


def spoilt(made: Conversation, number: int) -> Samples:
    """Some conversations in telephone band, some in noise."""
    if number % 6 == 4:
        return conversations.telephone(made.samples)
    if number % 6 == 5:
        return conversations.noisy(made.samples, made.turns, snr_db=12, seed=1)
    return made.samples


@contextmanager
def changed(module: Any, name: str, value: float) -> Generator[None]:
    """Give a constant another value while the block runs."""
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


def judged(set_: list[Heard]) -> str:
    """Errors and numbers of people, added up."""
    errors: list[DiarizationError] = []
    differences: list[int] = []
    for one in set_:
        turns = one.stream.finish(SpeakerBounds()).turns
        found = [Turn(start=turn.start, end=turn.end, speaker=str(turn.speaker)) for turn in turns]
        errors.append(diarization_error(one.conversation.turns, found, region=(0, one.conversation.seconds)))
        differences.append(len({turn.speaker for turn in turns}) - one.people)
    whole = pooled_diarization(errors)
    off = np.array(differences)
    return (
        f"error {whole.rate:.1%}, confusion {whole.confusion / whole.total:.1%}, number right {(off == 0).sum()} of "
        f"{len(off)}, too many in {(off > 0).sum()}"
    )


if __name__ == "__main__":
    main()
