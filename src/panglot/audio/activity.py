"""Voice activity: how likely somebody speaks, every 32 ms, streamed.

The network is Silero VAD version 6 (MIT) for 16 kHz: each step takes 512 new samples after 64 of the step before, and
carries the state of a recurrent layer, here over several steps in one call. The state forgets slowly, never quite, so
it is put back to zero in every pause: what is heard after it does not depend on what came hours before.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from panglot.errors import WeightsCorruptError
from panglot.units import SAMPLE_RATE, Seconds

Samples = npt.NDArray[np.float32]
Probabilities = npt.NDArray[np.float32]

HOP = 512
"""New samples per step."""

HOP_SECONDS: Seconds = HOP / SAMPLE_RATE

_CONTEXT = 64
_STEPS = 320
"""Steps that are yielded together, about 10 s."""
_CALL = 16
"""Steps per call of the network, no matter to the result; more would mean more to compute again after a pause."""
_PAUSE = 16
"""Steps (0.5 s) without speech after which the network starts afresh."""
_SILENT = 0.1
"""Probability below which a step counts as one without speech, well below what ends a region of speech."""


class ActivityDetector:
    """The network, shared by all recordings.

    Parameters
    ----------
    path
        ``silero_vad_v6.onnx``.

    Raises
    ------
    WeightsCorruptError
        If the file cannot be loaded.
    """

    def __init__(self, path: Path) -> None:
        import onnxruntime  # pyright: ignore[reportMissingTypeStubs]

        library: Any = onnxruntime
        options: Any = library.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session: Any = library.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises classes of its own that share no public base
            raise WeightsCorruptError(f"{path} cannot be loaded as a voice activity network: {error}") from error

    def stream(self) -> ActivityStream:
        """Start on a recording."""
        return ActivityStream(self._session)


class ActivityStream:
    """One recording on its way through the network."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._state = _fresh()
        self._silent = 0
        """Steps without speech since the last one with some, or since the last fresh start."""
        self._context = np.zeros(_CONTEXT, np.float32)
        self._kept: list[Samples] = []

    def feed(self, block: Samples) -> Iterator[tuple[Samples, Probabilities]]:
        """Take the next samples, any number of them.

        Parameters
        ----------
        block
            Mono samples at 16 kHz, shape ``(n,)``.

        Yields
        ------
        samples, probabilities
            Shapes ``(m * 512,)`` and ``(m,)``, in order; what does not fill a chunk is kept for the next call.
        """
        self._kept.append(block)
        size = HOP * _STEPS
        if sum(map(len, self._kept)) < size:
            return
        joined = np.concatenate(self._kept)
        whole = len(joined) - len(joined) % size
        self._kept = [joined[whole:]]
        for chunk in np.split(joined[:whole], whole // size):
            yield chunk, self._run(chunk)

    def finish(self) -> Iterator[tuple[Samples, Probabilities]]:
        """Yield what is left at the end of the recording; the network hears silence up to a whole step."""
        rest = np.concatenate([*self._kept, np.zeros(0, np.float32)])
        self._kept = []
        if len(rest):
            yield rest, self._run(np.pad(rest, (0, -len(rest) % HOP)))

    def _run(self, chunk: Samples) -> Probabilities:
        joined = np.concatenate([self._context, chunk])
        self._context = joined[-_CONTEXT:]
        frames = np.lib.stride_tricks.sliding_window_view(joined, HOP + _CONTEXT)[::HOP]
        found: list[Probabilities] = []
        first = 0
        while first < len(frames):
            found.append(self._call(np.ascontiguousarray(frames[first : first + _CALL])))
            first += len(found[-1])
        return np.concatenate(found)

    def _call(self, frames: Samples) -> Probabilities:
        """Probabilities of some steps, up to the first after which the network starts afresh."""
        hidden, cell = self._state
        output = self._session.run(None, {"input": frames, "h": hidden, "c": cell})
        self._state = output[1], output[2]
        probabilities = cast("Probabilities", output[0]).reshape(-1)
        for step, probability in enumerate(probabilities.tolist()):
            self._silent = self._silent + 1 if probability < _SILENT else 0
            if self._silent == _PAUSE:
                self._state, self._silent = _fresh(), 0
                return probabilities[: step + 1]
        return probabilities


def _fresh() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    return np.zeros((1, 1, 128), np.float32), np.zeros((1, 1, 128), np.float32)
