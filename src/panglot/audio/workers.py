"""Decoder processes, kept for the next file because starting one costs more than decoding a minute of speech."""

from __future__ import annotations

import atexit
import os
import select
import subprocess
import sys
import threading
from contextlib import suppress
from fcntl import fcntl
from pathlib import Path

from panglot.audio import protocol
from panglot.audio.protocol import Request
from panglot.errors import AudioLimitError
from panglot.units import Seconds

FILES_PER_WORKER = 500
"""A process is replaced after this many files, so that what a codec leaks stays small."""
IDLE_WORKERS = 4
"""Processes kept while there is nothing to decode."""
_PATIENCE: Seconds = 0.3
"""Where so many are at work, one of them is waited for so long before another is started, which costs 0.1 s."""
_LARGEST_MESSAGE = 64 << 20
_PIPE_BYTES = 1 << 20
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ on Linux
_START = """
import os, sys
os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path[:] = sys.argv[1:]
from panglot.audio.decoder import main
main()
"""
"""An isolated interpreter finds its modules where the parent found them, whatever the environment says. One thread for
numpy's linear algebra: each more would take address space from the memory limit."""


class Worker:
    """One decoder process, which decodes one file at a time."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._files = 0
        self._process = _launch()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests = self._process.stdin
        self._answers = self._process.stdout
        if sys.platform == "linux":
            with suppress(OSError):  # a smaller pipe works too
                fcntl(self._answers, _SET_PIPE_SIZE, _PIPE_BYTES)
        self._ready = select.poll()
        self._ready.register(self._answers, select.POLLIN)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def used(self) -> bool:
        """Whether it has been asked for another file before."""
        return self._files > 1

    @property
    def reusable(self) -> bool:
        """Whether it lives and may take another file."""
        return self._files < FILES_PER_WORKER and self._process.poll() is None

    def ask(self, request: Request) -> None:
        """Start on a file.

        Parameters
        ----------
        request
            The file, and what to decode of it.

        Raises
        ------
        BrokenPipeError
            If the process is gone.
        """
        self._files += 1
        self._requests.write(protocol.encode(protocol.REQUEST, protocol.request_to_json(request)))

    def receive(self, *, stall: Seconds) -> tuple[bytes, memoryview]:
        """Kind and payload of the next message.

        Parameters
        ----------
        stall
            How long to wait for more bytes, in seconds.

        Returns
        -------
        tuple of bytes and memoryview
            The kind is one byte; what the payload holds depends on it.

        Raises
        ------
        TimeoutError
            If nothing came for ``stall`` seconds.
        EOFError
            If the process ended or lost its mind.
        """
        kind, length = protocol.HEADER.unpack(self._read(protocol.HEADER.size, stall))
        if length > _LARGEST_MESSAGE:
            raise EOFError
        return kind, self._read(length, stall)

    def stop(self) -> int | None:
        """End the process at once, if it has not ended, and give its exit status (negative: a signal)."""
        self._requests.close()
        self._answers.close()
        if self._owner != os.getpid():
            self.abandon()
            return None
        status = self._process.poll()
        self._process.kill()
        return self._process.wait() if status is None else status

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._requests.closed

    def died_of(self) -> int:
        """Exit status of a process that closed its pipe by itself (negative: a signal)."""
        try:
            return self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return 0

    def abandon(self) -> None:
        """After a fork: the process belongs to the parent, so only forget it."""
        self._process.returncode = 0  # else Popen would warn that it still runs

    def _read(self, length: int, stall: Seconds) -> memoryview:
        view = memoryview(bytearray(length))
        at = 0
        while at < length:
            if not self._ready.poll(stall * 1000):
                raise TimeoutError
            count = os.readv(self._answers.fileno(), [view[at:]])
            if not count:
                raise EOFError
            at += count
        return view


class WorkerPool:
    """Decoder processes; safe to use from many threads and after a fork."""

    def __init__(self) -> None:
        self._idle: list[Worker] = []
        self._lent: set[Worker] = set()
        self._given_back = threading.Condition()
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._forget)

    def start(self, request: Request, *, new: bool = False) -> Worker:
        """Worker that has begun on a request; ``new``: one that has decoded nothing before."""
        while not new and (worker := self._next()):
            if worker.reusable:
                with suppress(BrokenPipeError):
                    worker.ask(request)
                    return self._lend(worker)
            worker.stop()
        worker = Worker()
        worker.ask(request)
        return self._lend(worker)

    def give_back(self, worker: Worker) -> None:
        """Keep a worker that has finished its file."""
        with self._given_back:
            self._lent.discard(worker)
            if worker.reusable and len(self._idle) < IDLE_WORKERS:
                self._idle.append(worker)
                self._given_back.notify()
                return
        worker.stop()

    def close(self) -> None:
        """End all idle processes."""
        while worker := self._pop():
            worker.stop()

    def _next(self) -> Worker | None:
        """Take an idle worker, waiting a moment where so many are at work that one will soon be done."""
        with self._given_back:
            self._lent = {worker for worker in self._lent if not worker.stopped}
            if not self._idle and len(self._lent) >= IDLE_WORKERS:
                self._given_back.wait(_PATIENCE)
            return self._pop()

    def _lend(self, worker: Worker) -> Worker:
        with self._given_back:
            self._lent.add(worker)
        return worker

    def _pop(self) -> Worker | None:
        with self._given_back:
            return self._idle.pop() if self._idle else None

    def _forget(self) -> None:
        self._given_back = threading.Condition()
        for worker in self._idle:
            worker.stop()
        self._idle = []
        self._lent = set()


POOL = WorkerPool()
"""The processes of this program."""


def _launch() -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-c", _START, *_module_paths()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
    except OSError as error:
        raise AudioLimitError(
            f"no decoder process could be started: {error}. Close other programs or raise the limits of this account."
        ) from error


def _module_paths() -> list[str]:
    return [str(Path(path).absolute()) for path in sys.path if path]
