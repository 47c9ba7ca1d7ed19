"""Samples → a WAV file that every program reads, and back."""

from __future__ import annotations

import os
import wave
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from panglot.errors import AudioFormatError, OutputError
from panglot.units import SAMPLE_RATE

_FULL_SCALE = 32767.0


def to_pcm(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Round samples of full scale 1.0 to 16 bits; what is louder is clipped."""
    return np.rint(np.clip(samples, -1.0, 1.0) * _FULL_SCALE).astype("<i2")


def wav_bytes(pcm: NDArray[np.int16]) -> bytes:
    """Return a WAV file with samples at 16 kHz, shape ``(channels, n)``."""
    raw = BytesIO()
    with wave.open(raw, "wb") as file:
        file.setnchannels(pcm.shape[0])
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(pcm.T.tobytes())
    return raw.getvalue()


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
    try:
        Path(path).write_bytes(wav_bytes(to_pcm(samples)))
    except OSError as error:
        raise OutputError(
            f"'{os.fspath(path)}' cannot be written: {error.strerror}. Make room, or choose another place."
        ) from error


def read_wav(source: str | os.PathLike[str] | BinaryIO) -> NDArray[np.int16]:
    """Read a file that `write_wav` wrote; anything else is for `open_audio`.

    Parameters
    ----------
    source
        The file, or its path.

    Returns
    -------
    NDArray[np.int16]
        Shape ``(channels, n)``, 16 kHz.

    Raises
    ------
    AudioFormatError
        If it is no such file, or not all of one.
    """
    named = isinstance(source, str | os.PathLike)
    name = f"'{os.fspath(source)}'" if named else "what was given"
    try:
        with wave.open(os.fspath(source) if named else source, "rb") as file:
            channels, width, rate, frames, *_ = file.getparams()
            content = file.readframes(frames)
    except (OSError, EOFError, wave.Error) as error:
        raise AudioFormatError(f"{name} is no WAV file that can be read: {error}. Write it again.") from error
    if (width, rate) != (2, SAMPLE_RATE) or len(content) != frames * channels * width:
        raise AudioFormatError(
            f"{name} has {8 * width} bits at {rate} Hz and {len(content)} bytes; complete files with 16 bits at "
            f"{SAMPLE_RATE} Hz are read here. Use open_audio for others."
        )
    return np.frombuffer(content, dtype="<i2").reshape(-1, channels).T
