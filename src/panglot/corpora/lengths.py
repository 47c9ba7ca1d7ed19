"""How long recordings are: from their headers where those count, by decoding where they guess."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from panglot.audio import open_audio
from panglot.errors import AudioError
from panglot.units import Seconds, to_seconds

_COUNTED = frozenset({"wav", "w64", "mov", "matroska", "flac", "caf", "tta", "ape", "aiff", "wv", "asf"})
"""Containers whose declared length is counted, as in `panglot.audio.container` (which only the decoder loads)."""
_GLANCE: Seconds = 0.02
_AT_ONCE = 4
"""Decoder processes that stay for the next file: see `panglot.audio.workers`."""


def measure(paths: Iterable[Path]) -> dict[Path, Seconds | AudioError]:
    """Length of recordings, or what is wrong with them.

    Parameters
    ----------
    paths
        Files; each is looked at once.

    Returns
    -------
    dict of Path to Seconds or AudioError
        One entry per path.
    """
    unique = list(dict.fromkeys(paths))
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="panglot-length") as pool:
        return dict(zip(unique, pool.map(_length, unique), strict=True))


def _length(path: Path) -> Seconds | AudioError:
    try:
        # The start of the recording is enough where its header counts; read to its end, the decoder is kept.
        with open_audio(path, end=_GLANCE) as stream:
            list(stream)
        if stream.info.duration and not _COUNTED.isdisjoint(stream.info.container.split(",")):
            return stream.info.duration
        with open_audio(path) as stream:
            return to_seconds(sum(block.shape[1] for block in stream))
    except AudioError as error:
        return error
