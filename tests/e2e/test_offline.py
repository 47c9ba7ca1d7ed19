"""Weights that are here need no network; weights that are not, or not as published, are one clear sentence."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample import Sample

import panglot
from panglot.errors import WeightsCorruptError, WeightsMissingError
from panglot.models import DEFAULT_MODEL, VAD_MODEL, Store

# Fails as it does where no cable is plugged in. An audit hook hears of every call of Python and cannot be taken away.
UNPLUG = """
    import errno, os, sys

    def refuse(event, arguments):
        if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH), event)

    sys.addaudithook(refuse)
"""


@functools.cache
def without_network() -> tuple[str, ...]:
    """How a process is started in a world of its own, where the system allows that to anybody."""
    command = ("unshare", "--map-root-user", "--net")
    allowed = shutil.which(command[0]) and subprocess.run([*command, "true"], capture_output=True).returncode == 0
    return command if allowed else ()


def unplugged(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a Python program that cannot reach the network."""
    return subprocess.run(
        [
            *without_network(),
            sys.executable,
            "-c",
            textwrap.dedent(UNPLUG) + textwrap.dedent(program),
            *map(str, arguments),
        ],
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        env={**os.environ, "NO_COLOR": "1"},
    )


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command without a network."""
    return unplugged("from panglot.cli import main; main()", *arguments)


def test_the_plug_is_out() -> None:
    done = unplugged(
        """
        import socket
        for address in (("127.0.0.1", 9), ("localhost", 9)):
            try:
                socket.create_connection(address, timeout=5)
            except OSError as error:
                print(error.strerror)
        """
    )
    assert done.stdout.splitlines() == [os.strerror(101)] * 2, done.stderr


@pytest.mark.usefixtures("model")
def test_the_library_needs_no_network(samples: dict[str, Sample]) -> None:
    done = unplugged(
        """
        import panglot
        print(panglot.transcribe(sys.argv[1]).text)
        """,
        samples["english"].path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "museum" in done.stdout


@pytest.mark.usefixtures("model")
def test_the_command_needs_no_network(samples: dict[str, Sample]) -> None:
    done = command("transcribe", samples["german"].path)
    assert done.returncode == 0, done.stderr
    assert "Hamburg" in done.stdout


def test_missing_weights_and_no_network(samples: dict[str, Sample], tmp_path: Path) -> None:
    done = command("--home", tmp_path, "transcribe", samples["english"].path, "--model", "small")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("panglot: error: the weights of small are not on this machine")
    assert "panglot models pull small" in done.stderr
    assert done.stderr.count("\n") == 1
    with pytest.raises(WeightsMissingError, match="the weights of small are not on this machine"):
        panglot.load("small", store=Store(tmp_path), offline=True)


@pytest.fixture(scope="module")
def home(model: panglot.Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the weights that may be spoilt."""
    folder = tmp_path_factory.mktemp("home")
    for name in (DEFAULT_MODEL, VAD_MODEL):
        shutil.copytree(Store().path(name, offline=True), folder / "models" / name)
    yield folder
    shutil.rmtree(folder)


def flip(path: Path, place: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1]))


@pytest.mark.parametrize(
    "name",
    [f"{DEFAULT_MODEL}/model.bin", f"{DEFAULT_MODEL}/tokenizer.json", f"{VAD_MODEL}/silero_vad_v6.onnx"],
)
def test_one_wrong_bit_is_found(name: str, home: Path, samples: dict[str, Sample]) -> None:
    path = home / "models" / name
    place = path.stat().st_size // 3
    flip(path, place)
    try:
        with pytest.raises(WeightsCorruptError, match=path.name):
            panglot.load(store=Store(home / "models"), offline=True)
        done = command("--home", home, "transcribe", samples["english"].path)
    finally:
        flip(path, place)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("panglot: error: ")
    assert path.name in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_copy_of_the_weights_is_as_good(home: Path, samples: dict[str, Sample]) -> None:
    with panglot.load(store=Store(home / "models"), offline=True) as model:
        assert "museum" in model.transcribe(samples["english"].path).text
