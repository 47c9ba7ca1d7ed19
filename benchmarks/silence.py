"""Words written where nobody speaks: silence, noises, music-like tones, telephone tones, breathing.

Every sound is made here, from a seed, ten minutes of each. Any word is an error. The peer runs with its defaults (no
voice activity filter), with its filter, and batched (which always filters).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import common
import measure
import numpy as np
from common import Samples
from measure import Input, System
from report import Report

from panglot.units import SAMPLE_RATE

SYSTEMS = (
    System(label="panglot", kind="panglot"),
    System(label="faster-whisper sequential", kind="faster-whisper"),
    System(label="faster-whisper sequential, vad_filter", kind="faster-whisper", options={"vad_filter": True}),
    System(label="faster-whisper batched", kind="faster-whisper", batched=True),
)


def main() -> None:
    """Make the sounds, transcribe them, count words."""
    options = _options()
    report = Report("silence", "Words where nobody speaks", quick=options.quick)
    systems = [system for system in SYSTEMS if system.kind in options.systems.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        inputs = {name: Input(path=path) for name, path in _sounds(options, Path(folder)).items()}
        weights = measure.base_weights()
        runs = {system.label: measure.run(system, list(inputs.values()), weights=weights) for system in systems}
    words = {label: [len(text.split()) for text in run.texts] for label, run in runs.items()}
    report.table(
        f"Words written, {options.minutes:g} minutes of each sound (the last two: 10 s)",
        ("sound", *words),
        [
            *([name, *(counts[number] for counts in words.values())] for number, name in enumerate(inputs)),
            ["all", *(sum(counts) for counts in words.values())],
        ],
    )
    report.table(
        "What was written first",
        ("sound", "system", "text"),
        [
            [name, label, run.texts[number].strip()[:80]]
            for number, name in enumerate(inputs)
            for label, run in runs.items()
            if run.texts[number].strip()
        ],
    )
    report.table("Time", ("system", "wall s", "CPU s"), [[*_time(run)] for run in runs.values()])
    report.data |= {"sounds": list(inputs), "words": words, "runs": {label: asdict(run) for label, run in runs.items()}}
    report.write(options.output)


def _time(run: measure.Run) -> tuple[str, str, str]:
    return run.label, f"{run.wall:.1f}", f"{run.cpu:.1f}"


def _options() -> argparse.Namespace:
    parser = common.arguments(__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="length of each sound")
    parser.add_argument("--sounds", help="only those whose names contain this")
    parser.add_argument("--systems", default="panglot,faster-whisper", help="which take part")
    options = parser.parse_args()
    if options.quick:
        options.minutes = 0.25
    return options


def _sounds(options: argparse.Namespace, folder: Path) -> dict[str, Path]:
    """Sounds as files, made and written one at a time, and two recordings of the speech set's formats."""
    length = round(options.minutes * 60 * SAMPLE_RATE)
    paths: dict[str, Path] = {}
    for name, make in SOUNDS.items():
        if (options.sounds or "") in name:
            random = np.random.default_rng(options.seed)
            paths[name] = common.write_wav(folder / f"{len(paths)}.wav", make(length, random))
    formats = {name: options.speech / "formats" / name for name in ("silence_10s.wav", "pink_noise_10s.flac")}
    return paths | {name: path for name, path in formats.items() if path.exists() and (options.sounds or "") in name}


def silence(length: int, _: np.random.Generator) -> Samples:
    """Digital silence."""
    return np.zeros(length, np.float32)


def white(level_db: float) -> Callable[[int, np.random.Generator], Samples]:
    """White noise of a level in dB under full scale (RMS)."""

    def make(length: int, random: np.random.Generator) -> Samples:
        return _at(random.standard_normal(length), level_db)

    return make


def pink(level_db: float) -> Callable[[int, np.random.Generator], Samples]:
    """Noise whose power falls by 3 dB an octave."""

    def make(length: int, random: np.random.Generator) -> Samples:
        return _at(_coloured(length, random, lambda frequency: frequency**-0.5), level_db)

    return make


def chords(length: int, random: np.random.Generator) -> Samples:
    """Four-note chords of two seconds with soft harmonics, a decaying envelope and slow vibrato."""
    return _music(length, random, seconds=2.0, notes=4, step=0.0)


def arpeggios(length: int, random: np.random.Generator) -> Samples:
    """Single notes one after another, a quarter of a second each, in changing harmonies."""
    return _music(length, random, seconds=1.0, notes=4, step=0.25)


def dial_tone(length: int, _: np.random.Generator) -> Samples:
    """Continuous European dial tone, 425 Hz (ITU-T E.180)."""
    return _at(_tones(length, [425.0]), -15)


def ringback(length: int, _: np.random.Generator) -> Samples:
    """North American ringback, 440 and 480 Hz, two seconds in six."""
    on = _times(length) % 6 < 2
    return _at(_tones(length, [440.0, 480.0]) * on, -18)


def dtmf(length: int, random: np.random.Generator) -> Samples:
    """Random telephone keys, a tenth of a second each with as long a pause (ITU-T Q.23)."""
    rows, columns = np.array([697, 770, 852, 941]), np.array([1209, 1336, 1477])
    time = _times(length)
    key = (time / 0.2).astype(int)
    low = rows[random.integers(4, size=key[-1] + 1)][key]
    high = columns[random.integers(3, size=key[-1] + 1)][key]
    keys = np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time)
    return _at(keys * (time % 0.2 < 0.1), -18)


def breathing(length: int, random: np.random.Generator) -> Samples:
    """Noise between 300 and 3000 Hz that swells for in- and out-breath, about fifteen times a minute."""
    noise = _coloured(length, random, lambda frequency: ((frequency > 300) & (frequency < 3000)) / np.sqrt(frequency))
    phase = _times(length) / 4 + 0.1 * np.sin(2 * np.pi * _times(length) / 31)
    breath_in = np.clip(np.sin(2 * np.pi * phase), 0, None) ** 2
    breath_out = 0.6 * np.clip(-np.sin(2 * np.pi * phase - 0.5), 0, None) ** 3
    return _at(noise * (breath_in + breath_out), -30)


SOUNDS: dict[str, Callable[[int, np.random.Generator], Samples]] = {
    "digital silence": silence,
    "white noise -60 dB": white(-60),
    "white noise -40 dB": white(-40),
    "white noise -20 dB": white(-20),
    "pink noise -40 dB": pink(-40),
    "pink noise -20 dB": pink(-20),
    "chords": chords,
    "arpeggios": arpeggios,
    "dial tone": dial_tone,
    "ringback": ringback,
    "telephone keys": dtmf,
    "breathing": breathing,
}


def _times(length: int) -> np.ndarray:
    return np.arange(length) / SAMPLE_RATE


def _at(samples: np.ndarray, level_db: float) -> Samples:
    scaled = samples * (10 ** (level_db / 20) / np.sqrt(np.square(samples).mean()))
    return np.clip(scaled, -1, 1).astype(np.float32)


def _tones(length: int, frequencies: list[float]) -> np.ndarray:
    return np.sum([np.sin(2 * np.pi * frequency * _times(length)) for frequency in frequencies], axis=0)


def _coloured(length: int, random: np.random.Generator, gain: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Noise with a spectrum, in stretches of a minute that fade into one another so that no seam is heard."""
    stretch, fade = 60 * SAMPLE_RATE, SAMPLE_RATE // 10
    ramp = np.sin(np.linspace(0, np.pi / 2, fade))
    whole = np.zeros(length + stretch + fade)
    for start in range(0, length, stretch):
        frequency = np.fft.rfftfreq(stretch + fade, 1 / SAMPLE_RATE)
        shape = np.zeros_like(frequency)
        shape[1:] = gain(frequency[1:])
        part = np.fft.irfft(np.fft.rfft(random.standard_normal(stretch + fade)) * shape, stretch + fade)
        part[:fade] *= ramp
        part[-fade:] *= ramp[::-1]
        whole[start : start + stretch + fade] += part
    return whole[:length]


def _music(length: int, random: np.random.Generator, *, seconds: float, notes: int, step: float) -> Samples:
    """Play groups of notes from a pentatonic scale; ``step`` seconds between the notes of a group (0: a chord)."""
    scale = 220 * 2 ** (np.array([0, 2, 4, 7, 9, 12, 14, 16, 19, 21]) / 12)
    span = round(seconds * SAMPLE_RATE)
    ring = span * 2
    time = _times(ring)
    envelope = np.minimum(time / 0.02, 1) * np.exp(-2.5 * time / seconds)
    whole = np.zeros(length + 2 * ring)
    for start in range(0, length, span):
        for number, pitch in enumerate(random.choice(scale, notes, replace=False)):
            wobble = 1 + 0.003 * np.sin(2 * np.pi * 5 * time)
            phase = 2 * np.pi * pitch * np.cumsum(wobble) / SAMPLE_RATE
            note = sum(np.sin(harmonic * phase) / harmonic**1.5 for harmonic in range(1, 6)) * envelope
            at = start + round(number * step * SAMPLE_RATE)
            whole[at : at + ring] += note
    return _at(whole[:length], -20)


if __name__ == "__main__":
    main()
