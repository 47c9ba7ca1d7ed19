"""The model of a worker: loaded when it is first needed, shared by all jobs, let go after a time without work."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Lock, Timer

from panglot.pipeline.model import Model
from panglot.units import Seconds


class ModelHolder:
    """Keeps one model.

    Parameters
    ----------
    load
        Loads it.
    idle
        Seconds without use after which its memory is given back; None keeps it.
    """

    def __init__(self, load: Callable[[], Model], *, idle: Seconds | None = None) -> None:
        self._load = load
        self._idle = idle
        self._lock = Lock()
        self._model: Model | None = None
        self._users = 0
        self._timer: Timer | None = None

    @property
    def loaded(self) -> Model | None:
        """The model, where it is in memory."""
        return self._model

    @contextmanager
    def use(self) -> Generator[Model]:
        """Lend the model; loads it first where it is not in memory."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._model is None:
                self._model = self._load()
            self._users += 1
            model = self._model
        try:
            yield model
        finally:
            self._give_back()

    def close(self) -> None:
        """Give the memory back now."""
        with self._lock:
            self._unload()

    def _give_back(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._idle is not None:
                self._timer = Timer(self._idle, self._expire)
                self._timer.daemon = True
                self._timer.start()

    def _expire(self) -> None:
        with self._lock:
            if self._users == 0:
                self._unload()

    def _unload(self) -> None:
        model, self._model = self._model, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if model is not None:
            model.close()
