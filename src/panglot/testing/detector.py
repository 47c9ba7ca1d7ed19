"""Voice activity without a network: whatever is loud enough is speech."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from panglot.audio.activity import HOP, ActivityDetector

_LOUD = 0.02
"""Root mean square from which a step counts as speech."""


class FakeDetector(ActivityDetector):
    """Takes every sound for speech; needs no file."""

    def __init__(self) -> None:
        self._session = _Loudness()


class _Loudness:
    """Stands where the network's session stands."""

    def run(self, _: None, inputs: dict[str, npt.NDArray[np.float32]]) -> list[Any]:
        loudness = np.sqrt(np.mean(inputs["input"][:, -HOP:] ** 2, axis=1))
        return [np.where(loudness >= _LOUD, np.float32(0.95), np.float32(0.05)), inputs["h"], inputs["c"]]
