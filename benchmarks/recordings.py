"""Small valid recordings of many formats, made in memory: for the fuzz run and the tests."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

import av
import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A container, the codec in it, and the rate and channels to try."""

    suffix: str
    container: str
    codec: str
    rate: int
    layout: str = "mono"

    @property
    def name(self) -> str:
        """Words that tell one kind from another."""
        return f"{self.container}-{self.codec}-{self.rate}-{self.layout}"

    @property
    def channels(self) -> int:
        """Number of channels."""
        return {"mono": 1, "stereo": 2, "5.1": 6, "7.1": 8}[self.layout]


KINDS = (
    *(
        Kind(suffix="wav", container="wav", codec=codec, rate=rate, layout=layout)
        for codec, rate, layout in (
            ("pcm_u8", 8_000, "mono"),
            ("pcm_s16le", 16_000, "mono"),
            ("pcm_s16le", 44_100, "stereo"),
            ("pcm_s24le", 96_000, "mono"),
            ("pcm_s32le", 48_000, "stereo"),
            ("pcm_f32le", 22_050, "mono"),
            ("pcm_f64le", 11_025, "mono"),
            ("pcm_s16le", 48_000, "5.1"),
            ("pcm_mulaw", 8_000, "mono"),
            ("pcm_alaw", 8_000, "stereo"),
            ("adpcm_ms", 22_050, "mono"),
        )
    ),
    Kind(suffix="flac", container="flac", codec="flac", rate=44_100, layout="stereo"),
    Kind(suffix="flac", container="flac", codec="flac", rate=8_000),
    Kind(suffix="flac", container="flac", codec="flac", rate=48_000, layout="7.1"),
    Kind(suffix="mp3", container="mp3", codec="libmp3lame", rate=44_100, layout="stereo"),
    Kind(suffix="mp3", container="mp3", codec="libmp3lame", rate=16_000),
    Kind(suffix="m4a", container="ipod", codec="aac", rate=44_100),
    Kind(suffix="m4a", container="ipod", codec="alac", rate=44_100),
    Kind(suffix="mp4", container="mp4", codec="aac", rate=48_000, layout="stereo"),
    Kind(suffix="mp4", container="mp4", codec="aac", rate=48_000, layout="7.1"),
    Kind(suffix="aac", container="adts", codec="aac", rate=24_000),
    Kind(suffix="ogg", container="ogg", codec="libopus", rate=48_000),
    Kind(suffix="ogg", container="ogg", codec="vorbis", rate=44_100, layout="stereo"),
    Kind(suffix="oga", container="ogg", codec="flac", rate=16_000),
    Kind(suffix="webm", container="webm", codec="libopus", rate=48_000, layout="stereo"),
    Kind(suffix="mkv", container="matroska", codec="aac", rate=48_000),
    Kind(suffix="mkv", container="matroska", codec="flac", rate=32_000),
    Kind(suffix="aiff", container="aiff", codec="pcm_s16be", rate=22_050),
    Kind(suffix="amr", container="amr", codec="libopencore_amrnb", rate=8_000),
    Kind(suffix="caf", container="caf", codec="alac", rate=44_100),
    Kind(suffix="au", container="au", codec="pcm_mulaw", rate=8_000),
    Kind(suffix="w64", container="w64", codec="pcm_s24le", rate=48_000),
    Kind(suffix="ts", container="mpegts", codec="aac", rate=48_000),
    Kind(suffix="flv", container="flv", codec="aac", rate=44_100),
    Kind(suffix="avi", container="avi", codec="libmp3lame", rate=44_100),
    Kind(suffix="ac3", container="ac3", codec="ac3", rate=48_000),
    Kind(suffix="tta", container="tta", codec="tta", rate=44_100),
    Kind(suffix="wv", container="wv", codec="wavpack", rate=44_100),
)


def tone(seconds: float, rate: int, *, frequency: float = 440.0, channels: int = 1) -> np.ndarray:
    """Sine at amplitude 0.5 that swells and falls once, shape ``(channels, n)``; each channel an octave higher."""
    time = np.arange(round(seconds * rate)) / rate
    swell = np.sin(np.pi * time / seconds) ** 2
    return np.stack([0.5 * swell * np.sin(2 * np.pi * frequency * 2**c * time) for c in range(channels)]).astype("f4")


def sweep(seconds: float, rate: int, *, channels: int = 1) -> np.ndarray:
    """Rising tone that trembles, shape ``(channels, n)``, the same on all channels: shows any shift in time."""
    time = np.arange(round(seconds * rate)) / rate
    tremble = 0.6 + 0.4 * np.sin(6 * np.pi * time)
    rising = 0.4 * tremble * np.sin(2 * np.pi * (300 * time + 600 * time**2 / seconds))
    return np.repeat(rising[None], channels, axis=0).astype("f4")


def encode(
    kind: Kind,
    samples: np.ndarray,
    *,
    picture: bool = False,
    seekable: bool = True,
    without: tuple[float, float] = (0.0, 0.0),
) -> bytes:
    """File of a kind with these samples.

    Parameters
    ----------
    kind
        Container, codec, rate and layout.
    samples
        Shape ``(channels, n)``, full scale 1.0.
    picture
        Add a video track before the sound.
    seekable
        ``False``: write as to a pipe, so that the header cannot be completed at the end.
    without
        Range in seconds of which nothing is written, as if it had been lost on the way.

    Returns
    -------
    bytes
        The file.
    """
    file = io.BytesIO()
    with av.open(file if seekable else _Pipe(file), "w", format=kind.container) as output:
        video = output.add_stream("mpeg4", rate=10) if picture else None
        stream = output.add_stream(kind.codec, rate=kind.rate, layout=kind.layout, options={"strict": "experimental"})
        if video is not None:
            _draw(output, video, seconds=samples.shape[1] / kind.rate)
        context = stream.codec_context
        source = av.AudioFrame.from_ndarray(samples.T.reshape(1, -1), format="flt", layout=kind.layout)
        source.sample_rate, source.pts = kind.rate, 0
        shaper = av.AudioResampler(
            format=context.format.name, layout=kind.layout, rate=kind.rate, frame_size=context.frame_size or None
        )
        for frame in [*shaper.resample(source), *shaper.resample(None), None]:
            for packet in stream.encode(frame):
                if not without[0] <= float(packet.pts * packet.time_base) < without[1]:
                    output.mux(packet)
    return file.getvalue()


class _Pipe:
    """A file that can only be written to."""

    def __init__(self, file: io.BytesIO) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        return self._file.write(data)


def film(seconds: float) -> bytes:
    """MP4 video without sound."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        _draw(output, output.add_stream("mpeg4", rate=10), seconds=seconds)
    return file.getvalue()


def _draw(output: av.container.OutputContainer, stream: av.VideoStream, *, seconds: float) -> None:
    stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
    for index in range(round(seconds * 10)):
        frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), index * 8 % 256, np.uint8), format="rgb24")
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def wav(
    data: bytes = b"", *, channels: int = 1, rate: int = 16_000, bits: int = 16, code: int = 1, size: int | None = None
) -> bytes:
    """WAV file with any header, also an impossible one; ``size`` is what it declares as the length of its data."""
    align = channels * bits // 8
    header = struct.pack("<IHHIIHH", 16, code, channels, rate, rate * align % 2**32, align % 2**16, bits)
    declared = len(data) if size is None else size
    return (
        b"RIFF"
        + struct.pack("<I", (36 + declared) % 2**32)
        + b"WAVEfmt "
        + header
        + (b"data" + struct.pack("<I", declared) + data)
    )
