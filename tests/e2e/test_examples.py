"""The programs in examples/ run as they are."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from panglot.errors import WeightsMissingError
from panglot.models import DEFAULT_MODEL, VAD_MODEL, Store

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
PROGRAMS = sorted(path.name for path in (ROOT / "examples").glob("*.py"))


@pytest.fixture(scope="module", autouse=True)
def _weights() -> None:
    try:
        for name in (DEFAULT_MODEL, VAD_MODEL):
            Store().path(name, offline=True)
    except WeightsMissingError as error:
        pytest.skip(str(error))


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "examples" / program), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )


def test_every_example_is_tested_here() -> None:
    assert PROGRAMS == ["stream_segments.py", "subtitles.py", "transcribe_file.py"]


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
