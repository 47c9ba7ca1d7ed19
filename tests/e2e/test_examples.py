"""The programs in examples/ run as they are."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from panglot.errors import WeightsMissingError
from panglot.models import DEFAULT_MODEL, VAD_MODEL, Store
from panglot.models.catalogue import DIARIZATION_MODEL

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
PROGRAMS = sorted(path.name for path in (ROOT / "examples").glob("*.py"))


@pytest.fixture(scope="module", autouse=True)
def _weights() -> None:
    require(DEFAULT_MODEL, VAD_MODEL)


def require(*models: str) -> None:
    try:
        for name in models:
            Store().path(name, offline=True)
    except WeightsMissingError as error:
        pytest.skip(str(error))


@dataclass(frozen=True)
class Server:
    address: str
    key: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service of its own, with its worker."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PANGLOT_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "panglot", "serve", "--port", "0"],
        env=kept | {"XDG_DATA_HOME": str(home)},  # all that it keeps; the weights are elsewhere
        text=True,
        stdout=subprocess.PIPE,
        stderr=(log := (home / "log").open("w+")),
    )
    try:
        assert process.stdout is not None
        key = process.stdout.readline().strip()
        said = (home / "log").read_text(encoding="utf-8")
        found = re.search(r"Panglot is at (\S+)", said)
        assert found is not None, said
        yield Server(address=found[1], key=key)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=120)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
        log.close()


def run(program: str, *arguments: object, outdated: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a program; its warnings are errors, but for those of packages that use what is outdated."""
    warnings = ["-W", "error", *(["-W", "ignore::DeprecationWarning"] if outdated else [])]
    return subprocess.run(
        [sys.executable, *warnings, str(ROOT / "examples" / program), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )


def test_every_example_is_tested_here() -> None:
    assert PROGRAMS == [
        "assemblyai_client.py",
        "openai_client.py",
        "stream_segments.py",
        "subtitles.py",
        "transcribe_file.py",
    ]


def test_transcribe_file_keeps_both_languages() -> None:
    done = run("transcribe_file.py", DATA / "two_languages.flac")
    assert done.returncode == 0, done.stderr
    assert "museum" in done.stdout
    assert "Hamburg" in done.stdout
    assert [line.split(": ")[1].split()[0] for line in done.stdout.splitlines() if " s: " in line] == ["en", "de", "en"]
    assert "s of speech" in done.stdout


def test_stream_segments_names_each_recordings_language() -> None:
    paths = [DATA / "english.flac", DATA / "german.flac"]
    done = run("stream_segments.py", *paths)
    assert done.returncode == 0, done.stderr
    reason, *lines = done.stdout.splitlines()
    assert "int8" in reason or "float" in reason
    assert {(line.split()[0], line.split()[2]) for line in lines} == {(str(paths[0]), "en"), (str(paths[1]), "de")}


def test_subtitles_writes_what_it_can_and_says_what_it_cannot(tmp_path: Path) -> None:
    good = Path(shutil.copy(DATA / "english.flac", tmp_path))
    bad = tmp_path / "notes.flac"
    bad.write_text("These are notes, not sound.")
    done = run("subtitles.py", bad, good)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{bad}: ")
    assert "Traceback" not in done.stderr
    srt = good.with_suffix(".srt").read_text(encoding="utf-8")
    assert srt.startswith("1\n00:00:00,")
    assert "museum" in srt
    assert good.with_suffix(".vtt").read_text(encoding="utf-8").startswith("WEBVTT\n")
    assert not bad.with_suffix(".srt").exists()


def test_assemblyai_client_says_who_speaks_and_what_is_wrong(tmp_path: Path, server: Server) -> None:
    require(DIARIZATION_MODEL)
    done = run("assemblyai_client.py", server.address, server.key, DATA / "two_languages.flac", outdated=True)
    assert done.returncode == 0, done.stderr
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert list(said) == ["A", "B"]
    assert "Hamburg" in said["B"]
    bad = tmp_path / "notes.mp3"
    bad.write_text("These are notes, not sound.")
    done = run("assemblyai_client.py", server.address, server.key, bad, outdated=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{bad}: File does not appear to contain audio.")


def test_openai_client_prints_the_whole_text(server: Server) -> None:
    done = run("openai_client.py", server.address, server.key, DATA / "two_languages.flac")
    assert done.returncode == 0, done.stderr
    assert "museum" in done.stdout
    assert "Hamburg" in done.stdout
