"""The copy of a recording that a browser plays, and its waveform, where they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from panglot.errors import NotFoundError
from panglot.service.platform import Platform
from panglot.storage.records import TranscriptRow

MEDIA_TYPES: Final = {".wav": "audio/wav", ".webm": "audio/webm"}
"""By how the name of a copy ends."""
_WAVEFORM: Final = "waveform.bin"


def waveform_key(playback_key: str) -> str:
    """Name of the blob with the waveform of a copy."""
    return str(PurePosixPath(playback_key).with_name(_WAVEFORM))


def is_playable(row: TranscriptRow) -> bool:
    """Whether there is a copy to play."""
    return row.playback_key is not None and row.status != "error" and not row.deleted


def media_type(row: TranscriptRow) -> str:
    """Return what the copy to play is, or raise a `NotFoundError`."""
    return MEDIA_TYPES[PurePosixPath(_key(row)).suffix]


def playback_size(platform: Platform, row: TranscriptRow) -> int:
    """Return the bytes of the copy to play, or raise a `NotFoundError`."""
    return platform.blobs.size(_key(row))


def playback_range(platform: Platform, row: TranscriptRow, *, start: int, end: int) -> Iterator[bytes]:
    """Yield part of the copy to play, at most a megabyte at once."""
    return platform.blobs.parts(_key(row), start=start, end=end)


def waveform(platform: Platform, row: TranscriptRow) -> bytes:
    """Return the waveform of a recording, or raise a `NotFoundError`."""
    return platform.blobs.get(waveform_key(_key(row)))


def erase_playback(platform: Platform, row: TranscriptRow) -> None:
    """Erase the copy to play and its waveform; the transcript stays."""
    if row.playback_key is not None:
        platform.blobs.delete(row.playback_key)
        platform.blobs.delete(waveform_key(row.playback_key))
        platform.recordings.forget_playback(row.id)


def _key(row: TranscriptRow) -> str:
    if row.playback_key is None or not is_playable(row):
        raise NotFoundError("The sound of this recording is not kept.")
    return row.playback_key
