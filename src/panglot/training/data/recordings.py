"""Samples of an item: from its recording, or from the bytes of a shard."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panglot.audio import open_audio
from panglot.corpora import Sample
from panglot.errors import AudioFormatError
from panglot.training.data.items import Item
from panglot.training.data.places import Place, find_place
from panglot.units import SAMPLE_RATE

Samples = NDArray[np.float32]


def read_sample(sample: Sample) -> Samples:
    """Decode the stretch of a recording that a sample is.

    Parameters
    ----------
    sample
        Its recording may be in any format.

    Returns
    -------
    Samples
        Mono at 16 kHz, shape ``(n,)``.

    Raises
    ------
    AudioError
        If the recording is missing or cannot be decoded.
    """
    with open_audio(sample.audio, start=sample.start, end=sample.start + sample.duration) as stream:
        return _joined(stream, str(sample.audio))


class Reader:
    """Reads the audio of items; made anew in every process that reads.

    Parameters
    ----------
    location
        Where the shards are; ``None`` for items that are no part of one.
    """

    def __init__(self, location: str | None) -> None:
        self._location = location

    def read(self, item: Item) -> Samples:
        """Mono samples at 16 kHz, shape ``(n,)``; an `AudioError` or `CorpusError` if they cannot be had."""
        if item.archive is None or self._location is None:
            return read_sample(item.sample)
        data = _place(self._location).read_part(item.archive, item.offset, item.size)
        name = f"{item.id} in {item.archive}"
        samples = _plain(data)
        if samples is None:
            with open_audio(data) as stream:
                samples = _joined(stream, name)
        if not samples.size:
            raise AudioFormatError(f"'{name}' is empty. Write the shards again.")
        return samples


@cache
def _place(location: str) -> Place:
    return find_place(location)


def _plain(data: bytes) -> Samples | None:
    """Decode what `write_shards` writes without a detour over a file and a process; None for other formats."""
    import soundfile  # pyright: ignore[reportMissingTypeStubs]

    library: Any = soundfile
    if data[:4] not in (b"fLaC", b"RIFF"):
        return None
    try:
        samples, rate = library.read(BytesIO(data), dtype="float32", always_2d=True)
    except library.LibsndfileError as error:
        raise AudioFormatError(f"the bytes in the shard cannot be decoded: {error}. Write the shards again.") from error
    return np.ascontiguousarray(samples.mean(axis=1)) if rate == SAMPLE_RATE else None


def _joined(stream: Any, name: str) -> Samples:
    blocks: list[Samples] = [block[0] for block in stream]
    if not blocks:
        raise AudioFormatError(f"'{name}' holds no audio there. Check its start and duration.")
    return np.concatenate(blocks)


def location_of(source: str | Path) -> str:
    """Text of a location that other processes understand too: a URL, or an absolute path."""
    text = str(source)
    return text if "://" in text else str(Path(source).absolute())
