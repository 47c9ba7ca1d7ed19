"""A model that needs no weights, behind the real command."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from panglot.cli import run
from panglot.cli.session import Session
from panglot.diarization.voiceprints import Voiceprints
from panglot.errors import AudioFormatError, AudioMissingError
from panglot.models import CATALOGUE, DIARIZATION_MODEL, Entry, File, Store
from panglot.testing.diarizer import FakeDiarizer
from panglot.testing.makers import make_segment, make_transcript
from panglot.transcripts import LanguageSpan, Segment, Speaker, Transcript, Turn


@dataclass
class FakeTranscription:
    """Gives segments one after another; breaks off after one that says so."""

    transcript: Transcript

    def __iter__(self) -> Iterator[Segment]:
        for segment in self.transcript.segments:
            yield segment
            if segment.text == "The end is damaged.":
                raise AudioFormatError("the rest cannot be read. Repair the recording.")

    def __enter__(self) -> FakeTranscription:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def _told_apart(transcript: Transcript) -> Transcript:
    return replace(
        transcript,
        speakers=(Speaker(name="A", talk_time=2.0, share=1.0, turns=1, match=0.784),),
        turns=(Turn(start=0.0, end=2.0, speaker="A"),),
    )


@dataclass
class FakeModel:
    """Transcribes a text file by reading it; remembers what it was asked."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    warnings: tuple[str, ...] = ()
    closed: bool = False

    def stream(self, source: Any, **options: Any) -> FakeTranscription:
        self.asked.append(options)
        text = self._read(source)
        if text == "bug":
            raise ZeroDivisionError("division by zero")
        speaker = None if options["min_speakers"] is None and options["channels"] == "mix" else "A"
        whole = make_transcript(make_segment(text, end=2.0, speaker=speaker), duration=4.0, warnings=self.warnings)
        return FakeTranscription(transcript=_told_apart(whole) if speaker else whole)

    def detect(self, source: Any, **options: Any) -> tuple[LanguageSpan, ...]:
        self.asked.append(options)
        end = float(len(self._read(source)))
        return (LanguageSpan(start=0.0, end=end, language="de", probability=0.75),) if end else ()

    def close(self) -> None:
        self.closed = True

    def _read(self, source: Any) -> str:
        try:
            return source.read(1 << 20).decode() if hasattr(source, "read") else Path(source).read_text()
        except FileNotFoundError as error:
            raise AudioMissingError(f"'{source}' does not exist. Check the path.") from error


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
def loads() -> list[dict[str, Any]]:
    """What models were asked for."""
    return []


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Models that cannot be downloaded; the content of ``small`` is right, when it is there."""
    content = b"weights"
    file = File(name="model.bin", bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    entries = [
        Entry(
            name=name,
            kind="whisper",
            family="whisper",
            files=(file,),
            sources=CATALOGUE["medium"].sources,
            licence="MIT",
            description=f"a {name} model",
        )
        for name in ("small", "large")
    ]
    speakers = Entry(
        name=DIARIZATION_MODEL,
        kind="diarization",
        family="pyannote",
        files=(file,),
        sources=CATALOGUE[DIARIZATION_MODEL].sources[:1],
        licence="MIT",
        description="tells speakers apart",
    )
    return Store(tmp_path / "models", catalogue={entry.name: entry for entry in (*entries, speakers)})


@pytest.fixture
def weights(store: Store) -> None:
    """The weights that tell speakers apart, in the store."""
    folder = store.root / DIARIZATION_MODEL
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"weights")


@pytest.fixture
def voices(tmp_path: Path) -> Voiceprints:
    """Where the command keeps voices."""
    return Voiceprints(tmp_path / "home" / "voices")


@pytest.fixture
def panglot(
    model: FakeModel, loads: list[dict[str, Any]], store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """The command, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PANGLOT_HOME", str(tmp_path / "home"))

    def load(name: str, **options: Any) -> Any:
        loads.append({"model": name, **options})
        return model

    def call(*arguments: str) -> int:
        session = Session(load=load, load_diarizer=lambda **_: FakeDiarizer(), open_store=lambda _: store)
        return run(arguments, session=session)

    return call
