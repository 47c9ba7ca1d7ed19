"""What a step does, and that its report says exactly that."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from panglot.errors import OptionError, TrainingError
from panglot.training.precision import MixedPrecision, StepReport

Make = Callable[[list[nn.Parameter]], torch.optim.Optimizer]

OPTIMIZERS: dict[str, Make] = {
    "adamw": lambda parameters: torch.optim.AdamW(parameters, lr=0.1, foreach=False),
    "adamw-foreach": lambda parameters: torch.optim.AdamW(parameters, lr=0.1, foreach=True),
    "adamw-fused": lambda parameters: torch.optim.AdamW(parameters, lr=0.1, fused=True),
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9, foreach=False),
    "sgd-foreach": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9, foreach=True),
    "sgd-fused": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9, fused=True),
}
FORMS = [("fp32", False), ("bf16", False), ("fp16", False), ("bf16", True), ("fp16", True)]


class Small(nn.Module):
    """Two layers; a factor between them can make the gradient of the first one overflow."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Linear(4, 5)
        self.second = nn.Linear(5, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(torch.tanh(self.first(x)))


class Bench:
    """A recipe, a network and its optimizer."""

    def __init__(self, precision: str, masters: bool = False, optimizer: str = "adamw", **options: Any) -> None:
        self.recipe = MixedPrecision(precision, device="cpu", master_weights=masters, **options)
        self.model = self.recipe.prepare(Small())
        self.optimizer = OPTIMIZERS[optimizer](self.recipe.parameters(self.model))
        self.x = torch.linspace(-1, 1, 12).reshape(3, 4)

    def loss(self, x: torch.Tensor | None = None) -> torch.Tensor:
        with self.recipe.forward():
            return self.model(self.x if x is None else x).float().square().mean()

    def backward(self, *, broken: str = "", value: float = math.inf) -> None:
        """Compute the gradients; put an infinity into one of them."""
        self.recipe.backward(self.loss())
        for name, parameter in self.recipe.named_parameters(self.model):
            if name == broken:
                assert parameter.grad is not None
                parameter.grad.view(-1)[-1] = value

    def step(self, **options: Any) -> StepReport:
        return self.recipe.step(self.optimizer, **options)

    def everything(self) -> dict[str, Any]:
        state = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        state |= {f"optimized.{name}": value for name, value in self.recipe.named_parameters(self.model)}
        for place, each in self.optimizer.state_dict()["state"].items():
            state |= {f"optimizer.{place}.{name}": value for name, value in each.items()}
        return copy.deepcopy({name: value for name, value in state.items() if value is not None})


def same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Whether all tensors are the same to the bit."""
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("precision", "masters"), FORMS)
@pytest.mark.parametrize(
    "value", [math.inf, pytest.param(-math.inf, marks=pytest.mark.slow), pytest.param(math.nan, marks=pytest.mark.slow)]
)
def test_an_overflow_changes_nothing_but_the_scale(precision: str, masters: bool, optimizer: str, value: float) -> None:
    bench = Bench(precision, masters, optimizer)
    bench.backward()
    assert bench.step().applied
    before = bench.everything()

    bench.backward(broken="first.bias", value=value)
    report = bench.step()

    scale = 2.0**16 if precision == "fp16" else 1.0
    assert not report.applied
    assert report.overflowed == ("first.bias",)
    assert not math.isfinite(report.gradient_norm)
    assert (report.scale_before, report.scale_after) == (scale, scale / 2 if precision == "fp16" else 1.0)
    assert same(bench.everything(), before)
    assert (bench.recipe.applied, bench.recipe.skipped) == (1, 1)

    bench.backward()
    assert bench.step().applied
    assert not same(bench.everything(), before)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("precision", "masters"), FORMS)
def test_a_step_leaves_no_gradient_behind(precision: str, masters: bool, optimizer: str) -> None:
    bench = Bench(precision, masters, optimizer)
    for broken in ("", "second.weight"):
        bench.backward(broken=broken)
        bench.step()
        parameters = [*bench.model.parameters(), *bench.recipe.parameters(bench.model)]
        assert [parameter.grad for parameter in parameters if parameter.grad is not None] == []


def test_a_real_overflow_is_found_and_the_scale_settles() -> None:
    bench = Bench("fp16", initial_scale=2.0**24)
    reports: list[StepReport] = []
    while not reports or not reports[-1].applied:
        bench.backward()
        reports.append(bench.step())
    assert len(reports) > 1
    assert [report.scale_after for report in reports[:-1]] == [2.0 ** (23 - step) for step in range(len(reports) - 1)]
    assert all(report.overflowed for report in reports[:-1])
    assert bench.recipe.skipped == len(reports) - 1


def test_parameters_are_named_in_the_models_order() -> None:
    bench = Bench("fp16")
    bench.backward(broken="second.weight")
    next(bench.model.parameters()).grad.fill_(math.nan)
    assert bench.step().overflowed == ("first.weight", "second.weight")


def test_parameters_of_a_model_that_was_not_prepared_are_named_by_their_place() -> None:
    recipe, model = MixedPrecision("fp32", device="cpu"), Small()
    optimizer = torch.optim.SGD(model.parameters())
    recipe.backward(model(torch.ones(1, 4)).sum() * math.inf)
    assert "parameter 3" in recipe.step(optimizer).overflowed


@pytest.mark.parametrize(("precision", "masters"), FORMS)
def test_the_schedule_goes_on_only_with_the_parameters(precision: str, masters: bool) -> None:
    bench = Bench(precision, masters)
    schedule = torch.optim.lr_scheduler.StepLR(bench.optimizer, step_size=1, gamma=0.5)
    rates: list[float] = []
    for broken in ("", "first.weight", "first.weight", ""):
        bench.backward(broken=broken)
        bench.step(schedule=schedule)
        rates.append(schedule.get_last_lr()[0])
    assert rates == [0.05, 0.05, 0.05, 0.025]


@pytest.mark.parametrize(("precision", "masters"), FORMS)
def test_the_norm_is_unscaled_and_taken_before_clipping(precision: str, masters: bool) -> None:
    reference = Small().double()
    reference(torch.linspace(-1, 1, 12, dtype=torch.float64).reshape(3, 4)).square().mean().backward()
    expected = math.sqrt(sum(float(p.grad.square().sum()) for p in reference.parameters() if p.grad is not None))
    bench = Bench(precision, masters)
    bench.backward()
    tolerance = {"fp32": 1e-6, "fp16": 2**-9, "bf16": 2**-6}[precision]
    assert bench.step(max_norm=expected / 10).gradient_norm == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize(("precision", "masters"), FORMS)
def test_clipping_shortens_the_update_to_the_norm(precision: str, masters: bool) -> None:
    bench = Bench(precision, masters, "sgd")
    before = [parameter.detach().clone() for parameter in bench.recipe.parameters(bench.model)]
    bench.backward()
    bench.step(max_norm=0.01)
    after = [parameter.detach() for parameter in bench.recipe.parameters(bench.model)]
    moved = math.sqrt(sum(float((a - b).square().sum()) for a, b in zip(after, before, strict=True)))
    assert moved == pytest.approx(0.1 * 0.01, rel=1e-3)  # learning rate times norm


def test_gradients_below_the_norm_are_not_clipped() -> None:
    clipped, free = Bench("fp32"), Bench("fp32")
    for bench, options in ((clipped, {"max_norm": 1e3}), (free, {})):
        bench.backward()
        bench.step(**options)
    assert same(clipped.everything(), free.everything())


def test_great_but_finite_gradients_are_no_overflow() -> None:
    # Their squares are infinite in fp32, and so would be a norm that adds them up.
    bench = Bench("fp32", optimizer="sgd")
    bench.backward(broken="first.bias", value=1e30)
    report = bench.step(max_norm=1.0)
    assert report.applied
    assert report.gradient_norm == pytest.approx(1e30)
    assert bench.model.first.bias[-1].item() == pytest.approx(Small().first.bias[-1].item() - 0.1)


@pytest.mark.parametrize(("precision", "masters"), FORMS)
def test_micro_batches_add_up_to_the_batch(precision: str, masters: bool) -> None:
    whole, parts = (Bench(precision, masters, "sgd") for _ in range(2))
    whole.recipe.backward(whole.loss())
    for row in range(3):
        parts.recipe.backward(parts.loss(parts.x[row : row + 1]) / 3)
    reports = whole.step(), parts.step()
    tolerance = {"fp32": 1e-6, "fp16": 2**-9, "bf16": 2**-6}[precision]
    assert reports[1].gradient_norm == pytest.approx(reports[0].gradient_norm, rel=tolerance)
    for a, b in zip(whole.recipe.parameters(whole.model), parts.recipe.parameters(parts.model), strict=True):
        torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance * 0.1)


@pytest.mark.parametrize(("precision", "masters"), FORMS)
def test_an_overflow_in_one_micro_batch_skips_the_step(precision: str, masters: bool) -> None:
    bench = Bench(precision, masters)
    bench.backward(broken="second.bias")
    bench.backward()
    report = bench.step()
    assert not report.applied
    assert report.overflowed == ("second.bias",)


@pytest.mark.parametrize(("precision", "masters"), FORMS)
@pytest.mark.parametrize("kind", ["adamw", "adamw-foreach", "adamw-fused"])
def test_several_optimizers_step_together_or_not_at_all(precision: str, masters: bool, kind: str) -> None:
    recipe = MixedPrecision(precision, device="cpu", master_weights=masters)
    model = recipe.prepare(Small())
    parameters = recipe.parameters(model)
    optimizers = [OPTIMIZERS[kind](parameters[:2]), OPTIMIZERS["sgd-fused"](parameters[2:])]
    schedules = [torch.optim.lr_scheduler.StepLR(each, step_size=1, gamma=0.5) for each in optimizers]

    def step(value: float | None) -> tuple[StepReport, list[bool]]:
        before = [parameter.detach().clone() for parameter in parameters]
        with recipe.forward():
            loss = model(torch.ones(3, 4)).float().square().mean()
        recipe.backward(loss)
        if value is not None:
            parameters[0].grad = torch.full_like(parameters[0], value)
        report = recipe.step(*optimizers, schedule=schedules)
        return report, [not torch.equal(a, b) for a, b in zip(before, parameters, strict=True)]

    assert step(None)[1] == [True] * 4
    report, changed = step(math.nan)
    assert changed == [False] * 4
    assert report.overflowed == ("first.weight",)
    assert report.scale_after == (report.scale_before / 2 if precision == "fp16" else 1.0)  # once, not once for each
    assert [schedule.last_epoch for schedule in schedules] == [1, 1]


def test_an_optimizer_without_gradients_is_left_alone() -> None:
    bench = Bench("fp16")
    other = torch.optim.AdamW([nn.Parameter(torch.ones(2))], weight_decay=0.5)
    bench.backward()
    assert bench.recipe.step(bench.optimizer, other).applied
    assert other.state_dict()["state"] == {}


def test_the_scale_grows_after_enough_applied_steps() -> None:
    bench = Bench("fp16", initial_scale=64.0, growth_interval=3)
    scales: list[float] = []
    for broken in ("", "", "first.weight", "", "", "", ""):
        bench.backward(broken=broken)
        scales.append(bench.step().scale_after)
    assert scales == [64.0, 64.0, 32.0, 32.0, 32.0, 64.0, 64.0]


def test_a_scale_below_the_floor_is_an_alarm_with_layer_and_advice() -> None:
    bench = Bench("fp16", initial_scale=2.0)
    bench.backward(broken="second.weight")
    assert bench.step().alarm is None
    bench.backward(broken="second.weight")
    alarm = bench.step().alarm
    assert alarm is not None
    assert "fell to 0.5" in alarm
    assert "layer second " in alarm
    assert "train in bf16" in alarm


def test_a_scale_above_the_ceiling_is_an_alarm_with_layer_and_advice() -> None:
    bench = Bench("fp16", initial_scale=2.0**40, growth_interval=1)
    with torch.no_grad():
        bench.model.second.weight.zero_()
    with bench.recipe.forward():
        loss = bench.model(bench.x).float().sum() * 1e-12
    bench.recipe.backward(loss)
    report = bench.step()
    assert report.applied
    assert report.alarm is not None
    assert "grew to 2.19902e+12" in report.alarm
    assert "layer first" in report.alarm
    assert "saturated" in report.alarm


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_without_a_scale_every_overflow_is_an_alarm(precision: str) -> None:
    bench = Bench(precision)
    bench.backward()
    assert bench.step().alarm is None
    bench.backward(broken="first.weight")
    alarm = bench.step().alarm
    assert alarm is not None
    assert f"layer first is not finite, and {precision} has no loss scale" in alarm


def test_a_parameter_outside_every_module_is_its_own_layer() -> None:
    recipe = MixedPrecision("fp32", device="cpu")
    model = nn.ParameterDict({"gain": nn.Parameter(torch.ones(1))})
    optimizer = torch.optim.SGD(recipe.prepare(model).parameters())
    recipe.backward(model["gain"].sum() * math.inf)
    alarm = recipe.step(optimizer).alarm
    assert alarm is not None
    assert "layer gain" in alarm


def test_frozen_parameters_stay_out() -> None:
    for masters in (False, True):
        recipe = MixedPrecision("fp16", device="cpu", master_weights=masters)
        model = Small()
        model.first.requires_grad_(False)
        names = [name for name, _ in recipe.named_parameters(recipe.prepare(model))]
        assert names == ["second.weight", "second.bias"]


@pytest.mark.parametrize("norm", [0.0, -1.0, math.nan])
def test_an_impossible_norm_is_refused(norm: float) -> None:
    bench = Bench("fp32")
    bench.backward()
    with pytest.raises(OptionError, match="max_norm"):
        bench.step(max_norm=norm)


@pytest.mark.parametrize(
    ("options", "given"),
    [
        ({"initial_scale": 0.0}, "initial_scale=0.0"),
        ({"initial_scale": math.inf}, "initial_scale=inf"),
        ({"growth_interval": 0}, "growth_interval=0"),
        ({"precision": "fp32", "master_weights": True}, "in fp32"),
    ],
)
def test_impossible_options_are_refused(options: dict[str, Any], given: str) -> None:
    with pytest.raises(OptionError, match=given):
        MixedPrecision(**{"precision": "fp16", "device": "cpu", **options})


def test_a_step_without_backward_is_refused() -> None:
    with pytest.raises(TrainingError, match=r"call backward\(loss\) before"):
        Bench("fp16").step()


def test_a_loss_that_cannot_be_one_is_refused() -> None:
    bench = Bench("fp16")
    for loss in (bench.model(bench.x), torch.tensor(1.0)):
        with pytest.raises(TrainingError, match="a loss must be one number"):
            bench.recipe.backward(loss)


def test_a_parameter_in_two_optimizers_is_refused() -> None:
    bench = Bench("fp16")
    other = torch.optim.SGD(list(bench.model.parameters())[:1])
    bench.backward()
    with pytest.raises(TrainingError, match="belongs to two"):
        bench.recipe.step(bench.optimizer, other)


def test_sparse_gradients_are_refused() -> None:
    recipe = MixedPrecision("fp32", device="cpu")
    model = recipe.prepare(nn.Embedding(4, 2, sparse=True))
    optimizer = torch.optim.SGD(model.parameters())
    recipe.backward(model(torch.tensor([1])).sum())
    with pytest.raises(TrainingError, match="sparse=False"):
        recipe.step(optimizer)


def test_a_second_model_is_refused() -> None:
    recipe = MixedPrecision("fp32", device="cpu")
    recipe.prepare(Small())
    with pytest.raises(TrainingError, match="has a model already"):
        recipe.prepare(Small())


def test_a_model_in_half_precision_is_refused() -> None:
    with pytest.raises(TrainingError, match=r"model\.float\(\)"):
        MixedPrecision("bf16", device="cpu").prepare(Small().bfloat16())
