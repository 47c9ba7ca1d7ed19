"""The decoder process: ``python -m panglot.audio.decoder``. Reads requests on stdin, answers on stdout.

It decodes one file after another, has limits on memory, files and processes, and ends when its parent does.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from typing import BinaryIO

from panglot.audio import protocol
from panglot.audio.container import Recording, silence_log
from panglot.audio.protocol import DecodeLimits, Request
from panglot.audio.resampling import make_resampler
from panglot.audio.timeline import Packer, Timeline
from panglot.errors import AudioError, AudioFormatError, AudioLimitError, OptionError, PanglotError
from panglot.units import Seconds, to_samples

_OPEN_FILES = 64
_ALIVE_EVERY: Seconds = 1.0
_WARNINGS = 40
_SILENCE: Seconds = 3600.0
_SILENCE_PER_BYTE: Seconds = 0.01
_LONGEST_SILENCE: Seconds = 24 * 3600.0
"""Silence that gaps may ask for: a small file with false time stamps must not become days of nothing."""
_SHORTFALL: Seconds = 0.5
"""A recording may end this much before its declared end, and 0.5 % of its length, without being called truncated."""


class Answer:
    """Writes messages to the parent."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._last = time.monotonic()
        self._warnings = 0

    def send(self, kind: bytes, *payload: bytes | memoryview) -> None:
        """Write one message; blocks while the parent is busy."""
        self._stream.write(protocol.HEADER.pack(kind, sum(len(part) for part in payload)))
        for part in payload:
            self._stream.write(part)
        self._stream.flush()
        self._last = time.monotonic()

    def warn(self, text: str) -> None:
        """Tell the user of something odd; endless oddities are cut short."""
        self._warnings += 1
        if self._warnings <= _WARNINGS:
            self.send(protocol.WARNING, text.encode(errors="replace"))

    def alive(self) -> None:
        """Say that decoding goes on, if nothing was said for a while."""
        if time.monotonic() - self._last > _ALIVE_EVERY:
            self.send(protocol.ALIVE)


def main() -> None:
    """Serve requests until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = _take_over_stdio()
    silence_log()
    _harden()
    while message := protocol.read_message(requests):
        request = protocol.request_from_json(message[1])
        _limit_memory(request.limits)
        answer = Answer(answers)
        try:
            _serve(request, answer)
        except PanglotError as error:
            answer.send(protocol.ERROR, json.dumps({"code": error.code, "message": str(error)}).encode())
        except MemoryError:
            error = _out_of_memory(request)
            answer.send(protocol.ERROR, json.dumps({"code": error.code, "message": str(error)}).encode())
            return


def _serve(request: Request, answer: Answer) -> None:
    recording = Recording(request)
    try:
        _decode(recording, request, answer)
    finally:
        recording.close()
    answer.send(protocol.DONE)


def _decode(recording: Recording, request: Request, answer: Answer) -> None:
    end = None if request.end is None else to_samples(request.end)
    packer = Packer(start=to_samples(request.start), end=end)
    timeline = Timeline(
        packer,
        start=request.start,
        separate_channels=request.separate_channels,
        silence=min(_SILENCE + recording.size * _SILENCE_PER_BYTE, _LONGEST_SILENCE),
        resampler=make_resampler,
        warn=answer.warn,
    )
    sought = recording.seek()
    first = True
    for piece in recording.pieces(sought=sought):
        if first:
            answer.send(protocol.INFO, json.dumps(asdict(recording.info)).encode())
        for block in timeline.add(piece, sought=sought and first):
            answer.send(protocol.BLOCK, block.data.cast("B"))
        first = False
        answer.alive()
        if timeline.done:
            break
    for block in timeline.finish():
        answer.send(protocol.BLOCK, block.data.cast("B"))
    _judge(recording, request, timeline, packer, answer)


def _judge(recording: Recording, request: Request, timeline: Timeline, packer: Packer, answer: Answer) -> None:
    """Say what was missing: all of it, the end, or parts."""
    declared = recording.info.duration
    # Where seeking found nothing, only the header can say that there is something before.
    end = timeline.time if timeline.heard else declared or 0.0
    if not packer.emitted and request.start and 0 < end <= request.start:
        raise OptionError(f"start is {request.start:g} s, but '{request.name}' ends at {end:.2f} s. Start earlier.")
    if not packer.emitted:
        raise _nothing_heard(recording, request)
    if timeline.done:
        return
    if recording.counted and declared and timeline.time < declared * 0.995 - _SHORTFALL:
        answer.warn(f"ends at {timeline.time:.2f} s although {declared:.2f} s are declared: the file is truncated")
    elif recording.truncated:
        answer.warn(f"ends at {timeline.time:.2f} s in the middle of its data: the file is truncated")
    elif recording.failures and not timeline.gaps:
        answer.warn(f"damaged: {recording.failures} pieces could not be decoded; what could be read was kept")


def _nothing_heard(recording: Recording, request: Request) -> AudioError:
    if recording.failures:
        return AudioFormatError(
            f"'{request.name}' is damaged: none of its audio can be decoded. Make or fetch it again."
        )
    return AudioFormatError(
        f"'{request.name}' has a header but no audio samples. It was probably never finished: record or fetch it again."
    )


def _out_of_memory(request: Request) -> AudioLimitError:
    megabytes = request.limits.memory_bytes >> 20
    return AudioLimitError(
        f"decoding '{request.name}' needs more than {megabytes} MiB of memory. "
        "If you trust the file, raise the limit (memory_bytes) or convert it to WAV or FLAC."
    )


def _take_over_stdio() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes to the parent to ourselves: whatever else is printed goes nowhere."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
    return requests, answers


def _harden() -> None:
    """No core dumps, no written files, few open files, no processes."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_NPROC, 0)


def _limit(what: int, value: int) -> None:
    with suppress(OSError, ValueError):  # not every system knows every limit
        resource.setrlimit(what, (value, value))


def _limit_memory(limits: DecodeLimits) -> None:
    with suppress(OSError, ValueError):
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, most))


if __name__ == "__main__":
    sys.exit(main())
