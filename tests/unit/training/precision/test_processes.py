"""Several processes: all of them come to the same report. Two real ones, over gloo."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from panglot.training.precision import MixedPrecision

pytestmark = pytest.mark.slow  # two processes that load torch

WORLD = 2
KINDS = ("ddp", "ddp-masters", "fsdp2")
BROKEN = 1
"""The process, and the step, with the overflow."""


def _network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 5), nn.GELU(), nn.Linear(5, 3))


def _batch(rank: int, step: int) -> torch.Tensor:
    return torch.randn(4, 6, generator=torch.Generator().manual_seed(10 * step + rank))


def _wrapped(kind: str, model: nn.Module) -> nn.Module:
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard
    from torch.nn.parallel import DistributedDataParallel

    if kind != "fsdp2":
        return DistributedDataParallel(model)
    mesh = init_device_mesh("cpu", (WORLD,))
    fully_shard(model[0], mesh=mesh)
    return fully_shard(model, mesh=mesh)


def _train(kind: str, rank: int) -> dict[str, Any]:
    from torch.distributed.tensor import DTensor

    recipe = MixedPrecision("fp16", device="cpu", master_weights=kind == "ddp-masters", initial_scale=256.0)
    inner = recipe.prepare(_network())
    model = _wrapped(kind, inner)
    optimizer = torch.optim.SGD(recipe.parameters(model), lr=0.1)
    reports, moved = [], []
    for step in range(3):
        before = [_whole(parameter) for parameter in recipe.parameters(model)]
        x = _batch(rank, step)
        if (rank, step) == (BROKEN, BROKEN):
            x[0, 0] = math.inf  # all gradients of this process
        with recipe.forward():
            loss = model(x).float().square().mean()
        recipe.backward(loss)
        if kind == "fsdp2" and step == 2:  # one shard alone: nothing but the recipe tells the other process
            bias = inner[2].bias
            assert isinstance(bias.grad, DTensor)
            if rank == BROKEN:
                bias.grad.to_local().fill_(math.inf)
        report = recipe.step(optimizer, max_norm=0.01)
        reports.append(asdict(report))
        moved.append(any(not torch.equal(a, _whole(b)) for a, b in zip(before, recipe.parameters(model), strict=True)))
    return {"reports": reports, "moved": moved}


def _whole(parameter: torch.Tensor) -> torch.Tensor:
    from torch.distributed.tensor import DTensor

    return (parameter.full_tensor() if isinstance(parameter, DTensor) else parameter).detach().clone()


def _process(rank: int, folder: str) -> None:
    import torch.distributed as dist

    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=WORLD)
    results = {kind: _train(kind, rank) for kind in KINDS}
    Path(folder, f"{rank}.json").write_text(json.dumps(results), encoding="utf-8")
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What each process reported."""
    folder = tmp_path_factory.mktemp("processes")
    torch.multiprocessing.spawn(_process, (str(folder),), nprocs=WORLD)
    return [json.loads((folder / f"{rank}.json").read_text(encoding="utf-8")) for rank in range(WORLD)]


@pytest.mark.parametrize("kind", KINDS)
def test_all_processes_come_to_the_same_report(results: list[dict[str, Any]], kind: str) -> None:
    assert json.dumps(results[0][kind]) == json.dumps(results[1][kind])


@pytest.mark.parametrize("kind", KINDS)
def test_an_overflow_on_one_process_skips_the_step_on_both(results: list[dict[str, Any]], kind: str) -> None:
    steps = results[0][kind]["reports"]
    assert [step["applied"] for step in steps] == [True, False, kind != "fsdp2"]
    assert results[0][kind]["moved"] == [step["applied"] for step in steps]
    assert [step["scale_after"] for step in steps] == [256.0, 128.0, 64.0 if kind == "fsdp2" else 128.0]
    assert steps[1]["overflowed"] == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_an_overflow_in_one_shard_is_named_on_both(results: list[dict[str, Any]]) -> None:
    assert [result["fsdp2"]["reports"][2]["overflowed"] for result in results] == [["2.bias"]] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_the_norm_is_that_of_the_whole_batch(results: list[dict[str, Any]], kind: str) -> None:
    model = _network().double()
    model(torch.cat([_batch(rank, 0) for rank in range(WORLD)]).double()).square().mean().backward()
    expected = math.sqrt(sum(float(p.grad.square().sum()) for p in model.parameters() if p.grad is not None))
    assert results[0][kind]["reports"][0]["gradient_norm"] == pytest.approx(expected, rel=2**-8)
