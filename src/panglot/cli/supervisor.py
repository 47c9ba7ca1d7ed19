"""A child process that is kept alive: started again when it ends, and ended with us."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from panglot.units import Seconds

_FIRST_DELAY: Seconds = 1.0
_LONGEST_DELAY: Seconds = 60.0
_SETTLED: Seconds = 60.0
"""A process that ran for so long began well: the next delay is short again."""


class Supervisor:
    """Runs a command for as long as it is not told to stop.

    Parameters
    ----------
    command
        The program and its arguments. What is secret belongs into the environment, which others cannot see.
    environment
        All of the child's variables.
    ended
        Told each time that the child ends by itself: with its exit code, and the seconds until it is started again.
    first_delay
        Seconds until the first restart; each next one waits twice as long.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        ended: Callable[[int, Seconds], None],
        first_delay: Seconds = _FIRST_DELAY,
    ) -> None:
        self._command = list(command)
        self._environment = dict(environment)
        self._ended = ended
        self._first_delay = first_delay
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="panglot-supervisor", daemon=True)

    @property
    def pid(self) -> int | None:
        """Id of the child that runs now."""
        child = self._child
        return None if child is None else child.pid

    def start(self) -> None:
        """Start the child, and watch it in a thread."""
        self._thread.start()

    def stop(self, *, patience: Seconds) -> None:
        """Ask the child to end, and end it by force if it does not.

        Parameters
        ----------
        patience
            Seconds that it may take.
        """
        with self._lock:
            self._stopping.set()
            child = self._child
        if child is not None:
            child.terminate()
            try:
                child.wait(patience)
            except subprocess.TimeoutExpired:
                child.kill()
        if self._thread.ident is not None:
            self._thread.join()

    def _keep(self) -> None:
        delay = self._first_delay
        while True:
            with self._lock:
                if self._stopping.is_set():
                    return
                # A group of its own: an interrupt from the keyboard reaches the child through us alone.
                self._child = subprocess.Popen(self._command, env=self._environment, process_group=0)
            started = time.monotonic()
            code = self._child.wait()
            if self._stopping.is_set():
                return
            if time.monotonic() - started > _SETTLED:
                delay = self._first_delay
            self._ended(code, delay)
            if self._stopping.wait(delay):
                return
            delay = min(2 * delay, _LONGEST_DELAY)


def orphaned_from(parent: int) -> Callable[[], bool]:
    """Return a question: whether the process that started this one has ended."""
    return lambda: os.getppid() != parent
