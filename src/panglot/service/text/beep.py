"""Covering stretches of a recording with a tone or with silence, and writing what comes of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from panglot.errors import OutputError
from panglot.units import SAMPLE_RATE, Seconds

Samples = NDArray[np.float32]

_TONE = 1000.0
_LOUDNESS = 0.2
_EDGE: Seconds = 0.005
"""Time in which the recording fades out before a stretch, and in again after it."""
_MP3_RATE = 64_000
_CHANNELS = {1: "mono", 2: "stereo"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredSpan:
    """A stretch of which nothing may be heard."""

    start: Seconds
    end: Seconds
    channel: int | None = None
    """Number of the channel from 1; None for all."""


def cover(
    blocks: Iterable[Samples], spans: Sequence[CoveredSpan], *, silence: bool = False, offset: Seconds = 0.0
) -> Iterator[Samples]:
    """Cover stretches of a recording, block by block.

    Parameters
    ----------
    blocks
        Shape ``(channels, n)`` each, 16 kHz, full scale 1.0.
    spans
        On the recording's time line, in any order; they may overlap.
    silence
        Silence instead of a tone of 1 kHz.
    offset
        Time of the first sample on the recording's time line.

    Yields
    ------
    array
        Each block, covered; the same one where nothing of it is to be covered.
    """
    first = round(offset * SAMPLE_RATE)
    for block in blocks:
        times: NDArray[np.float64] = np.arange(first, first + block.shape[1], dtype=np.float64) / float(SAMPLE_RATE)
        first += block.shape[1]
        yield _covered(block, times, spans, loudness=0.0 if silence else _LOUDNESS)


def _covered(block: Samples, times: NDArray[np.float64], spans: Sequence[CoveredSpan], *, loudness: float) -> Samples:
    if not len(times):
        return block
    near = [span for span in spans if span.start - _EDGE <= times[-1] and span.end + _EDGE >= times[0]]
    if not near:
        return block
    weight = np.zeros(block.shape)
    for span in near:
        own = np.clip(np.minimum(times - span.start, span.end - times) / _EDGE + 1.0, 0.0, 1.0)
        rows = slice(None) if span.channel is None or block.shape[0] == 1 else slice(span.channel - 1, span.channel)
        weight[rows] = np.maximum(weight[rows], own)
    tone = loudness * np.sin(2 * np.pi * _TONE * times)
    return (block * (1.0 - weight) + tone * weight).astype(np.float32)


def write_audio(path: str | os.PathLike[str], blocks: Iterable[Samples], *, format: Literal["mp3", "wav"]) -> None:  # noqa: A002
    """Write blocks of samples as a file, in bounded memory.

    Parameters
    ----------
    path
        Where to write; an existing file is replaced.
    blocks
        Shape ``(channels, n)`` each, 16 kHz, full scale 1.0. What is louder is clipped; more than two channels are
        mixed to one. No blocks make a file of no sound.
    format
        ``mp3`` with 64 kbit/s, or ``wav`` with 16 bits.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    import av

    library: Any = av
    try:
        with library.open(os.fspath(path), "w", format=format) as container:
            _encode(library, container, blocks, format)
    except (library.error.FFmpegError, OSError) as error:
        raise OutputError(
            f"'{os.fspath(path)}' cannot be written: {error}. Make room, or choose another place."
        ) from error


def _encode(library: Any, container: Any, blocks: Iterable[Samples], format_name: str) -> None:
    stream: Any = None
    position = 0
    for block in blocks:
        shown = block if block.shape[0] in _CHANNELS else block.mean(axis=0, keepdims=True)
        stream = stream or _stream(container, format_name, _CHANNELS[shown.shape[0]])
        if not shown.shape[1]:
            continue
        frame = _frame(library, shown, position)
        position += shown.shape[1]
        container.mux(stream.encode(frame))
    if stream is None:
        stream = _stream(container, format_name, "mono")
        container.start_encoding()
    container.mux(stream.encode(None))


def _stream(container: Any, format_name: str, layout: str) -> Any:
    if format_name == "mp3":
        return container.add_stream("libmp3lame", rate=SAMPLE_RATE, layout=layout, bit_rate=_MP3_RATE)
    return container.add_stream("pcm_s16le", rate=SAMPLE_RATE, layout=layout)


def _frame(library: Any, block: Samples, position: int) -> Any:
    whole = np.rint(np.clip(block, -1.0, 1.0) * 32767.0).astype(np.int16)
    frame = library.AudioFrame.from_ndarray(
        np.ascontiguousarray(whole.T).reshape(1, -1), format="s16", layout=_CHANNELS[block.shape[0]]
    )
    frame.sample_rate = SAMPLE_RATE
    frame.pts = position
    frame.time_base = Fraction(1, SAMPLE_RATE)
    return frame
