"""Writes the copy of a recording that a browser plays: seekable, of one channel, and small where it is long."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from panglot.audio.wav import to_pcm, write_wav
from panglot.errors import OutputError
from panglot.service.waveform import Peaks
from panglot.units import SAMPLE_RATE, Seconds, to_samples

_SHORT: Final = 180 * SAMPLE_RATE
"""Up to here a copy is left as it is, 32 kB a second: to encode it costs as much as one part in forty of the work."""
_RATE: Final = 32_000
_BLOCK: Final = 30 * SAMPLE_RATE
_OPTIONS: Final = {"application": "lowdelay", "compression_level": "0", "frame_duration": "20"}
"""The codec's transform alone, which takes a fraction of the time that its model of speech does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy to play."""

    path: Path
    peaks: bytes
    """Of its waveform."""


class PlaybackWriter:
    """Writes the copy and its waveform, block by block.

    Parameters
    ----------
    folder
        Where to write.
    offset
        Seconds of silence at the beginning: what was left out of the recording there.
    """

    def __init__(self, folder: Path, *, offset: Seconds = 0.0) -> None:
        self._folder = folder
        self._peaks = Peaks()
        self._waiting: list[NDArray[np.float32]] = []
        self._encoder: _Encoder | None = None
        silence = to_samples(offset)
        while silence > 0:
            self.write(np.zeros((1, min(silence, _BLOCK)), dtype=np.float32))
            silence -= _BLOCK

    def write(self, samples: NDArray[np.float32]) -> None:
        """Add samples at 16 kHz, full scale 1.0, shape ``(channels, n)``; channels are mixed."""
        mono: NDArray[np.float32] = samples.mean(axis=0, dtype=np.float32)
        self._peaks.add(mono)
        self._waiting.append(mono)
        if self._encoder is None and sum(map(len, self._waiting)) > _SHORT:
            self._encoder = _Encoder(self._folder / "playback.webm")
        if self._encoder is not None:
            for waiting in self._waiting:
                self._encoder.write(waiting)
            self._waiting = []

    def finish(self) -> Copy:
        """End the file."""
        if self._encoder is not None:
            self._encoder.finish()
            return Copy(path=self._encoder.path, peaks=self._peaks.finish())
        path = self._folder / "playback.wav"
        write_wav(path, np.concatenate([np.zeros(0, np.float32), *self._waiting])[None])
        return Copy(path=path, peaks=self._peaks.finish())

    def close(self) -> None:
        """Close the file, complete or not."""
        if self._encoder is not None:
            self._encoder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()


class _Encoder:
    """Opus in WebM."""

    def __init__(self, path: Path) -> None:
        import av

        self.path = path
        self._library: Any = av
        self._position = 0
        self._container: Any = self._guarded(lambda: self._library.open(os.fspath(path), "w", format="webm"))
        self._stream: Any = self._container.add_stream(
            "libopus", rate=SAMPLE_RATE, layout="mono", bit_rate=_RATE, options=dict(_OPTIONS)
        )

    def write(self, mono: NDArray[np.float32]) -> None:
        for start in range(0, len(mono), _BLOCK):
            self._encode(mono[start : start + _BLOCK])

    def finish(self) -> None:
        self._guarded(lambda: self._container.mux(self._stream.encode(None)))
        self.close()

    def close(self) -> None:
        container, self._container = self._container, None
        if container is not None:
            self._guarded(container.close)

    def _encode(self, mono: NDArray[np.float32]) -> None:
        frame = self._library.AudioFrame.from_ndarray(to_pcm(mono).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self._position
        frame.time_base = Fraction(1, SAMPLE_RATE)
        self._position += len(mono)
        self._guarded(lambda: self._container.mux(self._stream.encode(frame)))

    def _guarded(self, act: Any) -> Any:
        try:
            return act()
        except (self._library.error.FFmpegError, OSError) as error:
            raise OutputError(
                f"'{self.path}' cannot be written: {error}. Make room, or choose another place."
            ) from error
