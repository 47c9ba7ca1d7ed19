"""Whatever is given, the answer is one clear line and an exit code: no traceback, no hang, no half-written file."""

from __future__ import annotations

import os
import resource
import shutil
import struct
import subprocess
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from promises import timeless
from recordings import Kind, encode, film, sweep, wav
from sample import Sample

import panglot
from panglot.audio import open_audio
from panglot.cli import run
from panglot.errors import (
    AudioFormatError,
    AudioMissingError,
    LanguageError,
    ModelUnknownError,
    OptionError,
    OutputError,
    PanglotError,
)
from panglot.transcripts import read_json

PANGLOT = [sys.executable, "-m", "panglot"]
MP3 = Kind(suffix="mp3", container="mp3", codec="libmp3lame", rate=44_100)
MP4 = Kind(suffix="mp4", container="mp4", codec="aac", rate=48_000)


def png() -> bytes:
    """A picture of one pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\1\2\3")) + chunk(b"IEND", b"")


def cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A file that is no recording, and what is said about it."""

    name: str
    said: str
    data: bytes | None = b""
    error: type[PanglotError] = AudioFormatError


BAD = (
    Bad(name="missing.wav", said="does not exist", data=None, error=AudioMissingError),
    Bad(name="no/folder.wav", said="does not exist", data=None, error=AudioMissingError),
    Bad(name="empty.wav", said="is empty"),
    Bad(name="letter.mp3", said="looks like text", data=b"Dear diary, nothing happened.\n" * 40),
    Bad(name="picture.png", said="has no audio track", data=png()),
    Bad(name="picture.wav", said="has no audio track", data=png()),
    Bad(name="film.mp4", said="has no audio track", data=film(0.5)),
    Bad(name="noise.bin", said="is damaged beyond use", data=bytes(range(256)) * 8),
    Bad(name="zeros.wav", said="zeros", data=bytes(5000)),
    Bad(name="cut.mp4", said="moov", data=cut(encode(MP4, sweep(6.0, 48_000), picture=True), 0.6)),
    Bad(name="header.mp3", said="", data=cut(encode(MP3, sweep(1.0, 44_100)), 0.01)),
    Bad(name="header.wav", said="no audio samples", data=wav()),
    Bad(name="half_header.wav", said="damaged beyond use", data=wav(bytes(1000))[:30]),
    Bad(name="no_channels.wav", said="no channels", data=wav(bytes(1000), channels=0)),
    Bad(name="no_rate.wav", said="0 samples per second", data=wav(bytes(1000), rate=0)),
    Bad(name="slow.wav", said="1 samples per second", data=wav(bytes(1000), rate=1)),
    Bad(name="fast.wav", said="4000000000 samples per second", data=wav(bytes(1000), rate=4_000_000_000)),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with all bad files and one directory called like a recording."""
    for bad in BAD:
        if bad.data is not None:
            (tmp_path / bad.name).write_bytes(bad.data)
    (tmp_path / "directory.wav").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [*PANGLOT, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=240, **options)


def the_only_line(done: subprocess.CompletedProcess[str], *, code: int) -> str:
    """The error message of a call that wrote nothing else."""
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert done.stderr.startswith("panglot: error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def clear(error: pytest.ExceptionInfo[PanglotError]) -> str:
    """The message, which is one line and not that of somebody else's error."""
    message = str(error.value)
    assert message.strip() == message
    assert "\n" not in message
    assert "Error" not in message
    return message


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_the_library_refuses(bad: Bad, folder: Path, model: panglot.Model) -> None:
    with pytest.raises(bad.error) as error:
        model.transcribe(bad.name)
    message = clear(error)
    assert bad.said in message
    assert bad.name in message


def test_the_command_refuses_each_in_one_line_and_goes_on(folder: Path, model: panglot.Model) -> None:
    (folder / "quiet.wav").write_bytes(wav(bytes(32_000)))
    names = [*(bad.name for bad in BAD), "directory.wav", "quiet.wav"]
    done = call("transcribe", *names)
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert len(lines) == len(names) + 1
    for bad, line in zip(BAD, lines, strict=False):
        assert line.startswith("panglot: error: ")
        assert bad.name in line
        assert bad.said in line
    assert lines[-3].startswith("panglot: error: 'directory.wav' is a directory")
    assert lines[-2].startswith("quiet.wav: 1.0 s, no speech")
    assert lines[-1].startswith(f"{len(names)} recordings · {len(BAD) + 1} failed")


def test_one_bad_recording_alone_is_one_line(folder: Path, model: panglot.Model) -> None:
    assert "cut.mp4" in the_only_line(call("transcribe", "cut.mp4"), code=1)
    assert "no_rate.wav" in the_only_line(call("detect", "no_rate.wav"), code=1)


def test_a_directory_is_refused(folder: Path, model: panglot.Model) -> None:
    with pytest.raises(AudioMissingError, match=r"'directory\.wav' is a directory") as error:
        model.transcribe("directory.wav")
    clear(error)


@pytest.mark.parametrize("kind", [MP3, Kind(suffix="mkv", container="matroska", codec="libopus", rate=48_000)])
def test_of_a_truncated_recording_what_is_there_is_heard(
    kind: Kind, samples: dict[str, Sample], model: panglot.Model, tmp_path: Path
) -> None:
    sample = samples["english"]
    path = tmp_path / f"cut.{kind.suffix}"
    path.write_bytes(cut(encode(kind, decoded(sample.path, kind.rate)), 0.7))
    done = call("transcribe", path, "--format", "json")
    assert done.returncode == 0, done.stderr
    transcript = read_json(done.stdout)
    assert "museum" in transcript.text
    assert transcript.duration < 0.9 * sample.duration
    [warning] = transcript.warnings
    first, second = done.stderr.splitlines()
    assert first == f"panglot: warning: {warning if str(path) in warning else f'{path}: {warning}'}"
    assert second.startswith(f"{path}: ")


def decoded(path: Path, rate: int) -> np.ndarray:
    """Samples of a recording at another rate, roughly; shape ``(1, n)``."""
    with open_audio(path) as stream:
        audio = np.concatenate([block[0] for block in stream])
    times = np.arange(round(len(audio) / 16_000 * rate)) / rate
    return np.interp(times, np.arange(len(audio)) / 16_000, audio).astype(np.float32)[np.newaxis]


def test_a_file_deleted_while_it_is_heard_is_heard_to_its_end(
    samples: dict[str, Sample], model: panglot.Model, tmp_path: Path
) -> None:
    path = Path(shutil.copy(samples["english"].path, tmp_path))
    with model.stream(path) as transcription:
        path.unlink()
        transcript = transcription.transcript
    assert timeless(transcript) == timeless(model.transcribe(samples["english"].path))


def test_a_file_cut_short_while_it_is_heard_ends_early(model: panglot.Model, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    path.write_bytes(wav(bytes(2 * 16_000 * 600)))
    with model.stream(path) as transcription:
        os.truncate(path, 1000)
        transcript = transcription.transcript
    assert transcript.duration < 600
    assert any("truncated" in warning for warning in transcript.warnings)
    assert [finding.kind for finding in transcript.audit.findings] == ["damaged"] * len(transcript.warnings)


@pytest.fixture
def permissions_count(tmp_path: Path) -> None:
    """Not for everybody: the administrator may read and write what is forbidden."""
    (tmp_path / "probe").touch(mode=0)
    if os.access(tmp_path / "probe", os.R_OK):
        pytest.skip("this account may read and write everything")


@pytest.mark.usefixtures("permissions_count")
def test_a_file_that_may_not_be_read(model: panglot.Model, tmp_path: Path) -> None:
    path = tmp_path / "secret.wav"
    path.write_bytes(wav(bytes(32_000)))
    path.chmod(0)
    with pytest.raises(AudioMissingError, match="may not be read"):
        model.transcribe(path)
    assert "may not be read" in the_only_line(call("transcribe", path), code=1)


@pytest.mark.usefixtures("permissions_count")
def test_a_folder_that_may_not_be_written(samples: dict[str, Sample], model: panglot.Model, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    transcript = model.transcribe(samples["english"].path)
    with pytest.raises(OutputError, match="permission"):
        transcript.save(closed / "a.srt")
    assert "permission" in the_only_line(call("transcribe", samples["english"].path, "-o", closed), code=1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_standard_output_on_a_full_disk(samples: dict[str, Sample], model: panglot.Model) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PANGLOT, "transcribe", samples["english"].path, "--format", "json"],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=240,
        )
    assert done.returncode == 1
    assert "standard output cannot be written: No space left" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_that_cannot_be_written_whole_is_not_written(
    samples: dict[str, Sample], model: panglot.Model, tmp_path: Path
) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))

    arguments = ("transcribe", samples["english"].path, "--format", "json", "--output", tmp_path / "out")
    assert "english.json" in the_only_line(call(*arguments, preexec_fn=limit), code=1)
    assert list((tmp_path / "out").iterdir()) == []


# Options


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"language": "xx"}, LanguageError, "'xx'"),
        ({"language": ""}, LanguageError, "''"),
        ({"languages": ["de", "klingon"]}, LanguageError, "'klingon'"),
        ({"languages": "de"}, OptionError, "languages"),
        ({"language": "de", "languages": ["de"]}, OptionError, "not both"),
        ({"start": -1.0}, OptionError, "-1.0"),
        ({"start": 5.0, "end": 5.0}, OptionError, "5.0"),
        ({"start": float("nan")}, OptionError, "nan"),
        ({"start": 3600.0}, OptionError, "3600"),
        ({"channels": "left"}, OptionError, "'left'"),
        ({"prompt": "word " * 2000}, OptionError, "characters"),
        ({"sample_rate": 16_000}, OptionError, "sample_rate"),
    ],
    ids=str,
)
def test_the_library_refuses_an_option(
    options: dict[str, Any], error: type[PanglotError], said: str, samples: dict[str, Sample], model: panglot.Model
) -> None:
    with pytest.raises(error) as raised:
        model.transcribe(samples["english"].path, **options)
    assert said in clear(raised)


def test_an_unknown_option_is_refused_with_those_that_are_known(
    samples: dict[str, Sample], model: panglot.Model
) -> None:
    with pytest.raises(panglot.errors.OptionError, match="lang"):
        model.transcribe(samples["english"].path, lang="de")  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--language", "xx"), "'xx'"),
        (("--languages", "en,xx"), "'xx'"),
        (("--language", "de", "--languages", "en"), "--languages"),
        (("--model", "huge"), "'huge'"),
        (("--model", "silero-vad"), "silero-vad"),
        (("--model", "./nowhere"), "nowhere"),
        (("--format", "pdf"), "'pdf'"),
        (("--start", "later"), "later"),
        (("--start", "10", "--end", "5"), "10"),
        (("--channels", "left"), "'left'"),
        (("--device", "abacus"), "'abacus'"),
        (("--compute", "int3"), "'int3'"),
        (("--threads", "0"), "0"),
        (("--threads", "many"), "--threads"),
        (("--nonsense",), "--nonsense"),
    ],
    ids=" ".join,
)
def test_the_command_refuses_an_option(
    arguments: tuple[str, ...], said: str, samples: dict[str, Sample], capfd: pytest.CaptureFixture[str]
) -> None:
    code = run(["transcribe", str(samples["english"].path), *arguments])
    out, err = capfd.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("panglot: error: ")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["huge", "", "./nowhere"])
def test_an_unknown_model(name: str) -> None:
    with pytest.raises(ModelUnknownError) as error:
        panglot.load(name, offline=True)
    clear(error)
