"""A file on disk → decoded pieces with their times, by PyAV. Runs in the decoder process only.

FFmpeg reads through one open file and can open nothing else: every other address that a file names (a playlist, a
concatenation script, an external track) is refused, formats that are lists of addresses are not on the list of
formats, and only audio decoders are ever opened.
"""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import av
import av.logging
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.codec import UnknownCodecError
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Discard

from panglot.audio import signature
from panglot.audio.frames import Batch
from panglot.audio.protocol import AudioInfo, Request
from panglot.audio.timeline import Piece
from panglot.errors import AudioError, AudioFormatError, AudioLimitError
from panglot.units import Seconds

FORMATS = (
    "aac,aa,ac3,ac4,aiff,amr,amrnb,amrwb,ape,asf,asf_o,au,avi,caf,dsf,dts,dtshd,eac3,flac,flv,g722,g723_1,g729,gsm,iff,"
    "ilbc,loas,matroska,webm,mlp,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpc,mpc8,mpeg,mpegts,mxf,nut,ogg,oma,qcp,rm,sln,sox,tak,"
    "truehd,tta,voc,w64,wav,wtv,wv"
)
"""Containers that may be opened, by FFmpeg's names."""
COUNTED = frozenset({"wav", "w64", "mov", "matroska", "flac", "caf", "tta", "ape", "aiff", "wv", "asf"})
"""Containers whose declared length is counted, not guessed from a bit rate."""
SEEKABLE = frozenset({"wav", "w64", "aiff", "mov", "flac", "caf", "au"})
"""Containers in which a seek lands on an exact, known sample."""
RATES = (1_000, 1_000_000)
"""Lowest and highest sample rate accepted, in Hz."""
SEEK_FROM: Seconds = 60.0
"""A start later than this is sought, an earlier one is reached by decoding."""
_PRE_ROLL: Seconds = 3.0
_FAILURES_IN_A_ROW = 100
_READ_BYTES = 1 << 18


class Recording:
    """An open file and its audio track."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._file = _open_file(request)
        self.size = self._file.seek(0, io.SEEK_END)
        """Bytes of the file."""
        self._file.seek(0)
        self._head = self._file.read(signature.HEAD_BYTES)
        self._counted_mp3 = signature.declares_mp3_length(self._after_id3())
        self._file.seek(0)
        self.failures = 0
        """Packets that could not be read or decoded."""
        self.truncated = False
        """Whether the container says that data is missing at the end."""
        self._refuse_text()
        self._container = self._open_container()
        self._stream = self._choose_stream()
        self._check_parameters(self._stream.codec_context.sample_rate, self._stream.codec_context.channels)
        self.info = self._describe()

    def close(self) -> None:
        """Close the container and the file."""
        self._container.close()
        self._file.close()

    @property
    def counted(self) -> bool:
        """Whether the declared length can be held against the recording."""
        name = self.info.container
        if name == "mp3":
            return self._counted_mp3
        if name == "matroska" and len(self._container.streams) > 1:
            return False  # its length is that of the longest track, which may be the picture
        return name in COUNTED

    def seek(self) -> bool:
        """Go near the wanted start where that is exact; whether it was done."""
        start = self._request.start
        if start < SEEK_FROM or self.info.container not in SEEKABLE:
            return False
        try:
            offset = round((start - _PRE_ROLL + self._origin()) * av.time_base)
            self._container.seek(offset, backward=True)
        except Exception:  # whatever FFmpeg objects to: decoding from the start is always possible
            self._container.seek(0)
            return False
        return True

    def pieces(self, *, sought: bool) -> Iterator[Piece]:
        """Decode from where the container stands; after a seek, from the first piece whose time is known."""
        batch = Batch()
        origin = self._origin()
        unit = float(self._stream.time_base or 0)
        for frame in self._frames():
            time = None if frame.pts is None or not unit else frame.pts * unit - origin
            if not frame.samples or (sought and time is None):
                continue
            sought = False
            if not batch.takes(frame, time):
                yield batch.piece()
                batch = Batch()
            if not batch.frames:
                self._check_parameters(frame.sample_rate, frame.layout.nb_channels)
            batch.add(frame, time)
        if batch.frames:
            yield batch.piece()

    def _frames(self) -> Iterator[AudioFrame]:
        for packet in self._packets():
            if packet.size:  # not the empty one that ends the stream
                self.truncated = packet.is_corrupt
            try:
                frames = cast("Sequence[AudioFrame]", packet.decode())
            except Exception as error:  # PyAV raises what FFmpeg and Python find: ValueError, OverflowError, ...
                _refuse_memory(error)
                self.failures += 1
                continue
            yield from frames

    def _packets(self) -> Iterator[Packet[AudioStream]]:
        """All packets; a failed read is tried again behind it, as long as it leads anywhere."""
        row = 0
        while row < _FAILURES_IN_A_ROW:
            try:
                for packet in self._container.demux(self._stream):
                    row = 0
                    yield packet
                return
            except OSError as error:
                if isinstance(error, FFmpegError):
                    row += 1
                    self.failures += 1
                    continue
                raise AudioFormatError(f"'{self._request.name}' could not be read to its end: {error}") from error
            except Exception as error:
                _refuse_memory(error)
                row += 1
                self.failures += 1

    def _origin(self) -> Seconds:
        start = cast("int | None", self._container.start_time)
        return start / av.time_base if start is not None else 0.0

    def _open_container(self) -> InputContainer:
        options = {
            "format_whitelist": FORMATS,
            "protocol_whitelist": "none",
            "codec_whitelist": _audio_codecs(),
        }
        try:
            return av.open(
                self._file,
                "r",
                container_options=options,
                metadata_errors="replace",
                buffer_size=_READ_BYTES,
                io_open=_refuse_address,
            )
        except Exception as error:
            _refuse_memory(error)
            raise self._not_audio() from error

    def _choose_stream(self) -> AudioStream:
        for stream in self._container.streams:
            stream.discard = Discard.all
        usable: list[AudioStream] = [s for s in self._container.streams.audio if _has_decoder(s)]
        if not usable:
            raise self._no_track()
        chosen = next((s for s in usable if "default" in (s.disposition.name or "")), usable[0])
        chosen.discard = Discard.default
        chosen.codec_context.thread_count = 1
        return chosen

    def _check_parameters(self, rate: int, channels: int) -> None:
        name, limits = self._request.name, self._request.limits
        if not RATES[0] <= rate <= RATES[1]:
            raise AudioFormatError(
                f"'{name}' declares {rate} samples per second; {RATES[0]} to {RATES[1]} are possible. "
                "Its header is probably damaged: make the file again."
            )
        if channels < 1:
            raise AudioFormatError(f"'{name}' declares no channels. Its header is probably damaged.")
        if channels > limits.channels:
            raise AudioLimitError(
                f"'{name}' has {channels} channels; at most {limits.channels} are allowed. Export fewer channels."
            )

    def _describe(self) -> AudioInfo:
        context = self._stream.codec_context
        return AudioInfo(
            name=self._request.name,
            container=self._container.format.name.split(",")[0],
            codec=context.name,
            sample_rate=context.sample_rate,
            channels=context.channels,
            duration=self._declared(),
        )

    def _declared(self) -> Seconds | None:
        length, unit = self._stream.duration, self._stream.time_base
        if length is not None and unit is not None and length > 0:
            return float(length * unit)
        whole = self._container.duration
        return whole / av.time_base if whole is not None and whole > 0 else None

    def _after_id3(self) -> bytes:
        at = 0
        if self._head[:3] == b"ID3" and len(self._head) >= 10:
            at = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(self._head[6:10], (21, 14, 7, 0), strict=True))
        self._file.seek(at)
        return self._file.read(signature.HEAD_BYTES)

    def _refuse_text(self) -> None:
        if signature.is_text(self._head):
            raise self._not_audio()

    def _not_audio(self) -> AudioError:
        name, kind = self._request.name, signature.looks_like(self._head)
        if kind and kind.endswith("image"):
            return self._no_track()
        if kind:
            return AudioFormatError(f"'{name}' is not a recording: it looks like {kind}. Give an audio or video file.")
        header = signature.wav_header(self._head)
        if header is not None:
            self._check_wav(*header)
        if self._head[4:8] in (b"ftyp", b"moov", b"mdat"):
            return AudioFormatError(
                f"'{name}' is an MP4 file whose index (moov) is missing or damaged, so nothing can be read. "
                "It was probably cut off while recording or copying: fetch it again."
            )
        return AudioFormatError(
            f"'{name}' is not audio or video that can be read, or is damaged beyond use. "
            "Play it in a media player to check it, or convert it to WAV or FLAC."
        )

    def _check_wav(self, channels: int, rate: int) -> None:
        if channels == 0:
            raise AudioFormatError(f"'{self._request.name}' declares no channels. Its header is probably damaged.")
        self._check_parameters(rate, channels)

    def _no_track(self) -> AudioError:
        kind = signature.looks_like(self._head)
        what = f": it looks like {kind}" if kind else ""
        return AudioFormatError(
            f"'{self._request.name}' has no audio track that can be decoded{what}. Give a file with sound in it."
        )


def silence_log() -> None:
    """Keep FFmpeg's messages to itself."""
    av.logging.set_level(None)


def _open_file(request: Request) -> io.FileIO:
    try:
        file = io.FileIO(request.path)
    except OSError as error:
        raise AudioFormatError(f"'{request.name}' could not be opened: {error.strerror}") from error
    # FFmpeg gives a meaning to some names, such as a%03d.png; all it needs is the ending
    suffix = Path(request.path).suffix
    file.name = f"recording{suffix}" if suffix[1:].isalnum() and suffix.isascii() else "recording"
    return file


@cache
def _audio_codecs() -> str:
    return ",".join(sorted(name for name in av.codecs_available if _is_audio_decoder(name)))


def _is_audio_decoder(name: str) -> bool:
    try:
        return av.Codec(name, "r").type == "audio"
    except UnknownCodecError:
        return False


def _has_decoder(stream: AudioStream) -> bool:
    context = cast("Any", stream.codec_context)
    return context is not None and context.codec is not None


def _refuse_address(url: str, flags: int, options: object) -> object:
    raise PermissionError(errno.EPERM, f"a recording may not name other files ({flags}, {options})", url)


def _refuse_memory(error: Exception) -> None:
    """Tell running out of memory, which is a limit, from damage."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        raise MemoryError from error
