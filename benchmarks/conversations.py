"""Conversations simulated from recordings of single speakers, with exact turns, from a seed.

Everybody has a room (an impulse response of a direct sound, a few early reflections and noise that decays
exponentially) and a level; both stay for the whole conversation, and the level of each utterance moves a little. Who
speaks next, pauses and overlaps are drawn. Never do more than two speak at once, and nobody overlaps himself.

Turns are where the dry clip is loud: above a level a quarter of the way, in decibels, from its quietest to its loudest
twentieth, with pauses of half a second and more left out. On the clips of the speech set this agrees with Silero's
voice activity but for 3 % (loud only) and 1 % (speech only) of the time. Echoes do not count as speech.

How identities were judged. A speaker of the simulation must be one person, and two speakers must be two. So:

- where the manifest names the speaker, it is taken at its word, with one exception: the English and the Spanish
  telephone voice called Allison are one person, and count as one;
- of unnamed clips of one source and language (FLEURS, Common Voice, ...), any two may or may not be of one person, so
  only the longest is used, as a speaker with a single clip;
- unnamed clips that were read for LibriVox (CSS10, LibriTTS, "two cities") may be by a reader whom another clip names,
  and are left out;
- the conference call may hold several people, and lists of isolated words are not talk: left out.

That two sources share a speaker unnoticed stays possible (Common Voice and other crowds), and is unlikely. Most
speakers have 5 to 40 s of speech, so that a long conversation repeats the same clips: it measures how a system holds
out over time, and is easier than an hour of fresh speech.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import common
import numpy as np
import silence
from common import Samples
from scipy.signal import butter, oaconvolve, resample_poly, sosfiltfilt

from panglot.units import SAMPLE_RATE, Seconds

PAUSE: Seconds = 0.5
"""Pauses from this length on are no part of a turn."""

SHORTEST, LONGEST = 1.0, 12.0
"""Seconds of an utterance, where its clip can be cut so, and is not said as a whole."""

SAME_PERSON = {"es_MX_f_Allison": "en_US_f_Allison"}
LIBRIVOX_UNNAMED = ("CSS10", "LibriTTS", "LibriVox reading")
SEVERAL_PEOPLE = ("Earnings-22",)
QUIETEST_DB, LOUDEST_DB = -35.0, -10.0
"""Where the level that tells speech from pauses may lie, seen from the loud parts."""
RMS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that somebody says: a clip and, where known, its text."""

    samples: Samples
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One person speaking one language."""

    person: str
    language: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A stretch in which one speaker speaks without a pause."""

    start: Seconds
    end: Seconds
    speaker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What a speaker says at a time, pauses included; the text only where a whole clip with a known text was used."""

    start: Seconds
    end: Seconds
    speaker: str
    language: str
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A recording with its truth."""

    name: str
    samples: Samples
    turns: tuple[Turn, ...]
    utterances: tuple[Utterance, ...]

    @property
    def seconds(self) -> Seconds:
        """Length of the recording."""
        return len(self.samples) / SAMPLE_RATE

    @property
    def overlap(self) -> float:
        """Share of the speech in which two speak."""
        edges = sorted([(turn.start, 1) for turn in self.turns] + [(turn.end, -1) for turn in self.turns])
        seconds: dict[bool, float] = defaultdict(float)
        speaking = 0
        for (time, change), (following, _) in pairwise(edges):
            speaking += change
            if speaking:
                seconds[speaking > 1] += following - time
        return seconds[True] / sum(seconds.values()) if seconds else 0.0


def voices(speech: Path) -> list[Voice]:
    """Speakers of the speech set whose identity is known or safely distinct; see above."""
    lines = [json.loads(line) for line in (speech / "manifest.jsonl").read_text("utf-8").splitlines()]
    by_voice: dict[tuple[str, str], list[dict]] = defaultdict(list)
    for line in lines:
        if line["path"].split("/")[0] in common.NOT_SINGLE_LANGUAGE or "isolated words" in line.get("use", ""):
            continue
        if line.get("speaker"):
            person = SAME_PERSON.get(line["speaker"], line["speaker"])
        elif line["source"].startswith(LIBRIVOX_UNNAMED + SEVERAL_PEOPLE):
            continue
        else:
            person = f"{line['language']}, {line['source'].split(' via ')[0]}"
        by_voice[person, line["language"]].append(line)
    return [
        Voice(
            person=person,
            language=language,
            lines=tuple(Line(samples=common.trimmed(speech / one["path"]), text=one["text"]) for one in _sure(found)),
        )
        for (person, language), found in sorted(by_voice.items())
    ]


def choose(known: Sequence[Voice], count: int, *, seed: str, language: str | None = None) -> list[Voice]:
    """Draw several people, of one language or, with ``None``, of as many languages as there are.

    Raises ``ValueError`` where there are not so many people.
    """
    draw = random.Random(seed)
    fitting = [voice for voice in known if language in (None, voice.language)]
    draw.shuffle(fitting)
    by_person = {voice.person: voice for voice in fitting}
    if len(by_person) < count:
        raise ValueError(f"{count} speakers of {language or 'any language'} were asked for, there are {len(by_person)}")
    chosen: list[Voice] = []
    while len(chosen) < count:
        rest = [voice for voice in by_person.values() if voice not in chosen]
        taken = [voice.language for voice in chosen]
        chosen.append(min(rest, key=lambda voice: taken.count(voice.language)))
    return chosen


def converse(
    name: str,
    people: Sequence[Voice],
    *,
    seconds: Seconds,
    seed: str,
    overlap: float = 0.0,
    whole_lines: bool = False,
    room: bool = True,
) -> Conversation:
    """Let people talk.

    Parameters
    ----------
    name
        What reports call it.
    people
        Who takes part. Everybody speaks once before anybody speaks twice; after that some speak more than others.
    seconds
        Shortest length; the last utterance is finished, and everybody speaks, so it may become longer.
    seed
        Same seed, same conversation.
    overlap
        Share of the speech in which two are to speak at once; one person alone never does.
    whole_lines
        Say clips as a whole, and only those whose text is known, so that every utterance has a text; otherwise parts
        of clips, cut in pauses, are said as well.
    room
        Whether everybody has a room and a level.

    Returns
    -------
    Conversation
        Samples of full scale 1 with the exact turns.
    """
    draw, sound = random.Random(seed), np.random.default_rng(list(seed.encode()))
    echoes = [_impulse_response(sound) if room else np.ones(1, np.float32) for _ in people]
    levels = [draw.uniform(-6, 6) if room else 0.0 for _ in people]
    keenness = [draw.uniform(0.5, 2) for _ in people]
    first_round = draw.sample(range(len(people)), len(people))
    said: list[tuple[int, int, int, Samples, float, Line]] = []  # start, end, who, samples, level, line
    spoken = doubled = 0
    while first_round or max(end for _, end, *_ in said) < seconds * SAMPLE_RATE:
        latest = sorted(said, key=lambda one: one[1])[-2:]
        others = [who for who in range(len(people)) if len(people) == 1 or not latest or who != latest[-1][2]]
        who = first_round.pop() if first_round else draw.choices(others, [keenness[one] for one in others])[0]
        line = _line(people[who], draw, texts=whole_lines)
        samples = line.samples if whole_lines else _part(line.samples, draw)
        start = _next_start(latest, who, len(samples), draw, behind=overlap * (spoken - doubled) - doubled)
        end = start + len(samples)
        spoken += len(samples)
        doubled += max(0, min(end, latest[-1][1]) - start) if latest else 0
        said.append((start, end, who, samples, levels[who] + (draw.uniform(-2, 2) if room else 0.0), line))
    return _mixed(name, people, said, echoes, texts=whole_lines)


def telephone(samples: Samples) -> Samples:
    """Send samples through a telephone band: 300 to 3400 Hz, 8 kHz and back."""
    band = butter(4, (300, 3400), btype="bandpass", fs=SAMPLE_RATE, output="sos")
    narrow = resample_poly(sosfiltfilt(band, samples), 1, 2)
    return resample_poly(narrow, 2, 1)[: len(samples)].astype(np.float32)


def noisy(samples: Samples, turns: Sequence[Turn], *, snr_db: float, seed: int) -> Samples:
    """Add pink noise; the ratio is that of the mean power while anybody speaks to that of the noise."""
    speaking = np.zeros(len(samples), bool)
    for turn in turns:
        speaking[round(turn.start * SAMPLE_RATE) : round(turn.end * SAMPLE_RATE)] = True
    noise = silence.pink(-30)(len(samples), np.random.default_rng(seed))
    power = float(np.square(samples[speaking], dtype=np.float64).mean()) if speaking.any() else RMS**2
    gain = np.sqrt(power / 10 ** (snr_db / 10) / np.square(noise, dtype=np.float64).mean())
    return _below_full_scale(samples + np.float32(gain) * noise)


def higher(voice: Voice, semitones: float) -> Voice:
    """Shift a voice by playing it faster: pitch, formants and tempo rise together."""
    steps = round(1000 / 2 ** (semitones / 12))
    lines = tuple(replace(line, samples=resample_poly(line.samples, steps, 1000)) for line in voice.lines)
    return Voice(person=f"{voice.person} +{semitones:g}", language=voice.language, lines=lines)


def stretches(samples: Samples, *, pause: Seconds = PAUSE) -> list[tuple[int, int]]:
    """Starts and ends, in samples, of what is spoken, with pauses of at least a length between them."""
    frame = SAMPLE_RATE // 50
    count = len(samples) // frame
    power = np.square(samples[: count * frame].reshape(count, frame), dtype=np.float64).mean(axis=1)
    level = 10 * np.log10(np.convolve(power, np.ones(3) / 3, "same") + 1e-12)
    quiet, full = np.percentile(level, (5, 95))
    limit = np.clip(quiet + 0.25 * (full - quiet), full + QUIETEST_DB, full + LOUDEST_DB)
    loud = np.flatnonzero(level > limit)
    found: list[tuple[int, int]] = []
    for first in loud * frame:
        if found and first - found[-1][1] < pause * SAMPLE_RATE:
            found[-1] = (found[-1][0], int(first) + frame)
        else:
            found.append((int(first), int(first) + frame))
    return found


def _sure(found: list[dict]) -> list[dict]:
    """All clips of a named speaker, the longest of an unnamed one."""
    return found if found[0].get("speaker") else [max(found, key=lambda line: line["duration_s"])]


def _line(voice: Voice, draw: random.Random, *, texts: bool) -> Line:
    return draw.choice([line for line in voice.lines if line.text or not texts])


def _part(samples: Samples, draw: random.Random) -> Samples:
    """Take some of a clip: from the start of one stretch to the end of the same or a later one."""
    parts = stretches(samples, pause=0.2)
    first = draw.randrange(len(parts))
    begin = parts[first][0]
    lengths = [end - begin for _, end in parts[first:]]
    fitting = [length for length in lengths if SHORTEST * SAMPLE_RATE <= length <= LONGEST * SAMPLE_RATE]
    return samples[begin : begin + (draw.choice(fitting) if fitting else min(lengths, key=_from_longest))]


def _from_longest(length: int) -> float:
    return abs(length - LONGEST * SAMPLE_RATE)


def _next_start(latest: Sequence[tuple], who: int, length: int, draw: random.Random, *, behind: float) -> int:
    """Where the next utterance begins: after a pause, or inside the last one while overlap is wanting."""
    pause = min(max(draw.expovariate(2), 0.1), 3.0) * SAMPLE_RATE
    if not latest:
        return round(pause)
    *before, (_, last_end, last_who, *_) = latest
    if who == last_who or behind < 0.2 * SAMPLE_RATE:
        return last_end + round(pause)
    wanted = min(behind, draw.uniform(0.3, 0.7) * length)
    # Two at once, not three, and nobody over himself: not before the end of all utterances but the last.
    earliest = max([end for _, end, *_ in before], default=0)
    own = max([end for _, end, one, *_ in latest if one == who], default=0)
    return max(earliest, own, last_end - round(wanted), latest[-1][0])


def _impulse_response(sound: np.random.Generator) -> Samples:
    """Direct sound at the first sample, six early reflections, and noise that has decayed by 60 dB at its end."""
    reverberation = sound.uniform(0.15, 0.6)
    time = np.arange(round(reverberation * SAMPLE_RATE)) / SAMPLE_RATE
    decay = 10 ** (-3 * time / reverberation)
    tail = sound.standard_normal(len(time)) * decay * (time > 0.005)
    delays = (sound.uniform(0.003, 0.05, 6) * SAMPLE_RATE).astype(int)
    tail[delays] += sound.choice([-1, 1], 6) * 5 * decay[delays]
    direct_to_reverberant = 10 ** (sound.uniform(3, 12) / 10)
    tail /= np.sqrt(np.square(tail).sum() * direct_to_reverberant)
    tail[0] = 1
    return tail.astype(np.float32)


def _mixed(
    name: str, people: Sequence[Voice], said: Iterable[tuple], echoes: Sequence[Samples], *, texts: bool
) -> Conversation:
    everything = sorted(said, key=lambda one: one[0])
    length = max(end for _, end, *_ in everything) + SAMPLE_RATE // 2
    whole = np.zeros(length + max(map(len, echoes)), np.float32)
    turns: list[Turn] = []
    utterances: list[Utterance] = []
    for start, end, who, samples, level, line in everything:
        loudness = RMS * 10 ** (level / 20) / float(np.sqrt(np.square(samples).mean()))
        heard = oaconvolve(samples * np.float32(loudness), echoes[who])
        whole[start : start + len(heard)] += heard
        speaker = people[who].person
        turns += [
            Turn(start=(start + first) / SAMPLE_RATE, end=(start + last) / SAMPLE_RATE, speaker=speaker)
            for first, last in stretches(samples)
        ]
        utterances.append(
            Utterance(
                start=start / SAMPLE_RATE,
                end=end / SAMPLE_RATE,
                speaker=speaker,
                language=people[who].language,
                text=line.text if texts else None,
            )
        )
    turns.sort(key=lambda turn: turn.start)
    return Conversation(
        name=name, samples=_below_full_scale(whole[:length]), turns=tuple(turns), utterances=tuple(utterances)
    )


def _below_full_scale(samples: Samples) -> Samples:
    peak = float(np.abs(samples).max())
    return samples * np.float32(0.95 / peak) if peak > 0.95 else samples
