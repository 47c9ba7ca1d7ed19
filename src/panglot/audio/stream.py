"""Any recording → blocks of samples at 16 kHz, one after another, in bounded memory."""

from __future__ import annotations

import json
import math
import weakref
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from panglot.audio import arrays, protocol, sources
from panglot.audio.protocol import AudioInfo, DecodeLimits, Request
from panglot.audio.sources import Located, Source
from panglot.audio.timeline import Samples
from panglot.audio.workers import POOL, Worker
from panglot.errors import AudioFormatError, AudioLimitError, AudioMissingError, OptionError, PanglotError
from panglot.units import SAMPLE_RATE, Seconds, to_samples

_ERRORS: dict[str, type[PanglotError]] = {
    error.code: error for error in (AudioMissingError, AudioFormatError, AudioLimitError, OptionError)
}


def open_audio(
    source: Source | NDArray[Any],
    *,
    start: Seconds = 0.0,
    end: Seconds | None = None,
    separate_channels: bool = False,
    sample_rate: int | None = None,
    limits: DecodeLimits | None = None,
) -> AudioStream:
    """Open a recording for reading.

    Parameters
    ----------
    source
        A path, the bytes of a file, a file object opened in binary mode, or samples as a numpy array: shape ``(n,)``
        or ``(channels, n)``, floats with full scale 1.0 or integers.
    start
        Where reading begins, in seconds on the recording's time line.
    end
        Where it ends, in the same seconds; ``None`` for the end of the recording.
    separate_channels
        Keep the channels apart instead of mixing them to one.
    sample_rate
        Rate of an array in Hz, 16000 unless given. Files know their own.
    limits
        How much memory and time decoding may take.

    Returns
    -------
    AudioStream
        The opened recording; close it, or use it in a ``with`` statement.

    Raises
    ------
    AudioMissingError
        If there is no readable file.
    AudioFormatError
        If it is empty, not audio, or damaged beyond use.
    AudioLimitError
        If decoding takes more memory or time than allowed, now or while the blocks are read.
    OptionError
        If ``start``, ``end`` or ``sample_rate`` make no sense.

    Examples
    --------
    >>> with open_audio(np.zeros(16_000, np.int16)) as stream:
    ...     [block.shape for block in stream]
    [(1, 16000)]
    """
    limits = limits or DecodeLimits()
    _check_range(start, end)
    if isinstance(source, np.ndarray):
        rate = SAMPLE_RATE if sample_rate is None else sample_rate
        return _open_array(source, rate=rate, start=start, end=end, separate_channels=separate_channels, limits=limits)
    if sample_rate is not None:
        raise OptionError("sample_rate is for numpy arrays only: files know their own. Leave it out.")
    located = sources.locate(source, stall=limits.stall)
    return _open_file(located, start=start, end=end, separate_channels=separate_channels, limits=limits)


class AudioStream:
    """An opened recording: iterate over it for blocks of shape ``(channels, n)``, float32, between -1 and 1, 16 kHz.

    Every block but the last is 5 s long. There is one channel, the mean of all, unless the channels were asked for
    separately. The blocks can be read once. Reading from several threads at once is not possible.
    """

    def __init__(
        self, info: AudioInfo, blocks: Iterator[Samples], *, warnings: list[str], close: Callable[[], None]
    ) -> None:
        self.info = info
        self.warnings = warnings
        """What was wrong with the recording, as found so far."""
        self._blocks = blocks
        self._closed = False
        self._finalizer = weakref.finalize(self, close)

    def __iter__(self) -> Iterator[Samples]:
        return self

    def __next__(self) -> Samples:
        if self._closed:
            raise StopIteration
        return next(self._blocks)

    def close(self) -> None:
        """End decoding, wherever it is; does nothing the second time."""
        self._closed = True
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Decoding:
    """One file in a decoder process, from its request to its last block."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._worker: Worker | None = POOL.start(request)
        self._channels = 1
        self._blocks = 0
        self._answered = False
        self.warnings: list[str] = []

    def info(self) -> AudioInfo:
        """Return what the recording says of itself; its first frame is decoded by then."""
        message = self._next()
        if message is None or message[0] != protocol.INFO:
            raise AudioFormatError(f"'{self._request.name}' cannot be decoded. Convert it to WAV or FLAC.")
        info = AudioInfo(**json.loads(bytes(message[1])))
        self._channels = info.channels if self._request.separate_channels else 1
        return info

    def blocks(self) -> Iterator[Samples]:
        """Everything that can be decoded."""
        while message := self._next():
            if message[0] == protocol.BLOCK:
                self._blocks += 1
                yield np.frombuffer(message[1], np.float32).reshape(self._channels, -1)

    def close(self) -> None:
        """End decoding: a process in the middle of a file is of no more use."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()

    def _next(self) -> tuple[bytes, memoryview] | None:
        """Next message that is news; ``None`` at the end."""
        while self._worker is not None:
            kind, payload = self._receive(self._worker)
            if kind == protocol.DONE:
                self._finish()
            elif kind == protocol.ERROR:
                self._fail(json.loads(bytes(payload)))
            elif kind == protocol.WARNING:
                self.warnings.append(bytes(payload).decode())
            elif kind != protocol.ALIVE:
                return kind, payload
        return None

    def _receive(self, worker: Worker) -> tuple[bytes, memoryview]:
        limits = self._request.limits
        try:
            message = worker.receive(stall=limits.stall)
            self._answered = True
            return message
        except TimeoutError as error:
            self.close()
            raise AudioLimitError(
                f"decoding '{self._request.name}' made no progress for {limits.stall:g} s and was stopped. "
                "The file is probably damaged: convert it to WAV or FLAC."
            ) from error
        except EOFError as error:
            status = worker.died_of()
            self.close()
            if worker.used and not self._answered:  # it may have died of an earlier file: ask one that is new
                self._worker = POOL.start(self._request, new=True)
                return protocol.ALIVE, memoryview(b"")
            what = f"the decoder stopped unexpectedly ({_describe(status)})"
            if self._blocks:
                self.warnings.append(f"{what}; what was read until then was kept")
                return protocol.ALIVE, memoryview(b"")
            raise AudioFormatError(
                f"'{self._request.name}' cannot be decoded: {what}. It is probably damaged: convert it to WAV or FLAC."
            ) from error

    def _fail(self, answer: dict[str, str]) -> NoReturn:
        """Raise what the decoder found; a process that hit a limit ends itself."""
        error = _ERRORS[answer["code"]](answer["message"])
        if isinstance(error, AudioLimitError):
            self.close()
        self._finish()
        raise error

    def _finish(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            POOL.give_back(worker)


def _open_file(
    located: Located, *, start: Seconds, end: Seconds | None, separate_channels: bool, limits: DecodeLimits
) -> AudioStream:
    request = Request(
        path=located.path,
        name=located.name,
        start=start,
        end=end,
        separate_channels=separate_channels,
        limits=limits,
    )
    try:
        decoding = _Decoding(request)
        try:
            info = decoding.info()
        except BaseException:
            decoding.close()
            raise
    finally:
        located.forget()  # the decoder has it open, or never will
    return AudioStream(info, decoding.blocks(), warnings=decoding.warnings, close=decoding.close)


def _open_array(
    array: NDArray[Any],
    *,
    rate: int,
    start: Seconds,
    end: Seconds | None,
    separate_channels: bool,
    limits: DecodeLimits,
) -> AudioStream:
    samples = arrays.check(array, channels=limits.channels, rate=rate)
    info = arrays.describe(samples, rate)
    if start >= samples.shape[1] / rate:
        raise OptionError(
            f"start is {start:g} s, but the array ends at {info.duration:.2f} s. Choose an earlier start."
        )
    warnings = ["some samples are not numbers; they were replaced by silence"] if arrays.has_gaps(samples) else []
    if rate != SAMPLE_RATE:
        located = sources.spool(arrays.wav_chunks(samples, rate), name=info.name)
        stream = _open_file(located, start=start, end=end, separate_channels=separate_channels, limits=limits)
        stream.info = info
        stream.warnings.extend(warnings)
        return stream
    stop = None if end is None else to_samples(end)
    blocks = arrays.blocks(samples, start=to_samples(start), end=stop, separate_channels=separate_channels)
    return AudioStream(info, blocks, warnings=warnings, close=lambda: None)


def _check_range(start: Seconds, end: Seconds | None) -> None:
    if not (math.isfinite(start) and start >= 0.0):
        raise OptionError(f"start is {start}; give seconds from 0.")
    if end is not None and not (math.isfinite(end) and end > start):
        raise OptionError(f"end is {end} and start is {start}; give seconds, end after start.")


def _describe(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"
