"""What the benchmark scripts share: arguments, the speech set, and recordings joined from its clips."""

from __future__ import annotations

import argparse
import json
import random
import wave
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from faster_whisper.audio import decode_audio

from panglot.transcripts.records import LanguageSpan
from panglot.units import SAMPLE_RATE

ROOT = Path(__file__).resolve().parent.parent
SPEECH = ROOT.parent / "shared" / "speech"
RESULTS = ROOT / "benchmarks" / "results"
NOT_SINGLE_LANGUAGE = ("multispeaker", "long", "formats")
LONG_READING = "long/de_kerstin_dev"

Samples = npt.NDArray[np.float32]
"""Mono samples at 16 kHz, shape ``(n,)``, full scale 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One recording of the speech set in one language."""

    path: Path
    language: str
    text: str | None
    duration: float
    isolated_words: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Where one clip lies in a joined recording."""

    start: float
    end: float
    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording with its reference."""

    name: str
    samples: Samples
    pieces: tuple[Piece, ...]

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return len(self.samples) / SAMPLE_RATE

    @property
    def spans(self) -> tuple[LanguageSpan, ...]:
        """Language of each piece, as a transcript would have it."""
        return tuple(
            LanguageSpan(start=piece.start, end=piece.end, language=piece.language, probability=1.0)
            for piece in self.pieces
        )


def arguments(description: str) -> argparse.ArgumentParser:
    """Make a parser with the options every script has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small part, to see that it runs; not to be quoted")
    parser.add_argument("--seed", type=int, default=0, help="seed of every random choice")
    parser.add_argument("--speech", type=Path, default=SPEECH, help="directory of the speech set")
    parser.add_argument("--output", type=Path, default=RESULTS, help="directory of the result files")
    return parser


def clips(speech: Path, *, texts: bool) -> list[Clip]:
    """Single-language clips of the speech set; with ``texts`` only those that have a reference."""
    manifest = speech / "manifest.jsonl"
    if not manifest.is_file():
        raise SystemExit(f"{manifest} is not there; give the speech set with --speech")
    lines = [json.loads(line) for line in manifest.read_text("utf-8").splitlines()]
    found = [
        Clip(
            path=speech / line["path"],
            language=line["language"],
            text=line["text"],
            duration=line["duration_s"],
            isolated_words="isolated words" in line.get("use", ""),
        )
        for line in lines
        if line["path"].split("/")[0] not in NOT_SINGLE_LANGUAGE
    ]
    return [clip for clip in found if clip.text or not texts]


@cache
def read(path: Path) -> Samples:
    """Decode a file to 16 kHz mono."""
    return decode_audio(str(path), sampling_rate=SAMPLE_RATE)


def speech_bounds(samples: Samples, *, below_peak_db: float = 35.0) -> tuple[int, int]:
    """First and last sample of what is louder than 35 dB under the loudest 20 ms: leading and trailing quiet is out."""
    frame = SAMPLE_RATE // 50
    count = len(samples) // frame
    power = np.square(samples[: count * frame].reshape(count, frame)).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 10 ** (-below_peak_db / 10))
    return int(loud[0]) * frame, min(len(samples), (int(loud[-1]) + 1) * frame)


def trimmed(path: Path) -> Samples:
    """Read a clip without the quiet at its ends."""
    samples = read(path)
    start, end = speech_bounds(samples)
    return samples[start:end]


def join(name: str, chosen: Sequence[Clip], *, seed: int, pause: tuple[float, float] = (0.5, 1.0)) -> Recording:
    """Join clips, cut to their speech and brought to one loudness, with pauses of random length between them."""
    draw = random.Random(seed)
    parts: list[Samples] = []
    pieces: list[Piece] = []
    position = 0

    def add(samples: Samples) -> None:
        nonlocal position
        parts.append(samples)
        position += len(samples)

    for clip in chosen:
        add(np.zeros(round(draw.uniform(*pause) * SAMPLE_RATE), np.float32))
        start = position
        add(_levelled(trimmed(clip.path)))
        pieces.append(
            Piece(start=start / SAMPLE_RATE, end=position / SAMPLE_RATE, language=clip.language, text=clip.text or "")
        )
    add(np.zeros(round(pause[1] * SAMPLE_RATE), np.float32))
    return Recording(name=name, samples=np.concatenate(parts), pieces=tuple(pieces))


def long_reading(speech: Path) -> Recording:
    """Read the long German reading, with its clips as pieces."""
    segments = json.loads((speech / f"{LONG_READING}.segments.json").read_text("utf-8"))
    pieces = tuple(
        Piece(start=segment["start"], end=segment["end"], language="de", text=segment["text"]) for segment in segments
    )
    return Recording(name="long German reading", samples=read(speech / f"{LONG_READING}.ogg"), pieces=pieces)


def repeated(recording: Recording, times: int) -> Recording:
    """Repeat a recording several times in a row."""
    length = recording.seconds
    pieces = tuple(
        Piece(
            start=piece.start + turn * length, end=piece.end + turn * length, language=piece.language, text=piece.text
        )
        for turn in range(times)
        for piece in recording.pieces
    )
    return Recording(name=recording.name, samples=np.tile(recording.samples, times), pieces=pieces)


def head(recording: Recording, seconds: float) -> Recording:
    """Cut a recording down to the first pieces that end before a time."""
    pieces = tuple(piece for piece in recording.pieces if piece.end <= seconds)
    end = round((pieces[-1].end + 0.3) * SAMPLE_RATE)
    return Recording(name=recording.name, samples=recording.samples[:end], pieces=pieces)


def write_wav(path: Path, samples: Samples) -> Path:
    """Write 16-bit mono samples."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(_pcm16(samples).tobytes())
    return path


def write_flac(path: Path, blocks: Iterable[Samples]) -> Path:
    """Write blocks of mono samples one after another; memory does not grow with their number."""
    with av.open(str(path), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=SAMPLE_RATE, layout="mono")
        stream.codec_context.format = "s16"
        for block in blocks:
            frame = av.AudioFrame.from_ndarray(_pcm16(block)[None, :], format="s16", layout="mono")
            frame.sample_rate = SAMPLE_RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _levelled(samples: Samples, *, rms: float = 0.08) -> Samples:
    gain = min(rms / float(np.sqrt(np.square(samples).mean())), 0.95 / float(np.abs(samples).max()))
    return (samples * np.float32(gain)).astype(np.float32)


def _pcm16(samples: Samples) -> npt.NDArray[np.int16]:
    return (np.clip(samples, -1, 1) * 32767).round().astype("<i2")
