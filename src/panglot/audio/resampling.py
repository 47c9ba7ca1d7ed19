"""Any rate → 16 kHz, by libswresample. Runs in the decoder process only."""

from __future__ import annotations

from contextlib import suppress
from typing import cast

import numpy as np
from av.audio.frame import AudioFrame
from av.filter import Graph

from panglot.audio.timeline import Samples
from panglot.units import SAMPLE_RATE


class SwrResampler:
    """Resampling by libswresample, one channel."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._graph = graph = Graph()
        graph.threads = 1  # else each channel would have its own threads
        source = graph.add("abuffer", sample_rate=str(rate), sample_fmt="fltp", channel_layout="mono")
        target = graph.add("aformat", sample_rates=str(SAMPLE_RATE), sample_fmts="fltp", channel_layouts="mono")
        graph.link_nodes(source, target, graph.add("abuffersink")).configure()

    def push(self, samples: Samples) -> Samples:
        """Shape ``(n,)`` at the input rate → what is certain so far at 16 kHz."""
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], format="fltp", layout="mono")
        frame.sample_rate = self._rate
        return self._run(frame)

    def flush(self) -> Samples:
        """Return what the filter still holds."""
        return self._run(None)

    def _run(self, frame: AudioFrame | None) -> Samples:
        self._graph.push(frame)
        parts = [np.zeros(0, np.float32)]
        with suppress(EOFError, BlockingIOError):  # all is pulled
            while True:
                parts.append(np.asarray(cast("AudioFrame", self._graph.pull()).to_ndarray()[0], np.float32))
        return np.concatenate(parts)


class Straight:
    """Stands in for a resampler where the rate is right already."""

    def push(self, samples: Samples) -> Samples:
        """Hand the samples on."""
        return samples

    def flush(self) -> Samples:
        """Nothing is held back."""
        return np.zeros(0, np.float32)


def make_resampler(rate: int) -> SwrResampler | Straight:
    """Resampler from a rate to 16 kHz."""
    return Straight() if rate == SAMPLE_RATE else SwrResampler(rate)
