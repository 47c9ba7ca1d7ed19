"""Changes to recordings that leave the words as they are, so that a model does not lean on how they sound.

Every choice comes from the generator given: the same generator makes the same change.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panglot.audio import open_audio
from panglot.errors import OptionError
from panglot.units import SAMPLE_RATE, Seconds, to_samples

Samples = NDArray[np.float32]
"""Mono at 16 kHz, shape ``(n,)``, full scale 1.0."""
Mel = NDArray[np.float32]
"""Log-mel spectrogram, shape ``(bands, frames)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Noise under the speech: made here, anything from white to brown, or taken from a folder of recordings."""

    probability: float = 0.3
    snr: tuple[float, float] = (5.0, 25.0)
    """Lowest and highest ratio of the signal's power to the noise's, in dB."""
    folder: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverberation:
    """A room: an impulse response of noise that decays exponentially."""

    probability: float = 0.2
    decay: tuple[Seconds, Seconds] = (0.1, 0.6)
    """Shortest and longest time in which the echo falls by 60 dB."""
    level: tuple[float, float] = (-12.0, 0.0)
    """Power of the echo against the direct sound, in dB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecAugment:
    """Masked stretches of time and frequency (Park et al. 2019, arXiv:1904.08779, section 2)."""

    probability: float = 0.5
    frequency_masks: int = 2
    widest_band: int = 15
    """Most mel bands under one mask."""
    time_masks: int = 2
    longest: Seconds = 0.5
    share: float = 0.1
    """Most of the sample under one mask in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Augment:
    """What is varied; None or nothing switches a part off.

    Parameters
    ----------
    speed
        Factors to choose from (Ko et al. 2015, "Audio augmentation for speech recognition": tempo and pitch together).
    noise
        Added noise.
    reverberation
        Echo of a room.
    spec_augment
        Masks on the spectrogram.
    """

    speed: tuple[float, ...] = (0.9, 1.0, 1.1)
    noise: Noise | None = Noise()
    reverberation: Reverberation | None = Reverberation()
    spec_augment: SpecAugment | None = SpecAugment()

    def vary(self, samples: Samples, random: np.random.Generator, *, longest: Seconds) -> Samples:
        """Vary a recording.

        Parameters
        ----------
        samples
            Mono at 16 kHz, shape ``(n,)``.
        random
            Where choices come from.
        longest
            Seconds that a slowed recording may have; one that would be longer keeps its speed.

        Returns
        -------
        Samples
            Shape ``(m,)``, within full scale.
        """
        if self.speed:
            factor = float(random.choice(self.speed))
            if len(samples) / factor <= to_samples(longest):
                samples = change_speed(samples, factor)
        if self.reverberation is not None and random.random() < self.reverberation.probability:
            samples = _reverberate(samples, self.reverberation, random)
        if self.noise is not None and random.random() < self.noise.probability:
            samples = _add_noise(samples, self.noise, random)
        peak = float(np.abs(samples).max(initial=0.0))
        return samples / np.float32(peak) if peak > 1.0 else samples

    def mask(self, mel: Mel, random: np.random.Generator) -> Mel:
        """Mask a spectrogram; returns a new one of the same shape, with 0 under the masks."""
        how = self.spec_augment
        if how is None or random.random() >= how.probability:
            return mel
        masked = mel.copy()
        bands, frames = mel.shape
        for _ in range(how.frequency_masks):
            width = int(random.integers(how.widest_band + 1))
            first = int(random.integers(max(1, bands - width)))
            masked[first : first + width] = 0.0
        longest = min(round(how.longest * 100), round(how.share * frames))
        for _ in range(how.time_masks):
            width = int(random.integers(longest + 1))
            first = int(random.integers(max(1, frames - width)))
            masked[:, first : first + width] = 0.0
        return masked


def change_speed(samples: Samples, factor: float) -> Samples:
    """Play faster (above 1) or slower: the result has ``n / factor`` samples."""
    if factor == 1.0:
        return samples
    from scipy import signal  # pyright: ignore[reportMissingTypeStubs]

    resample: Any = signal.resample_poly  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    ratio = Fraction(factor).limit_denominator(100)
    return np.asarray(resample(samples, ratio.denominator, ratio.numerator), np.float32)


def _reverberate(samples: Samples, how: Reverberation, random: np.random.Generator) -> Samples:
    decay = random.uniform(*how.decay)
    times = np.arange(1, to_samples(decay)) / SAMPLE_RATE
    echo = random.standard_normal(len(times)) * 10 ** (-3 * times / decay)
    echo *= np.sqrt(10 ** (random.uniform(*how.level) / 10) / np.square(echo).sum())
    response = np.concatenate([[1.0], echo])
    size = 1 << (len(samples) + len(response) - 2).bit_length()
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)[: len(samples)]
    return (wet * (_level(samples) / max(_level(wet), 1e-9))).astype(np.float32)


def _add_noise(samples: Samples, how: Noise, random: np.random.Generator) -> Samples:
    noise = _coloured(len(samples), random) if how.folder is None else _recorded(how.folder, len(samples), random)
    gain = _level(samples) * 10 ** (-random.uniform(*how.snr) / 20) / max(_level(noise), 1e-9)
    return samples + (gain * noise).astype(np.float32)


def _coloured(length: int, random: np.random.Generator) -> NDArray[np.floating[Any]]:
    """Noise whose power falls with a random power of the frequency: 0 is white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(random.standard_normal(length))
    bins = np.maximum(np.arange(len(spectrum)), 1)
    return np.fft.irfft(spectrum * bins ** (-random.uniform(0.0, 2.0) / 2), length)


def _recorded(folder: Path, length: int, random: np.random.Generator) -> Samples:
    files = _noise_files(folder)
    noise = _noise(files[int(random.integers(len(files)))])
    first = int(random.integers(len(noise)))
    return np.resize(np.roll(noise, -first), length)


@cache
def _noise_files(folder: Path) -> list[Path]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    if not files:
        raise OptionError(f"'{folder}' holds no recordings of noise. Put some there, or leave the folder out.")
    return files


@cache
def _noise(path: Path) -> Samples:
    with open_audio(path) as stream:
        return np.concatenate([block[0] for block in stream])


def _level(samples: NDArray[Any]) -> float:
    return float(np.sqrt(np.square(samples, dtype=np.float64).mean()))
