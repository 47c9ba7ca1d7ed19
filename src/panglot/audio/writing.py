"""Samples → a WAV file that every program reads."""

from __future__ import annotations

import os
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from panglot.errors import OutputError
from panglot.units import SAMPLE_RATE

_FULL_SCALE = 32767.0


def write_wav(path: str | os.PathLike[str], samples: NDArray[np.float32]) -> None:
    """Write samples at 16 kHz as 16-bit PCM.

    Parameters
    ----------
    path
        Where to write; an existing file is replaced.
    samples
        Shape ``(channels, n)``, full scale 1.0; what is louder is clipped.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    whole = np.rint(np.clip(samples, -1.0, 1.0) * _FULL_SCALE).astype("<i2")
    try:
        with Path(path).open("wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(samples.shape[0])
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE)
            file.writeframes(whole.T.tobytes())
    except OSError as error:
        raise OutputError(
            f"'{os.fspath(path)}' cannot be written: {error.strerror}. Make room, or choose another place."
        ) from error
