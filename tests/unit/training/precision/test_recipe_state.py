"""A recipe's state in a checkpoint: training goes on as if it had not been interrupted."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn

from panglot.errors import TrainingError
from panglot.training.precision import MixedPrecision, StepReport

FORMS = [("fp32", False), ("bf16", False), ("fp16", False), ("bf16", True), ("fp16", True)]


class Run:
    """A training run with dropout, shuffled data, momentum, a schedule, and a scale that falls and grows."""

    def __init__(self, precision: str, masters: bool, *, seed: int) -> None:
        torch.manual_seed(seed)
        self.recipe = MixedPrecision(
            precision, device="cpu", master_weights=masters, initial_scale=2.0**20, growth_interval=4
        )
        self.model = self.recipe.prepare(nn.Sequential(nn.Linear(6, 16), nn.GELU(), nn.Dropout(0.3), nn.Linear(16, 3)))
        self.optimizer = torch.optim.AdamW(self.recipe.parameters(self.model), lr=1e-2)
        self.schedule = torch.optim.lr_scheduler.ExponentialLR(self.optimizer, 0.9)
        self.order = torch.Generator().manual_seed(seed)
        self.data = torch.linspace(-3, 3, 6 * 32).reshape(32, 6).sin()

    def train(self, steps: int) -> list[tuple[float, StepReport]]:
        return [self._step() for _ in range(steps)]

    def _step(self) -> tuple[float, StepReport]:
        batch = self.data[torch.randperm(32, generator=self.order)[:8]]
        with self.recipe.forward():
            loss = nn.functional.mse_loss(self.model(batch).float(), batch[:, :3])
        self.recipe.backward(loss)
        return loss.item(), self.recipe.step(self.optimizer, max_norm=0.5, schedule=self.schedule)

    def save(self) -> bytes:
        state = {name: getattr(self, name).state_dict() for name in ("recipe", "model", "optimizer", "schedule")}
        # The states of the random generators are the caller's: of dropout, and of the order of the data.
        state |= {"dropout": torch.get_rng_state(), "order": self.order.get_state()}
        file = io.BytesIO()
        torch.save(state, file)
        return file.getvalue()

    def load(self, saved: bytes) -> None:
        state: dict[str, Any] = torch.load(io.BytesIO(saved), weights_only=True)
        for name in ("model", "optimizer", "schedule", "recipe"):
            getattr(self, name).load_state_dict(state[name])
        torch.set_rng_state(state["dropout"])
        self.order.set_state(state["order"])


@dataclass(frozen=True)
class Outcome:
    reports: list[tuple[float, StepReport]]
    weights: dict[str, torch.Tensor]


def outcome(run: Run, steps: int) -> Outcome:
    reports = run.train(steps)
    weights = dict(run.recipe.named_parameters(run.model))
    return Outcome(reports, weights | {f"model.{name}": value for name, value in run.model.state_dict().items()})


@pytest.mark.parametrize(("precision", "masters"), FORMS)
def test_resumed_training_is_uninterrupted_training_to_the_bit(precision: str, masters: bool) -> None:
    run = Run(precision, masters, seed=0)
    first = run.train(9)
    saved = run.save()
    expected = outcome(run, 9)

    resumed = Run(precision, masters, seed=1)
    resumed.train(2)
    resumed.load(saved)
    got = outcome(resumed, 9)

    assert got.reports == expected.reports
    assert all(torch.equal(got.weights[name], value) for name, value in expected.weights.items())
    assert (resumed.recipe.applied, resumed.recipe.skipped) == (run.recipe.applied, run.recipe.skipped)
    if precision == "fp16":  # else the test would not show that the scale and its tracker were saved
        assert run.recipe.skipped > 0
        assert any(report.scale_after > report.scale_before for _, report in first + expected.reports)


def test_without_the_growth_tracker_training_would_go_another_way() -> None:
    run = Run("fp16", False, seed=0)
    run.train(9)
    state = run.recipe.state_dict()
    assert state["scaler"]["_growth_tracker"] > 0
    assert state["scaler"]["scale"] != 2.0**20


@pytest.mark.parametrize(
    ("saved", "here", "complaint"),
    [
        (("fp16", False), ("bf16", False), "precision=fp16, and this recipe precision=bf16"),
        (("fp16", True), ("fp16", False), "master_weights=True, and this recipe master_weights=False"),
    ],
)
def test_a_state_of_another_precision_is_refused(
    saved: tuple[str, bool], here: tuple[str, bool], complaint: str
) -> None:
    state = Run(*saved, seed=0).recipe.state_dict()
    with pytest.raises(TrainingError, match=complaint):
        Run(*here, seed=0).recipe.load_state_dict(state)


@pytest.mark.parametrize("masters", [False, True])
def test_a_state_of_another_model_is_refused_and_nothing_changes(masters: bool) -> None:
    other = MixedPrecision("fp16", device="cpu", master_weights=masters)
    other.prepare(nn.Sequential(nn.Linear(6, 16), nn.GELU(), nn.Dropout(0.3), nn.Linear(16, 4)))
    run = Run("fp16", masters, seed=0)
    before = run.save()
    with pytest.raises(TrainingError, match=r"3\.weight is \[4, 16\] in it, and \[3, 16\] here"):
        run.recipe.load_state_dict(other.state_dict())
    assert run.save() == before


def test_a_state_without_its_masters_is_refused() -> None:
    run = Run("fp16", True, seed=0)
    state = run.recipe.state_dict() | {"masters": {}}
    with pytest.raises(TrainingError, match="master weights are not those"):
        run.recipe.load_state_dict(state)


def test_what_is_no_state_is_refused() -> None:
    with pytest.raises(TrainingError, match="precision, master_weights, scaler"):
        Run("fp16", False, seed=0).recipe.load_state_dict({"weights": math.pi})
