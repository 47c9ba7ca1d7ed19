"""fp8: which layers torchao exchanges. The arithmetic itself needs hardware that has it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from panglot.errors import TrainingError
from panglot.training.precision import MixedPrecision
from panglot.training.precision.fp8 import convert, fits


def test_a_model_without_a_fitting_layer_is_refused() -> None:
    with pytest.raises(TrainingError, match="multiple of 16"):
        convert(nn.Sequential(nn.Linear(15, 16), nn.Conv1d(16, 16, 1)))


def test_layers_fit_by_both_sides() -> None:
    assert fits(nn.Linear(16, 48), "")
    assert not fits(nn.Linear(16, 40), "")
    assert not fits(nn.Linear(40, 16), "")


@pytest.mark.skipif(
    not torch.cuda.is_available() or torch.cuda.get_device_capability() < (8, 9),
    reason="fp8 needs a GPU of compute capability 8.9",
)
def test_a_step_in_fp8_is_applied() -> None:
    recipe = MixedPrecision("fp8", device="cuda")
    model = recipe.prepare(nn.Sequential(nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 64)))
    optimizer = torch.optim.AdamW(recipe.parameters(model), fused=True)
    with recipe.forward():
        loss = model(torch.randn(32, 64, device=recipe.device)).float().square().mean()
    recipe.backward(loss)
    report = recipe.step(optimizer)
    assert report.applied
    assert report.scale_after == 1.0
