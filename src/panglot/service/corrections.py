"""Corrections: segments whose words somebody has edited, with their sound, to train on.

A segment counts if one of its words is not in what was recognised, or if a word that was recognised within it is gone.
Splitting, joining and renaming change no words, so they make no corrections.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from panglot.audio import open_audio
from panglot.errors import AudioError, NotFoundError
from panglot.service.documents import Document, DocumentSegment, DocumentWord
from panglot.service.editing import document
from panglot.service.service import Service
from panglot.storage.records import Project, TranscriptRow
from panglot.units import SAMPLE_RATE, Seconds, to_samples

MANIFEST: Final = "corrections.jsonl"
_LONGEST: Seconds = 30.0
"""What a model hears at once."""

_Key = tuple[float, float, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A stretch of a recording and what is said in it."""

    id: str
    start: Seconds
    """On the recording's time line."""
    end: Seconds
    text: str
    language: str
    speaker: str | None

    @property
    def clip(self) -> str:
        """Name of its sound's file."""
        return f"clips/{self.id}.flac"

    def line(self) -> str:
        """Return it as a line of a manifest that `panglot train` reads."""
        values = {
            "id": self.id,
            "audio": self.clip,
            "start": 0.0,
            "duration": round(self.end - self.start, 3),
            "text": self.text,
            "language": self.language,
            "speaker": self.speaker,
        }
        return json.dumps(values, ensure_ascii=False) + "\n"


def corrections(original: Document, edited: Document, *, name: str) -> Iterator[Correction]:
    """Find the segments whose words were edited.

    Parameters
    ----------
    original
        What was recognised.
    edited
        The latest revision.
    name
        Begins the ids.

    Yields
    ------
    Correction
        In order of time, at most 30 seconds each; longer segments are cut between words.
    """
    heard = {_key(word) for word in _words(original)}
    kept = {_key(word) for word in _words(edited)}
    gone = sorted((key[0] + key[1]) / 2 for key in heard - kept)
    for segment in edited.segments:
        changed = any(_key(word) not in heard for word in segment.words)
        if changed or any(segment.start <= middle <= segment.end for middle in gone):
            yield from _parts(segment, edited, name)


def manifest(service: Service, project: Project) -> Iterator[str]:
    """Yield the lines of a manifest of all corrections of a project."""
    for _, found in _of_project(service, project):
        for each in found:
            yield each.line()


def archive(service: Service, project: Project) -> Iterator[bytes]:
    """Yield a zip file with the manifest and the sound of all corrections whose sound is still kept.

    One recording at a time is decoded, from what was uploaded where that is kept, else from the copy to play.

    Parameters
    ----------
    service
        Of the deployment.
    project
        Whose.

    Yields
    ------
    bytes
        The zip file, part by part.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as made:
        lines: list[str] = []
        for row, found in _of_project(service, project):
            with _sound(service, row) as path:
                for correction, samples in _clips(path, found):
                    made.writestr(correction.clip, flac(samples))
                    lines.append(correction.line())
                    yield sink.take()
        made.writestr(MANIFEST, "".join(lines), compress_type=zipfile.ZIP_DEFLATED)
    yield sink.take()


def flac(samples: NDArray[np.float32]) -> bytes:
    """Return samples at 16 kHz, shape ``(n,)``, as a FLAC file."""
    import av

    library: Any = av
    made = io.BytesIO()
    with library.open(made, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=SAMPLE_RATE, layout="mono")
        stream.format = "s16"
        whole = np.rint(np.clip(samples, -1.0, 1.0) * 32767.0).astype(np.int16)
        frame = library.AudioFrame.from_ndarray(whole.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return made.getvalue()


class _Sink(io.RawIOBase):
    """Takes what is written, to be handed on: a zip file needs no more than to know how much there was."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def _of_project(service: Service, project: Project) -> Iterator[tuple[TranscriptRow, list[Correction]]]:
    for row in service.platform.recordings.corrected(project.id):
        try:
            found = list(corrections(document(service, row, 0), document(service, row), name=row.id))
        except NotFoundError:  # it was deleted meanwhile
            continue
        if found:
            yield row, found


def _words(of: Document) -> Iterator[DocumentWord]:
    return (word for segment in of.segments for word in segment.words)


def _key(word: DocumentWord) -> _Key:
    return round(word.start, 3), round(word.end, 3), word.text.strip()


def _parts(segment: DocumentSegment, edited: Document, name: str) -> Iterator[Correction]:
    for number, words in enumerate(_runs(segment.words)):
        text = " ".join("".join(word.text for word in words).split())
        # A segment that is whole keeps its times, which may reach beyond its words.
        whole = len(words) == len(segment.words)
        start, end = (segment.start, segment.end) if whole else (words[0].start, words[-1].end)
        if text and start < end <= start + _LONGEST:
            yield Correction(
                id=f"{name}-{segment.id}" + (f"-{number}" if number else ""),
                start=start,
                end=end,
                text=text,
                language=segment.language,
                speaker=None if segment.speaker is None else edited.speakers.get(segment.speaker, segment.speaker),
            )


def _runs(words: Sequence[DocumentWord]) -> Iterator[Sequence[DocumentWord]]:
    first = 0
    for index, word in enumerate(words):
        if word.end - words[first].start > _LONGEST and index > first:
            yield words[first:index]
            first = index
    if words:
        yield words[first:]


@contextmanager
def _sound(service: Service, row: TranscriptRow) -> Generator[Path | None]:
    """The best sound of a recording that is kept, as a file; None where none is."""
    platform = service.platform
    upload = platform.uploads.get(row.upload_id) if row.upload_id is not None else None
    keys = [key for key in (upload and upload.key, row.playback_key) if key is not None]
    with tempfile.TemporaryDirectory(prefix="panglot-clips-") as folder:
        path = Path(folder) / "source"
        for key in keys:
            try:
                platform.blobs.fetch(key, path)
            except NotFoundError:
                continue
            yield path
            return
        yield None


def _clips(path: Path | None, wanted: Iterable[Correction]) -> Iterator[tuple[Correction, NDArray[np.float32]]]:
    """Cut stretches out of a recording, which is read once and not kept in memory."""
    waiting = sorted(wanted, key=lambda each: each.start)
    if path is None or not waiting:
        return
    first = max(0.0, waiting[0].start)
    kept, position = np.zeros(0, dtype=np.float32), to_samples(first)
    try:
        with open_audio(path, start=first, end=max(each.end for each in waiting) + 0.1) as audio:
            for block in audio:
                kept = np.concatenate((kept, block.mean(axis=0)))
                while waiting and to_samples(waiting[0].end) <= position + len(kept):
                    yield _clip(waiting.pop(0), kept, position)
                if waiting:
                    drop = min(len(kept), max(0, to_samples(waiting[0].start) - position))
                    kept, position = kept[drop:], position + drop
    except AudioError:
        return
    for each in waiting:
        clip = _clip(each, kept, position)
        if len(clip[1]):
            yield clip


def _clip(correction: Correction, kept: NDArray[np.float32], position: int) -> tuple[Correction, NDArray[np.float32]]:
    start, end = (max(0, to_samples(time) - position) for time in (correction.start, correction.end))
    return correction, kept[start:end]
