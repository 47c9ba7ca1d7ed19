"""Master weights: what is half, what is fp32, and what goes from one to the other."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from panglot.errors import TrainingError
from panglot.training.precision import MixedPrecision


def recipe(precision: str = "fp16") -> MixedPrecision:
    return MixedPrecision(precision, device="cpu", master_weights=True, initial_scale=1024.0)


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, 2))


@pytest.mark.parametrize(("precision", "dtype"), [("fp16", torch.float16), ("bf16", torch.bfloat16)])
def test_the_model_is_half_and_its_masters_are_the_exact_originals(precision: str, dtype: torch.dtype) -> None:
    original = network()
    made = recipe(precision)
    model = made.prepare(network())
    masters = dict(made.named_parameters(model))
    assert model[0].weight.dtype == model[3].bias.dtype == dtype
    assert {value.dtype for value in masters.values()} == {torch.float32}
    for name, value in original.named_parameters():
        assert torch.equal(masters[name], value)


def test_batch_normalisation_and_buffers_stay_in_fp32() -> None:
    made = recipe()
    model = made.prepare(network())
    assert {value.dtype for value in model[1].state_dict().values()} == {torch.float32, torch.int64}
    assert dict(made.named_parameters(model))["1.weight"] is model[1].weight


def test_after_a_step_the_model_is_its_masters_rounded() -> None:
    made = recipe()
    model = made.prepare(network())
    optimizer = torch.optim.AdamW(made.parameters(model), lr=1e-3)
    with made.forward():
        output = model(torch.randn(8, 4))
        loss = nn.functional.mse_loss(output, torch.zeros(8, 2))
    assert output.dtype == torch.float16
    assert loss.dtype == torch.float32
    made.backward(loss)
    assert made.step(optimizer).applied
    for name, master in made.named_parameters(model):
        assert torch.equal(model.get_parameter(name), master.to(model.get_parameter(name).dtype))


def test_updates_too_small_for_half_precision_add_up_in_the_masters() -> None:
    made = recipe()
    model = made.prepare(nn.Linear(1, 1, bias=False))
    with torch.no_grad():
        made.parameters(model)[0].fill_(1.0)
        model.weight.fill_(1.0)
    optimizer = torch.optim.SGD(made.parameters(model), lr=1e-4)
    for _ in range(10):
        with made.forward():
            loss = model(torch.ones(1, 1)).float().sum()
        made.backward(loss)
        made.step(optimizer)
    # Just below 1, numbers of fp16 are 4.9e-4 apart: no single update of 1e-4 would have moved it.
    assert made.parameters(model)[0].item() == pytest.approx(1 - 1e-3, abs=1e-6)
    assert model.weight.item() == pytest.approx(1 - 1e-3, abs=2.5e-4)


def test_micro_batches_add_up_in_fp32() -> None:
    made = recipe("bf16")
    model = made.prepare(nn.Linear(1, 1, bias=False))
    for value in [256.0] + [1.0] * 8:
        with made.forward():
            loss = model(torch.full((1, 1), value)).float().sum()
        made.backward(loss)
    assert made.parameters(model)[0].grad.item() == 264.0  # bf16 would have stayed at 256


def test_tied_parameters_have_one_master() -> None:
    made = recipe()
    model = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 5, bias=False))
    model[1].weight = model[0].weight
    prepared = made.prepare(model)
    assert len(made.parameters(prepared)) == 1
    assert prepared[1].weight is prepared[0].weight


def test_a_model_that_was_not_prepared_has_no_masters() -> None:
    with pytest.raises(TrainingError, match=r"call recipe\.prepare\(model\) first"):
        recipe().parameters(network())


def test_parameters_that_came_later_have_no_masters() -> None:
    made = recipe()
    model = made.prepare(network())
    model[0].weight = nn.Parameter(model[0].weight.detach().clone())
    with pytest.raises(TrainingError, match="without master weights"):
        made.parameters(model)


def test_an_optimizer_of_half_parameters_is_refused() -> None:
    made = recipe()
    model = made.prepare(nn.Linear(2, 1))
    optimizer = torch.optim.SGD(model.parameters())
    with made.forward():
        loss = model(torch.ones(1, 2)).sum()
    made.backward(loss)
    with pytest.raises(TrainingError, match=r"build it from recipe\.parameters\(model\)"):
        made.step(optimizer)
