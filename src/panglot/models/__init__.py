"""Weights: what there is, where it comes from, and whether it is what was published."""

from panglot.models.catalogue import CATALOGUE, DEFAULT_MODEL, DIARIZATION_MODEL, VAD_MODEL, Entry, File
from panglot.models.sources import Progress
from panglot.models.store import Row, Status, Store
from panglot.models.verification import Finding
from panglot.models.whisper import WhisperFiles

__all__ = [
    "CATALOGUE",
    "DEFAULT_MODEL",
    "DIARIZATION_MODEL",
    "VAD_MODEL",
    "Entry",
    "File",
    "Finding",
    "Progress",
    "Row",
    "Status",
    "Store",
    "WhisperFiles",
]
