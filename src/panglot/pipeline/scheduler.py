"""Sharing one engine among recordings and callers: every call waits its turn, windows are decoded in full batches.

What a batch consists of never changes a result, only when it comes: the engine promises that the windows of a batch do
not influence each other.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from panglot.engines import DecodeOptions, Engine, Hypothesis, Request
from panglot.errors import ModelError
from panglot.units import Seconds

T = TypeVar("T")

_PATIENCE: Seconds = 4.0
"""A window that waited this long is decoded even if its batch is not full, so that long recordings do not starve it."""


@dataclass(slots=True, kw_only=True)
class _Waiting:
    """A window that waits to be decoded."""

    request: Request
    since: Seconds = field(default_factory=time.monotonic)
    future: Future[Hypothesis] = field(default_factory=Future["Hypothesis"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Called:
    """A function that waits for a thread."""

    function: Callable[[], Any]
    future: Future[Any]


_Key = tuple[DecodeOptions, int]
"""Windows decoded together share options and length."""

_STEPS = 800
"""Encoder steps of the windows that the engine states its batch size for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How full batches were so far."""

    windows: int = 0
    """Windows that were decoded."""
    places: int = 0
    """Windows that the same batches could have held."""


class Scheduler:
    """Threads that keep an engine busy.

    Finished windows come first, then full batches, then new windows, then what is left of batches.

    Parameters
    ----------
    engine
        The engine; closed by `close`.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._condition = threading.Condition()
        self._urgent: deque[_Called] = deque()
        self._calls: deque[_Called] = deque()
        self._waiting: dict[_Key, deque[_Waiting]] = {}
        self._idle = 0
        self._closed = False
        self._tally = Tally()
        self._threads = [
            threading.Thread(target=self._work, name=f"panglot-engine-{index}", daemon=True)
            for index in range(engine.info.workers)
        ]
        for thread in self._threads:
            thread.start()

    def call(self, function: Callable[[], T], *, urgent: bool = False) -> Future[T]:
        """Run a function that uses the engine, as soon as a thread is free."""
        future: Future[T] = Future()
        with self._condition:
            self._check_open()
            (self._urgent if urgent else self._calls).append(_Called(function=function, future=future))
            self._condition.notify()
        return future

    def decode(self, request: Request, options: DecodeOptions) -> Future[Hypothesis]:
        """Decode a window together with others that wait."""
        waiting = _Waiting(request=request)
        with self._condition:
            self._check_open()
            self._waiting.setdefault((options, len(request.encoded)), deque()).append(waiting)
            self._condition.notify()
        return waiting.future

    @property
    def tally(self) -> Tally:
        """How full batches were so far."""
        return self._tally

    def close(self) -> None:
        """Finish what is running, refuse what waits, and close the engine."""
        with self._condition:
            if self._closed:
                return
            self._closed = True
            waiting = [*self._urgent, *self._calls, *(item for queue in self._waiting.values() for item in queue)]
            self._waiting.clear()
            self._urgent.clear()
            self._calls.clear()
            self._condition.notify_all()
        for item in waiting:
            if item.future.set_running_or_notify_cancel():
                item.future.set_exception(_refusal())
        for thread in self._threads:
            thread.join()
        self.engine.close()

    def _check_open(self) -> None:
        if self._closed:
            raise _refusal()

    def _work(self) -> None:
        while True:
            with self._condition:
                task = self._next()
                while task is None:
                    if self._closed:
                        return
                    self._idle += 1
                    self._condition.wait()
                    self._idle -= 1
                    task = self._next()
            task()

    def _next(self) -> Callable[[], None] | None:
        if self._closed:
            return None
        if self._urgent:
            return partial(_run, self._urgent.popleft())
        key = max(self._waiting, key=self._urgency, default=None)
        if key is not None and (self._is_due(key) or not self._calls):
            return partial(self._decode, key[0], self._take(key))
        return partial(_run, self._calls.popleft()) if self._calls else None

    def _urgency(self, key: _Key) -> tuple[bool, Seconds]:
        queue = self._waiting[key]
        return len(queue) >= self._most(key), -queue[0].since

    def _most(self, key: _Key) -> int:
        """Windows of one length that are decoded together: long ones are fewer, for the memory they take."""
        return max(1, self.engine.info.batch_size * _STEPS // max(key[1], _STEPS))

    def _is_due(self, key: _Key) -> bool:
        full, since = self._urgency(key)
        return full or time.monotonic() + since > _PATIENCE

    def _take(self, key: _Key) -> list[_Waiting]:
        """Take a batch: a full one, or a fair share of what is left for each thread that has nothing to do."""
        queue = self._waiting[key]
        share = -(-len(queue) // (1 + self._idle))
        batch = [queue.popleft() for _ in range(min(self._most(key), share))]
        self._tally = Tally(windows=self._tally.windows + len(batch), places=self._tally.places + self._most(key))
        if not queue:
            del self._waiting[key]
        return batch

    def _decode(self, options: DecodeOptions, batch: list[_Waiting]) -> None:
        batch = [waiting for waiting in batch if waiting.future.set_running_or_notify_cancel()]
        if not batch:
            return
        try:
            found = self.engine.decode([waiting.request for waiting in batch], options)
        except BaseException as error:
            for waiting in batch:
                waiting.future.set_exception(error)
            return
        for waiting, hypothesis in zip(batch, found, strict=True):
            waiting.future.set_result(hypothesis)


def _run(called: _Called) -> None:
    if not called.future.set_running_or_notify_cancel():
        return
    try:
        called.future.set_result(called.function())
    except BaseException as error:
        called.future.set_exception(error)


def _refusal() -> ModelError:
    return ModelError("the model is closed; load it again")
