"""Changes of a recording that should change nothing of who speaks when."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import av
import numpy as np
from common import Samples
from faster_whisper.audio import decode_audio

from panglot.units import SAMPLE_RATE, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The same recording, changed in a way that should change nothing."""

    name: str
    make: Callable[[Samples], Samples]
    cut: Seconds = 0.0
    """How much is missing at its start."""


def _head_off(seconds: Seconds, samples: Samples) -> Samples:
    return samples[round(seconds * SAMPLE_RATE) :]


def _quieter(decibel: float, samples: Samples) -> Samples:
    return samples * np.float32(10 ** (-decibel / 20))


def coded(codec: str, suffix: str, bit_rate: int, samples: Samples) -> Samples:
    """Encode and decode samples; what the codec puts in front is taken off again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"coded.{suffix}"
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=SAMPLE_RATE, layout="mono")
            stream.bit_rate = bit_rate
            for start in range(0, len(samples), SAMPLE_RATE):
                block = np.ascontiguousarray(samples[None, start : start + SAMPLE_RATE])
                frame = av.AudioFrame.from_ndarray(block, format="flt", layout="mono")
                frame.sample_rate = SAMPLE_RATE
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        back = decode_audio(str(path), sampling_rate=SAMPLE_RATE)
    late = delay(samples, back)
    aligned = np.zeros_like(samples)
    source = back[max(late, 0) :][: len(samples) - max(-late, 0)]
    aligned[max(-late, 0) :][: len(source)] = source
    return aligned


def delay(samples: Samples, back: Samples, *, at_most: int = SAMPLE_RATE // 4) -> int:
    """By how many samples the second comes later than the first, from half a minute of both."""
    length = min(len(samples), len(back), 30 * SAMPLE_RATE)
    size = 2 * length
    product = np.fft.rfft(back[:length], size) * np.conj(np.fft.rfft(samples[:length], size))
    likeness = np.fft.irfft(product, size)
    lags = np.arange(-at_most, at_most + 1)
    return int(lags[np.argmax(likeness[lags])])


VARIANTS = (
    Variant(name="again, unchanged", make=partial(_quieter, 0.0)),
    Variant(name="first 3.7 s cut off", make=partial(_head_off, 3.7), cut=3.7),
    Variant(name="first 31.3 s cut off", make=partial(_head_off, 31.3), cut=31.3),
    Variant(name="20 dB quieter", make=partial(_quieter, 20.0)),
    Variant(name="MP3, 64 kbit/s", make=partial(coded, "libmp3lame", "mp3", 64_000)),
    Variant(name="Opus, 24 kbit/s", make=partial(coded, "libopus", "ogg", 24_000)),
)
