"""Kaldi's log-mel filter bank, the features that the speaker network was trained with.

Source: the definition of ``compute-fbank-feats`` (Povey et al. 2011, "The Kaldi speech recognition toolkit") with the
settings of Wang et al. 2023, arXiv:2210.17016: 80 bands, 25 ms every 10 ms, Hamming window, no dither.
"""

from __future__ import annotations

from functools import cache
from typing import cast

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from panglot.units import SAMPLE_RATE

Samples = NDArray[np.float32]
Features = NDArray[np.float32]

WINDOW = SAMPLE_RATE * 25 // 1000
"""Samples in one frame: 25 ms."""
HOP = SAMPLE_RATE * 10 // 1000
"""Samples from one frame to the next: 10 ms."""
BANDS = 80
NOTHING = 0.0
"""Loudest band of a frame, up to which 16 bits hold no sound: rounding to them alone makes 6."""

_FFT = 512
_FULL_SCALE = 32768.0
_PREEMPHASIS = 0.97
_LOWEST_HZ = 20.0


def log_mel_bank(samples: Samples) -> Features:
    """Logarithm of the energy in 80 bands on Kaldi's mel scale.

    Only whole frames are returned, so frame ``i`` is computed from ``samples[160 * i : 160 * i + 400]`` alone.

    Parameters
    ----------
    samples
        Mono waveform at 16 kHz, shape ``(n,)``, float32, full scale 1.0.

    Returns
    -------
    Features
        Shape ``(1 + (n - 400) // 160, 80)``, float32, natural logarithms; no rows where ``n < 400``.
    """
    if samples.size < WINDOW:
        return np.zeros((0, BANDS), np.float32)
    frames = sliding_window_view(samples, WINDOW)[::HOP] * np.float32(_FULL_SCALE)
    frames -= frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    frames -= np.float32(_PREEMPHASIS) * before
    spectrum = cast("NDArray[np.complex64]", np.fft.rfft(frames * _hamming(), n=_FFT, axis=1))
    power = np.ascontiguousarray((spectrum.real**2 + spectrum.imag**2).T)
    # Band by band instead of one matrix product, which would round differently on another number of threads.
    energies = np.stack([(weights * power[bins]).sum(axis=0) for bins, weights in _bands()], axis=1)
    return np.log(np.maximum(energies, np.finfo(np.float32).eps)).astype(np.float32)


@cache
def _hamming() -> Samples:
    """Symmetric Hamming window."""
    return (0.54 - 0.46 * np.cos(2.0 * np.pi * np.arange(WINDOW) / (WINDOW - 1))).astype(np.float32)


@cache
def _bands() -> list[tuple[slice, NDArray[np.float32]]]:
    """Bins that each band hears, and their weights in a column: triangles on the mel scale."""
    frequencies = np.arange(_FFT // 2, dtype=np.float64) * (SAMPLE_RATE / _FFT)
    mels = _mel(frequencies)
    lowest, highest = (float(_mel(np.array(hz))) for hz in (_LOWEST_HZ, SAMPLE_RATE / 2))
    corners = [lowest + (highest - lowest) * corner / (BANDS + 1) for corner in range(BANDS + 2)]
    bands: list[tuple[slice, NDArray[np.float32]]] = []
    for band in range(BANDS):
        left, centre, right = corners[band : band + 3]
        weights = np.minimum((mels - left) / (centre - left), (right - mels) / (right - centre)).clip(0.0)
        heard = np.flatnonzero(weights)
        bins = slice(int(heard[0]), int(heard[-1]) + 1)
        bands.append((bins, weights[bins, None].astype(np.float32)))
    return bands


def _mel(frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1127.0 * np.log(1.0 + frequencies / 700.0)
