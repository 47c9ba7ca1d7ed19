import torch
from torch import nn

from panglot.training.diagnosis import first_not_finite


def test_the_first_layer_that_breaks_is_named() -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2))
    inputs = torch.ones(1, 2)
    assert first_not_finite(module, lambda: module(inputs)) is None
    with torch.no_grad():
        module[1].weight.fill_(3e38)
        module[0].bias.fill_(100.0)
    assert first_not_finite(module, lambda: module(inputs)) == "1"
    assert not any(one._forward_hooks for one in module)


def test_a_parameter_that_is_broken_itself_is_named() -> None:
    module = nn.Linear(2, 2)
    with torch.no_grad():
        module.bias[0] = torch.nan
    assert first_not_finite(module, lambda: None) == "bias"
