"""The same training in every precision, on a real small network."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from panglot.cli.app import run
from panglot.errors import OptionError
from panglot.training.comparison.compare import compare
from panglot.training.comparison.measure import Plan
from panglot.training.comparison.records import Comparison
from panglot.training.comparison.workload import Subject

MODULE = """
import os, signal
import torch
from torch import nn
from panglot.training.comparison.workload import Workload

def tiny():
    model = nn.Sequential(nn.Linear(12, 32), nn.GELU(), nn.LayerNorm(32), nn.Linear(32, 8))
    def batch(size, generator):
        inputs = torch.randn(size, 12, generator=generator)
        return inputs, inputs[:, :8] * 2
    def loss(network, sample):
        return nn.functional.mse_loss(network(sample[0]).float(), sample[1])
    return Workload(name="tiny", model=model, batch=batch, loss=loss, batch_size=16)

def exploding():
    made = tiny()
    def loss(network, sample):
        value = made.loss(network, sample)
        return value * float("inf") if torch.is_autocast_enabled("cpu") else value
    return Workload(name="exploding", model=made.model, batch=made.batch, loss=loss, batch_size=4)

def dying():
    made = tiny()
    def loss(network, sample):
        if torch.is_autocast_enabled("cpu"):
            os.kill(os.getpid(), signal.SIGKILL)
        return made.loss(network, sample)
    return Workload(name="dying", model=made.model, batch=made.batch, loss=loss, batch_size=4)

def nothing():
    return 5
"""
PLAN = Plan(device="cpu", steps=4, warmup=1, threads=1)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the module that a user wrote, from which the command is run."""
    (tmp_path / "networks.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "networks", raising=False)
    return tmp_path


def measured(name: str, *precisions: str, baseline: bool = True) -> Comparison:
    return compare(Subject(function=f"networks:{name}"), precisions, plan=PLAN, baseline=baseline)


def test_half_precision_learns_as_fp32_does(here: Path) -> None:
    found = measured("tiny", "bf16")
    fp32, bf16 = found.rows
    assert (fp32.precision, bf16.precision) == ("fp32", "bf16")
    assert fp32.ran
    assert bf16.ran
    assert len(fp32.losses) == len(bf16.losses) == 5
    assert fp32.losses[0] == pytest.approx(bf16.losses[0], rel=0.02)
    assert fp32.parity == pytest.approx(1.0, abs=1e-12)
    assert bf16.parity is not None
    assert 0.99 < bf16.parity < 1.0
    assert fp32.memory is not None
    # 12*32 + 32 + 32 + 32 + 32*8 + 8 numbers of four bytes; Adam keeps two of each, and the steps of six tensors.
    assert fp32.memory.parameters == fp32.memory.gradients == 744 * 4
    assert fp32.memory.optimizer == 2 * 744 * 4 + 6 * 4
    assert bf16.memory is not None
    assert {each.dtype for each in fp32.operators} == {"float32"}
    linear = {each.dtype for each in bf16.operators if each.matrix}
    assert linear == {"bfloat16"}
    assert any(each.dtype == "float32" for each in bf16.operators)  # the loss, the update


def test_a_precision_that_fails_is_a_row(here: Path) -> None:
    (exploded,) = measured("exploding", "bf16", baseline=False).rows
    assert exploded.reason == "the loss is inf at step 1"


def test_a_process_that_dies_is_a_row(here: Path) -> None:
    died = measured("dying", "bf16")
    assert "ended by SIGKILL" in died.rows[1].reason
    assert died.rows[0].ran


def test_what_a_cpu_does_not_have_is_a_row(here: Path) -> None:
    (row,) = measured("tiny", "tf32", baseline=False).rows
    assert not row.ran
    assert "CUDA" in row.reason


@pytest.mark.parametrize("function", ["networks:nothing", "networks:none", "nowhere:tiny", "networks"])
def test_what_is_no_workload_is_said(here: Path, function: str) -> None:
    with pytest.raises(OptionError, match="MODULE:FUNCTION"):
        compare(Subject(function=function), ("fp32",), plan=PLAN)


def test_the_command_writes_and_requires(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["precision", "networks:tiny", "--precisions", "fp32,bf16", "--steps", "3", "--device", "cpu"]
    written = [here / name for name in ("out.json", "out.html", "out.md")]
    options = [f"--{kind}={path}" for kind, path in zip(("json", "html", "markdown"), written, strict=True)]
    bounds = "parity.bf16>=0.9,speedup.fp32>=1,speedup.bf16>=1000"
    assert run([*command, *options, "--memory", "1", "--require", bounds]) == 1
    shown = capsys.readouterr()
    assert "TIMES FP32" in shown.out
    (error,) = [line for line in shown.err.splitlines() if "error" in line]
    assert "speedup.bf16>=1000 is required" in error
    figures = json.loads(written[0].read_text())
    assert [row["precision"] for row in figures["rows"]] == ["fp32", "bf16"]
    assert figures["rows"][0]["largest_batch"] > 16
    assert all(path.stat().st_size > 1000 for path in written)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--mini", "--shape", "base"], "not several"),
        (["--mini", "--precisions", "fp64"], "fp64 is no precision"),
        (["--mini", "--require", "speed"], "is not a bound"),
        (["--shape", "huge", "--device", "cpu"], "there is no shape 'huge'"),
        (["--mini", "--device", "cpu", "--largest-batch"], "give --memory"),
        (["--mini", "--device", "toaster"], "'toaster' is not a device"),
    ],
)
def test_bad_options_are_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert run(["precision", *arguments]) in (1, 2)
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert message in error
