"""The spectrogram that the Whisper weights were trained with."""

from __future__ import annotations

from functools import cache
from typing import cast

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from panglot.errors import AudioFormatError, OptionError
from panglot.units import SAMPLE_RATE

Samples = NDArray[np.float32]
Mel = NDArray[np.float32]

WINDOW = SAMPLE_RATE * 25 // 1000
"""Samples in one frame: 25 ms."""
HOP = SAMPLE_RATE * 10 // 1000
"""Samples from one frame to the next: 10 ms."""
FRAMES_PER_SECOND = SAMPLE_RATE // HOP
_FLOOR = 1e-10
_DYNAMIC_RANGE = 8.0


def log_mel(samples: Samples, *, mel_bands: int = 80, frames: int | None = None) -> Mel:
    """Log-mel spectrogram on the scale the Whisper weights were trained with.

    Parameters
    ----------
    samples
        Mono waveform at 16 kHz, shape ``(n,)``, float32, full scale 1.0.
    mel_bands
        Mel bands: 80, or 128 for large-v3.
    frames
        Columns to return. A shorter spectrogram is filled with 0.0 behind its last column, a longer one is cut.
        ``None``: as many as the samples give.

    Returns
    -------
    Mel
        Shape ``(mel_bands, frames)`` or ``(mel_bands, n // 160)``, float32: one column per 10 ms. Dimensionless; the
        largest and smallest value computed from samples differ by at most 2.

    Raises
    ------
    AudioFormatError
        If ``samples`` is not one row of float32 or is empty.
    OptionError
        If ``mel_bands`` or ``frames`` is less than 1.

    Notes
    -----
    Source: Radford et al. 2022, arXiv:2212.04356, section 2.2. The frames are centred: the signal is reflected at both
    ends. Filling the spectrogram with 0.0 rather than the samples with silence is what lets a short context stand for
    a longer one without repeated text. Agreement with a peer within 1e-4: ``tests/contract/test_log_mel.py``.

    Examples
    --------
    >>> log_mel(np.zeros(16_000, np.float32)).shape
    (80, 100)
    >>> log_mel(np.zeros(16_000, np.float32), frames=1600).shape
    (80, 1600)
    """
    if samples.ndim != 1 or samples.dtype != np.float32 or not samples.size:
        raise AudioFormatError(
            f"samples have shape {samples.shape} and type {samples.dtype}; a spectrogram needs (n,) float32, n > 0."
        )
    if mel_bands < 1 or (frames is not None and frames < 1):
        raise OptionError(f"mel_bands is {mel_bands} and frames is {frames}; both must be at least 1.")
    mel = _compute(samples, mel_bands)
    return mel if frames is None else _fit(mel, frames)


def _compute(samples: Samples, mel_bands: int) -> Mel:
    power = _power(samples)
    # Band by band instead of one matrix product: a band has few bins, and what a threaded product rounds to would
    # depend on how many threads the rest of the process leaves it.
    mel = np.stack([(weights * power[bins]).sum(axis=0) for bins, weights in _bands(mel_bands)])
    np.maximum(mel, np.float32(_FLOOR), out=mel)
    np.log10(mel, out=mel)
    if mel.size:
        np.maximum(mel, mel.max() - np.float32(_DYNAMIC_RANGE), out=mel)
    mel += np.float32(4.0)
    mel *= np.float32(0.25)
    return mel


def _power(samples: Samples) -> NDArray[np.float32]:
    """Squared magnitude, shape ``(201, n // 160)``."""
    padded = np.pad(samples, WINDOW // 2, mode="reflect" if samples.size > WINDOW // 2 else "symmetric")
    windows = sliding_window_view(padded, WINDOW)[::HOP][: samples.size // HOP]
    spectrum = cast("NDArray[np.complex64]", np.fft.rfft(windows * _hann(), axis=1))
    return (spectrum.real**2 + spectrum.imag**2).T


def _fit(mel: Mel, frames: int) -> Mel:
    fitted = np.zeros((mel.shape[0], frames), np.float32)
    count = min(frames, mel.shape[1])
    fitted[:, :count] = mel[:, :count]
    return fitted


@cache
def _hann() -> Samples:
    """Periodic Hann window."""
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


@cache
def _bands(bands: int) -> list[tuple[slice, Samples]]:
    """Bins that each band hears, and their weights in a column."""
    rows: list[tuple[slice, Samples]] = []
    for row in mel_filters(bands):
        heard = np.flatnonzero(row)
        bins = slice(int(heard[0]), int(heard[-1]) + 1) if heard.size else slice(0, 0)
        rows.append((bins, row[bins, None]))
    return rows


@cache
def mel_filters(bands: int) -> NDArray[np.float32]:
    """Triangular filters on the mel scale of Slaney's Auditory Toolbox (1998), each of unit area in Hz.

    Parameters
    ----------
    bands
        Number of filters: 80 or 128 for the models.

    Returns
    -------
    NDArray[np.float32]
        Shape ``(bands, 201)``: weight of every frequency from 0 to 8 kHz in every band.
    """
    nyquist = SAMPLE_RATE / 2
    frequencies = np.linspace(0.0, nyquist, WINDOW // 2 + 1)
    corners = _mel_to_hz(np.linspace(0.0, _hz_to_mel(nyquist), bands + 2))
    widths = np.diff(corners)
    rising = (frequencies - corners[:-2, None]) / widths[:-1, None]
    falling = (corners[2:, None] - frequencies) / widths[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return (triangles * (2.0 / (corners[2:] - corners[:-2]))[:, None]).astype(np.float32)


_LINEAR_HZ_PER_MEL = 200.0 / 3.0
_BREAK_HZ = 1000.0
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0
"""Above 1 kHz the scale is logarithmic: 27 mels from 1 to 6.4 kHz."""


def _hz_to_mel(frequency: float) -> float:
    if frequency < _BREAK_HZ:
        return frequency / _LINEAR_HZ_PER_MEL
    return float(_BREAK_MEL + np.log(frequency / _BREAK_HZ) / _LOG_STEP)


def _mel_to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = mels * _LINEAR_HZ_PER_MEL
    logarithmic = _BREAK_HZ * np.exp(_LOG_STEP * (mels - _BREAK_MEL))
    return np.where(mels < _BREAK_MEL, linear, logarithmic)
