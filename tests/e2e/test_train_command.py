"""`panglot train` as a process: it starts, is stopped in every way there is, and goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from panglot.errors import WeightsMissingError
from tiny_training import save_corpus, save_tiny

OPTIONS = ("--precision", "fp32", "--device", "cpu", "--batch-samples", "2", "--checkpoint-every", "1")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny model, and something to learn: six clips and a row that cannot be used."""
    folder = tmp_path_factory.mktemp("train")
    try:
        save_tiny(folder / "toy")
    except WeightsMissingError as error:
        pytest.skip(f"the tokenizer of the default weights is not here: {error}")
    save_corpus(folder / "data", rows=('{"audio": "gone.wav", "text": "lost", "language": "en"}',))
    return folder


def command(*arguments: str, processes: int = 1) -> list[str]:
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"] if processes > 1 else []
    return [sys.executable, *launcher, "-m", "panglot", "train", *arguments]


def start(place: Path, *arguments: str, processes: int = 1) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(*arguments, processes=processes),
        cwd=place,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def call(place: Path, *arguments: str, processes: int = 1) -> tuple[int, str]:
    process = start(place, *arguments, processes=processes)
    _, errors = process.communicate(timeout=280)
    return process.returncode, errors


def log(run: Path, kind: str = "step") -> list[dict[str, Any]]:
    path = run / "log.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    rows = [json.loads(line) for line in lines if line.endswith("}")]
    return [row for row in rows if row["kind"] == kind]


def await_steps(run: Path, count: int, process: subprocess.Popen[str]) -> None:
    while len(log(run)) < count:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def losses(run: Path) -> list[tuple[int, float]]:
    return [(row["step"], row["loss"]) for row in log(run)]


def checkpoint(run: Path) -> tuple[str, dict[str, Any]]:
    """The last one: where, and what it is."""
    import torch

    folder = max((run / "checkpoints").glob("step-*"))
    return folder.name, torch.load(folder / "state.pt", weights_only=True)


def equal(one: Any, other: Any) -> bool:
    """Bit for bit, but for the clock."""
    import torch

    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one if key != "clock")
    if isinstance(one, Sequence) and not isinstance(one, str):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other


@pytest.mark.slow
def test_a_run_is_interrupted_killed_and_ends_as_if_it_had_not_been(place: Path) -> None:
    arguments = ("data/data.jsonl", "--from", "toy", "--steps", "7", "--learning-rate", "1e-3", *OPTIONS)
    code, errors = call(place, *arguments, "--output", "whole")
    assert code == 0, errors
    assert "data.jsonl:7" in errors
    assert "panglot models import whole/best --name NAME" in errors

    process = start(place, *arguments, "--output", "broken")
    await_steps(place / "broken", 2, process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert "Go on with: panglot train --resume broken" in errors
    reached = losses(place / "broken")[-1][0]
    assert json.loads((place / "broken/last.json").read_text())["step"] == reached < 7

    process = start(place, "--resume", "broken")
    await_steps(place / "broken", reached + 1, process)
    process.kill()
    process.communicate()

    code, errors = call(place, "--resume", "broken")
    assert code == 0, errors
    assert losses(place / "broken") == losses(place / "whole")
    assert [step for step, _ in losses(place / "whole")] == list(range(1, 8))
    assert equal(checkpoint(place / "broken"), checkpoint(place / "whole"))
    for name in ("best/model.safetensors", "rejected.jsonl"):
        assert (place / "broken" / name).read_bytes() == (place / "whole" / name).read_bytes()
    assert "<svg" in (place / "broken/report.html").read_text()


@pytest.mark.slow
def test_a_run_is_never_overwritten_and_recipes_work(place: Path) -> None:
    (place / "recipes.py").write_text(
        "from panglot.training.settings import Settings\n\n\n"
        "def tiny():\n"
        "    return Settings(data='data/data.jsonl', base='toy', output='recipe', steps=1, batch_samples=2,\n"
        "                    validation='data/data.jsonl', precision='fp32', device='cpu', lora=2)\n",
        encoding="utf-8",
    )
    code, errors = call(place, "recipes.py:tiny")
    assert code == 0, errors
    assert "en WER" in errors
    code, errors = call(place, "recipes.py:tiny")
    assert code == 2
    assert "recipe holds a run already (step 1). Go on with `panglot train --resume recipe`" in errors


@pytest.mark.slow
@pytest.mark.parametrize("how", ["ddp", "fsdp"])
def test_two_processes_learn_what_one_does_and_survive_a_killed_one(place: Path, how: str) -> None:
    # Four batches: as many as both processes have in an epoch, so that all see the same.
    save_tiny(place / "still", dropout=0.0)
    save_corpus(place / "eight", samples=8)
    arguments = ("eight/data.jsonl", "--from", "still", "--steps", "4", "--learning-rate", "1e-3", *OPTIONS)
    alone, together = f"alone-{how}", f"together-{how}"
    code, errors = call(place, *arguments, "--accumulate", "2", "--output", alone)
    assert code == 0, errors

    options = (*arguments, "--distributed", how, "--output", together, "--resume")
    process = start(place, *options, processes=2)
    await_steps(place / together, 2, process)
    children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True)
    os.kill(int(children.stdout.split()[0]), signal.SIGKILL)
    process.communicate(timeout=120)
    assert process.returncode != 0

    code, errors = call(place, *options, processes=2)
    assert code == 0, errors
    assert [step for step, _ in losses(place / together)] == [1, 2, 3, 4]
    assert [loss for _, loss in losses(place / together)] == pytest.approx(
        [loss for _, loss in losses(place / alone)], rel=1e-4
    )
    code, errors = call(place, "--resume", together)
    assert code == 1
    assert "was written by 2 processes" in errors
