"""Recordings to set thresholds on: synthetic voices in many languages, none of which any evaluation uses.

espeak-ng speaks the sentences of ``sentences.json``; a little room, noise and level is added, because the model takes
the bare voices for no language at all. A voice is kept for a language where the model names the language of at least
80 % of its clips of 10 s, and a language where at least two voices are. From those come recordings in one language,
and recordings that change language, with `recordings.json` that says what is spoken when.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import wave
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

import panglot
from panglot.audio import log_mel
from panglot.audio.resampling import make_resampler
from panglot.engines import Engine
from panglot.transcripts.records import LanguageSpan
from panglot.units import SAMPLE_RATE

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "build" / "tuning"
SENTENCES: dict[str, list[str]] = json.loads((Path(__file__).parent / "sentences.json").read_text("utf-8"))
PROGRAM = "espeak-ng"
PROGRAM_RATE = 22_050
ESPEAK_NAMES = {"pt": "pt-br"}
VOICES = ("m3", "m7", "max", "rob", "michael", "edward")
CLIP_SECONDS = 10.0
CLIPS = 5
KEPT_FROM = 0.8
PAUSE = (0.3, 1.0)
LONG, SHORT = (6.0, 15.0), (3.0, 6.0)
PIECES = 10
CONTEXT = 1600

Samples = npt.NDArray[np.float32]
Voices = dict[str, list[str]]
"""The voices that are kept for each language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording of the tuning set."""

    kind: str
    path: Path
    spans: tuple[LanguageSpan, ...]


def main() -> None:
    """Choose voices, then make the recordings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the recordings go")
    parser.add_argument("--seed", type=int, default=0, help="seed of every random choice")
    options = parser.parse_args()
    make(options.folder, seed=options.seed)


def make(folder: Path, *, seed: int) -> None:
    """Make the whole set."""
    if shutil.which(PROGRAM) is None:
        raise SystemExit(
            f"The program {PROGRAM} is not there. Install it (Debian and Ubuntu: apt-get install espeak-ng)."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with panglot.load() as model:
        engine = model._scheduler.engine
        voices = choose_voices(engine, seed=seed)
        with ThreadPoolExecutor(engine.info.workers) as pool:
            plans = [(folder, voices, LONG, number) for number in range(8)]
            plans += [(folder, voices, SHORT, number) for number in range(12)]
            changing = list(pool.map(lambda plan: mixed(engine, *plan, seed=seed), plans))
    alike = [one_language(folder, voices, code, take=take, seed=seed) for code in voices for take in range(3)]
    recordings = [*alike, *changing]
    rows = [asdict(recording) | {"path": recording.path.name} for recording in recordings]
    (folder / "recordings.json").write_text(json.dumps({"voices": voices, "recordings": rows}, indent=1), "utf-8")


def load(folder: Path) -> list[Recording]:
    """Read the set that `make` wrote."""
    rows = json.loads((folder / "recordings.json").read_text("utf-8"))["recordings"]
    return [
        Recording(
            kind=row["kind"],
            path=folder / row["path"],
            spans=tuple(LanguageSpan(**span) for span in row["spans"]),
        )
        for row in rows
    ]


def choose_voices(engine: Engine, *, seed: int) -> Voices:
    """Keep the voices whose language the model knows."""

    def is_known(code: str, voice: str) -> bool:
        right = 0
        for number in range(CLIPS):
            draw = random.Random(f"{seed} {code} {voice} {number}")
            clip = speak(code, " ".join(draw.sample(SENTENCES[code], 3)), voice, draw)
            right += is_named(engine, clip[: round(CLIP_SECONDS * SAMPLE_RATE)], code, draw)
        return right >= KEPT_FROM * CLIPS

    kept: Voices = {}
    with ThreadPoolExecutor(engine.info.workers) as pool:
        for code in SENTENCES:
            known = pool.map(partial(is_known, code), VOICES)
            kept[code] = [voice for voice, is_right in zip(VOICES, known, strict=True) if is_right]
            print(code, *kept[code], flush=True)
    return {code: names for code, names in kept.items() if len(names) > 1}


def is_named(engine: Engine, clip: Samples, code: str, draw: random.Random) -> bool:
    """Whether the model names the language of a clip by itself."""
    mel = log_mel(spoil(clip, draw), mel_bands=engine.info.mel_bands, frames=CONTEXT)
    found = engine.detect([engine.encode(mel)])[0]
    return max(found, key=found.__getitem__) == code


def speak(code: str, text: str, voice: str, draw: random.Random) -> Samples:
    """One text at 16 kHz, without quiet at its ends, with a pitch and speed of its own."""
    return _spoken(code, text, voice, draw.choice((40, 50, 60)), draw.choice((140, 155, 170)))


@cache
def _spoken(code: str, text: str, voice: str, pitch: int, speed: int) -> Samples:
    name = f"{ESPEAK_NAMES.get(code, code)}+{voice}"
    command = [PROGRAM, "-v", name, "-p", str(pitch), "-s", str(speed), "--stdout"]
    found = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
    samples = np.frombuffer(found[44:], "<i2").astype(np.float32) / 32768
    resampler = make_resampler(PROGRAM_RATE)
    samples = np.concatenate([resampler.push(samples), resampler.flush()])
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    return samples[loud[0] : loud[-1] + 1]


def spoil(samples: Samples, draw: random.Random) -> Samples:
    """Put a voice into a small room with some noise, at some level."""
    noise = np.random.default_rng(draw.getrandbits(32))
    decay = draw.uniform(0.02, 0.06)
    length = round(5 * decay * SAMPLE_RATE)
    echo = noise.standard_normal(length) * np.exp(-np.arange(length) / (decay * SAMPLE_RATE))
    echo *= draw.uniform(0.2, 0.6) / np.sqrt(np.square(echo).sum())
    echo[0] = 1.0
    size = len(samples) + length
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(echo, size), size)[: len(samples)]
    spectrum = np.fft.rfft(noise.standard_normal(len(samples)))
    pink = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 1), len(samples))
    mixed = wet / _rms(wet) + pink / _rms(pink) * 10 ** (-draw.uniform(20, 35) / 20)
    level = min(10 ** (draw.uniform(-28, -18) / 20), 0.95 / np.abs(mixed).max())
    return (mixed * level).astype(np.float32)


def _rms(samples: npt.NDArray[np.floating]) -> float:
    return float(np.sqrt(np.square(samples).mean()))


def one_language(folder: Path, voices: Voices, code: str, *, take: int, seed: int) -> Recording:
    """60 to 120 s by two voices that take turns."""
    draw = random.Random(f"{seed} {code} {take}")
    sentences = draw.sample(SENTENCES[code], len(SENTENCES[code]))
    speakers = draw.sample(voices[code], 2)
    wanted = draw.uniform(60, 100) * SAMPLE_RATE
    pieces: list[tuple[str, Samples]] = []
    while sum(len(samples) for _, samples in pieces) < wanted:
        turn = len(pieces) // 2 % 2
        pieces.append((code, speak(code, sentences[len(pieces) % len(sentences)], speakers[turn], draw)))
    return _write(folder / f"{code}-{take}.wav", "one language", pieces, draw)


def mixed(
    engine: Engine, folder: Path, voices: Voices, lengths: tuple[float, float], number: int, *, seed: int
) -> Recording:
    """Clips of some length, each in another language than the one before; every other recording has two languages.

    Only clips that the model can name alone: what it mistakes for another language says nothing about tracking.
    """
    kind = f"clips of {lengths[0]:g} to {lengths[1]:g} s"
    draw = random.Random(f"{seed} {kind} {number}")
    codes = sorted(voices) if number % 2 else draw.sample(sorted(voices), 2)
    chosen: list[tuple[str, Samples]] = []
    while len(chosen) < PIECES:
        code = draw.choice([code for code in codes if not chosen or code != chosen[-1][0]])
        samples = speak(code, draw.choice(SENTENCES[code]), draw.choice(voices[code]), draw)
        if lengths[0] <= len(samples) / SAMPLE_RATE < lengths[1] and is_named(engine, samples, code, draw):
            chosen.append((code, samples))
    return _write(folder / f"{lengths[0]:g}-{lengths[1]:g}-{number}.wav", kind, chosen, draw)


def _write(path: Path, kind: str, pieces: list[tuple[str, Samples]], draw: random.Random) -> Recording:
    parts: list[Samples] = []
    spans: list[LanguageSpan] = []
    position = 0
    for code, samples in pieces:
        pause = np.zeros(round(draw.uniform(*PAUSE) * SAMPLE_RATE), np.float32)
        start = position + len(pause)
        position = start + len(samples)
        parts += [pause, samples / _rms(samples)]
        span = LanguageSpan(start=start / SAMPLE_RATE, end=position / SAMPLE_RATE, language=code, probability=1.0)
        spans.append(span)
    whole = spoil(np.concatenate([*parts, np.zeros(SAMPLE_RATE // 2, np.float32)]), draw)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(whole, -1, 1) * 32767).astype("<i2").tobytes())
    return Recording(kind=kind, path=path, spans=tuple(spans))


if __name__ == "__main__":
    main()
