"""The mixed-precision recipe against first principles, golden losses, and its page."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from markdown_it import MarkdownIt
from torch import nn

from panglot.training.precision import MixedPrecision, StepReport

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "data"))

import make_losses  # noqa: E402

PAGE = ROOT / "docs" / "explanation" / "mixed-precision.md"
FORMS = [("fp32", False), ("bf16", False), ("fp16", False), ("bf16", True), ("fp16", True)]

# A rounding is off by up to half the distance of neighbouring numbers: 2^-24, 2^-11, 2^-8 of the number. Values pass
# about eight roundings on their way through both layers and back.
ROUNDING = {"fp32": 8 * 2**-23, "fp16": 8 * 2**-11, "bf16": 8 * 2**-8}

# Processors add in other orders, which moves the last bit of what is rounded to half precision, and training carries
# that on. With one thread or two, with AVX2 and without, curves moved by 5e-6 in fp32 (the rounding of the files),
# 5e-4 in fp16 and 1.4e-3 in bf16. About seven times that is allowed; the losses fall by more than 0.5.
GOLDEN_TOLERANCE = {"fp32": 1e-4, "fp16": 3e-3, "bf16": 1e-2}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Reference:
    """The same network, loss, clipping and momentum in float64, written out by hand."""

    def __init__(self, model: nn.Sequential) -> None:
        self.weights = [parameter.detach().double().numpy().copy() for parameter in model.parameters()]
        self.momentum = [np.zeros_like(weight) for weight in self.weights]

    def step(self, x: Any, y: Any, *, rate: float, max_norm: float) -> tuple[float, float]:
        w1, b1, w2, b2 = self.weights
        hidden = np.tanh(x @ w1.T + b1)
        error = hidden @ w2.T + b2 - y
        back = 2 * error / error.size
        inner = (back @ w2) * (1 - hidden**2)
        gradients = [inner.T @ x, inner.sum(0), back.T @ hidden, back.sum(0)]
        norm = math.sqrt(sum(float((gradient**2).sum()) for gradient in gradients))
        for weight, momentum, gradient in zip(self.weights, self.momentum, gradients, strict=True):
            momentum[:] = 0.9 * momentum + gradient * min(1.0, max_norm / norm)
            weight -= rate * momentum
        return float((error**2).mean()), norm


@pytest.mark.parametrize(("precision", "masters"), FORMS)
def test_the_five_steps_agree_with_float64(precision: str, masters: bool) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 4))
    start, reference = [parameter.detach().double().clone() for parameter in model.parameters()], Reference(model)
    recipe = MixedPrecision(precision, device="cpu", master_weights=masters, initial_scale=2.0**10)
    recipe.prepare(model)
    optimizer = torch.optim.SGD(recipe.parameters(model), lr=0.1, momentum=0.9)
    random = np.random.default_rng(0)
    for _ in range(10):
        x, y = random.normal(size=(32, 8)), random.normal(size=(32, 4))
        expected_loss, expected_norm = reference.step(x, y, rate=0.1, max_norm=0.2)
        with recipe.forward():
            loss = nn.functional.mse_loss(model(torch.tensor(x).float()).float(), torch.tensor(y).float())
        recipe.backward(loss)
        report = recipe.step(optimizer, max_norm=0.2)
        assert report.applied
        assert loss.item() == pytest.approx(expected_loss, rel=ROUNDING[precision])
        assert report.gradient_norm == pytest.approx(expected_norm, rel=ROUNDING[precision])
    moved = torch.cat([(p.detach() - s).flatten() for p, s in zip(recipe.parameters(model), start, strict=True)])
    wanted = np.concatenate([(w - s.numpy()).ravel() for w, s in zip(reference.weights, start, strict=True)])
    assert np.abs(wanted).max() > 0.05
    # Beside that, each of the ten updates rounds the fp32 weights.
    stored = 10 * 2**-24 * math.sqrt(sum(float((weight**2).sum()) for weight in reference.weights))
    assert np.linalg.norm(moved.numpy() - wanted) <= ROUNDING[precision] * np.linalg.norm(wanted) + stored


@pytest.mark.parametrize("masters", [False, True])
def test_a_gradient_of_1e_8_vanishes_in_fp16_and_survives_with_a_scale(masters: bool) -> None:
    # Below half of 2^-24 = 6e-8, the smallest number of fp16, everything is rounded to zero.
    assert _norm_of_1e_8(1.0, masters=masters) == 0.0
    assert _norm_of_1e_8(2.0**15, masters=masters) == pytest.approx(1e-8, rel=2**-11)


def _norm_of_1e_8(scale: float, *, masters: bool) -> float:
    recipe = MixedPrecision("fp16", device="cpu", master_weights=masters, initial_scale=scale)
    model = recipe.prepare(nn.Linear(1, 1, bias=False))
    optimizer = torch.optim.SGD(recipe.parameters(model), lr=1.0)
    with recipe.forward():
        loss = model(torch.ones(1, 1)).float().sum() * 1e-8
    recipe.backward(loss)
    return recipe.step(optimizer).gradient_norm


@pytest.mark.parametrize("form", make_losses.FORMS, ids=lambda form: form.name)
def test_losses_follow_the_golden_curve(form: make_losses.Form) -> None:
    golden = json.loads((make_losses.FOLDER / f"{form.name}.json").read_text(encoding="utf-8"))["losses"]
    assert golden[0] - min(golden) > 0.5
    assert make_losses.curve(form) == pytest.approx(golden, abs=GOLDEN_TOLERANCE[form.precision])


def test_the_loop_of_the_page_runs() -> None:
    tokens = MarkdownIt().parse(PAGE.read_text(encoding="utf-8"))
    (code,) = [token.content for token in tokens if token.type == "fence" and token.info == "python"]
    torch.manual_seed(0)
    names: dict[str, Any] = {
        "model": nn.Linear(3, 1),
        "batches": [(torch.randn(4, 3), torch.randn(4, 1)) for _ in range(3)],
        "loss_of": nn.functional.mse_loss,
        "print": lambda *_: None,
    }
    exec(compile(code, str(PAGE), "exec"), names)
    report: StepReport = names["report"]
    assert report.applied
    assert names["recipe"].applied == 3
