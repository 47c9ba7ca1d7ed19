"""`panglot train` as a process: it starts, is stopped in every way there is, and goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from panglot.errors import WeightsMissingError
from tiny_training import save_corpus, save_tiny

ROOT = Path(__file__).parents[2]
# A process takes seconds to load its libraries, and much longer on a machine that has other work.
LIMIT = 240
pytestmark = pytest.mark.timeout(4 * LIMIT)
STARTED: list[subprocess.Popen[str]] = []
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
    # On a busy machine the last step may take longer than the 30 s that the launcher waits before it kills.
    torchrun = (
        "-m",
        "torch.distributed.run",
        "--standalone",
        f"--nproc-per-node={processes}",
        "--shutdown-timeout=120",
    )
    launcher = torchrun if processes > 1 else ()
    return [sys.executable, *launcher, "-m", "panglot", "train", *arguments]


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """Without it a test that fails, or runs out of time, leaves processes and open pipes to those that follow."""
    yield
    while STARTED:
        process = STARTED.pop()
        if process.poll() is None:
            for child in children(process):
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            assert pipe
            pipe.close()


def children(process: subprocess.Popen[str]) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def start(place: Path, *arguments: str, processes: int = 1, **environment: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        command(*arguments, processes=processes),
        cwd=place,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"OMP_NUM_THREADS": "1"} | environment,
    )
    STARTED.append(process)
    return process


def call(place: Path, *arguments: str, processes: int = 1, **environment: str) -> tuple[int, str]:
    process = start(place, *arguments, processes=processes, **environment)
    _, errors = process.communicate(timeout=LIMIT)
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


def close(one: Any, other: Any) -> bool:
    """But for rounding: tensors of the same names, or in the same order."""
    import torch

    pairs = [(one[key], other[key]) for key in other] if isinstance(one, dict) else zip(one, other, strict=True)
    return all(torch.allclose(mine, yours, rtol=1e-3, atol=1e-5) for mine, yours in pairs)


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
    _, errors = process.communicate(timeout=LIMIT)
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
    os.kill(children(process)[0], signal.SIGKILL)
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode != 0
    assert "fault in Panglot" not in errors

    code, errors = call(place, *options, processes=2)
    assert code == 0, errors
    assert [step for step, _ in losses(place / together)] == [1, 2, 3, 4]
    assert [loss for _, loss in losses(place / together)] == pytest.approx(
        [loss for _, loss in losses(place / alone)], rel=1e-4
    )
    code, errors = call(place, "--resume", together)
    assert code == 1
    assert "was written by 2 processes" in errors


@pytest.mark.slow
def test_what_a_recipe_leaves_open_and_data_that_are_not_there_are_one_line(place: Path) -> None:
    recipe = str(ROOT / "recipes/cpu_two_cores.py:teach_base")
    for arguments, told in (
        ((recipe,), "leaves it to you to give DATA, --validation DATA, --output DIR"),
        ((recipe, "data/data.jsonl", "--output", "mine"), "leaves it to you to give --validation DATA"),
        (("data/lost.jsonl", "--output", "mine"), "'data/lost.jsonl' does not exist. Give a manifest"),
    ):
        code, errors = call(place, *arguments)
        assert code == 2, errors
        assert told in errors
        assert len(errors.splitlines()) == 1
    assert not (place / "mine").exists()


@pytest.mark.slow
def test_a_compiled_network_learns_the_same_and_without_a_compiler_nothing_begins(place: Path) -> None:
    save_tiny(place / "steady", dropout=0.0)
    arguments = ("data/data.jsonl", "--from", "steady", "--steps", "4", "--learning-rate", "1e-3", *OPTIONS)
    code, errors = call(place, *arguments, "--output", "plain")
    assert code == 0, errors
    code, errors = call(place, *arguments, "--output", "compiled", "--compile")
    assert code == 0, errors
    assert "Warning" not in errors
    assert [loss for _, loss in losses(place / "compiled")] == pytest.approx(
        [loss for _, loss in losses(place / "plain")], rel=1e-4
    )
    code, errors = call(place, "--resume", "compiled", "--steps", "5")
    assert code == 0, errors
    assert [step for step, _ in losses(place / "compiled")] == [1, 2, 3, 4, 5]

    code, errors = call(place, *arguments, "--output", "nothing", "--compile", CXX="no-such-compiler")
    assert code == 1, errors
    assert "Install a C++ compiler and the headers of this Python" in errors
    assert "or leave --compile out" in errors
    assert len(errors.splitlines()) == 1
    assert not (place / "nothing").exists()


@pytest.mark.slow
def test_two_processes_keep_one_average_and_go_on_with_it(place: Path) -> None:
    save_tiny(place / "still", dropout=0.0)
    save_corpus(place / "eight", samples=8)
    arguments = ("eight/data.jsonl", "--from", "still", "--steps", "12", "--learning-rate", "1e-3", "--ema", "0.5")
    options = (*arguments, "--validation", "data/data.jsonl", "--validate-every", "2", *OPTIONS)
    code, errors = call(place, *options, "--accumulate", "2", "--output", "one-average")
    assert code == 0, errors
    code, errors = call(place, *options, "--output", "average", processes=2)
    assert code == 0, errors
    average, other = (checkpoint(place / name)[1]["average"]["average"] for name in ("average", "one-average"))
    assert close(average, other)
    assert not equal(average, list(checkpoint(place / "average")[1]["model"].values()))

    process = start(place, *options, "--output", "halves", processes=2)
    await_steps(place / "halves", 2, process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode != 0
    assert errors.count("Go on with: panglot train --resume halves") == 1
    assert json.loads((place / "halves/last.json").read_text())["step"] < 12
    code, errors = call(place, "--resume", "halves", processes=2)
    assert code == 0, errors
    assert equal(checkpoint(place / "halves")[1], checkpoint(place / "average")[1])


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_updates_shared_out_to_two_processes_are_those_of_one(place: Path, precision: str) -> None:
    from panglot.training.whisper import load_trainable

    save_tiny(place / "still", dropout=0.0)
    save_corpus(place / "eight", samples=8)
    arguments = (
        "eight/data.jsonl",
        "--from",
        "still",
        "--steps",
        "3",
        "--lora",
        "2",
        *OPTIONS,
        "--precision",
        precision,
    )
    alone, together = f"lora-{precision}", f"lora-shared-{precision}"
    code, errors = call(place, *arguments, "--accumulate", "2", "--output", alone)
    assert code == 0, errors
    options = (*arguments, "--distributed", "fsdp", "--output", together)
    code, errors = call(place, *options, processes=2)
    assert code == 0, errors
    assert losses(place / together) == [(step, pytest.approx(loss, rel=1e-3)) for step, loss in losses(place / alone)]
    states = [load_trainable(place / name / "best").module.state_dict() for name in (together, alone)]
    assert close(*states)
    assert not equal(states[0], load_trainable(place / "still").module.state_dict())
    code, errors = call(place, "--resume", together, "--steps", "4", processes=2)
    assert code == 0, errors
    assert [step for step, _ in losses(place / together)] == [1, 2, 3, 4]


@pytest.mark.slow
def test_what_the_first_process_cannot_do_is_said_by_all(place: Path) -> None:
    (place / "taken").mkdir()
    (place / "taken/thesis.txt").write_text("mine")
    code, errors = call(place, "data/data.jsonl", "--from", "toy", *OPTIONS, "--output", "taken", processes=2)
    assert code != 0
    assert errors.count("panglot: error: taken is no folder of a run and is not empty. Give another --output.") == 2
    assert "fault in Panglot" not in errors
