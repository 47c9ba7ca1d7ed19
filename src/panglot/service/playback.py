"""The copy of a recording that a browser plays: small, of one channel, and seekable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from panglot.errors import NotFoundError, OutputError
from panglot.service.platform import Platform
from panglot.service.waveform import Peaks
from panglot.storage.records import TranscriptRow
from panglot.units import SAMPLE_RATE, Seconds, to_samples

MEDIA_TYPE: Final = "audio/webm"
PLAYBACK: Final = "playback.webm"
_WAVEFORM: Final = "waveform.bin"
_RATE: Final = 32_000
_BLOCK: Final = 30 * SAMPLE_RATE
_OPTIONS: Final = {"application": "lowdelay", "compression_level": "0", "frame_duration": "20"}
"""The codec's transform alone, which takes a fraction of the time that its model of speech does."""


class PlaybackWriter:
    """Writes the copy and its waveform, block by block.

    Parameters
    ----------
    path
        Where to write.
    offset
        Seconds of silence at the beginning: what was left out of the recording there.
    """

    def __init__(self, path: Path, *, offset: Seconds = 0.0) -> None:
        self._path = path
        self._peaks = Peaks()
        self._position = 0
        self._container: Any = None
        self._stream: Any = None
        self._open()
        silence = to_samples(offset)
        while silence > 0:
            self.write(np.zeros((1, min(silence, _BLOCK)), dtype=np.float32))
            silence -= _BLOCK

    def write(self, samples: NDArray[np.float32]) -> None:
        """Add samples at 16 kHz, full scale 1.0, shape ``(channels, n)``; channels are mixed."""
        mono: NDArray[np.float32] = samples.mean(axis=0, dtype=np.float32)
        self._peaks.add(mono)
        for start in range(0, len(mono), _BLOCK):
            self._encode(mono[start : start + _BLOCK])

    def finish(self) -> bytes:
        """End the file; return the peaks of the waveform."""
        self._guarded(lambda: self._container.mux(self._stream.encode(None)))
        self.close()
        return self._peaks.finish()

    def close(self) -> None:
        """Close the file, complete or not."""
        container, self._container = self._container, None
        if container is not None:
            self._guarded(container.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def _open(self) -> None:
        import av

        library: Any = av
        self._library = library
        self._container = self._guarded(lambda: library.open(os.fspath(self._path), "w", format="webm"))
        self._stream = self._container.add_stream(
            "libopus", rate=SAMPLE_RATE, layout="mono", bit_rate=_RATE, options=dict(_OPTIONS)
        )

    def _encode(self, mono: NDArray[np.float32]) -> None:
        whole = np.rint(np.clip(mono, -1.0, 1.0) * 32767.0).astype(np.int16)
        frame = self._library.AudioFrame.from_ndarray(whole.reshape(1, -1), format="s16", layout="mono")
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
                f"'{self._path}' cannot be written: {error}. Make room, or choose another place."
            ) from error


def waveform_key(playback_key: str) -> str:
    """Name of the blob with the waveform of a copy."""
    return f"{playback_key.removesuffix(PLAYBACK)}{_WAVEFORM}"


def is_playable(row: TranscriptRow) -> bool:
    """Whether there is a copy to play."""
    return row.playback_key is not None and row.status != "error" and not row.deleted


def playback_size(platform: Platform, row: TranscriptRow) -> int:
    """Return the bytes of the copy to play, or raise a `NotFoundError`."""
    return platform.blobs.size(_key(row))


def playback_range(platform: Platform, row: TranscriptRow, *, start: int, end: int) -> Iterator[bytes]:
    """Yield part of the copy to play, at most a megabyte at once."""
    return platform.blobs.parts(_key(row), start=start, end=end)


def waveform(platform: Platform, row: TranscriptRow) -> bytes:
    """Return the waveform of a recording, or raise a `NotFoundError`."""
    return platform.blobs.get(waveform_key(_key(row)))


def erase_playback(platform: Platform, row: TranscriptRow) -> None:
    """Erase the copy to play and its waveform; the transcript stays."""
    if row.playback_key is not None:
        platform.blobs.delete(row.playback_key)
        platform.blobs.delete(waveform_key(row.playback_key))
        platform.recordings.forget_playback(row.id)


def _key(row: TranscriptRow) -> str:
    if row.playback_key is None or not is_playable(row):
        raise NotFoundError("The sound of this recording is not kept.")
    return row.playback_key
