import torch
from torch import nn

from panglot.training.lora import LowRank, add_low_rank, merged


class Tower(nn.Module):
    """Laid out as a Whisper network is: blocks in ``layers``, and an output outside of them."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.ModuleDict({"fc1": nn.Linear(6, 5), "fc2": nn.Linear(5, 6, bias=False)})])
        self.out = nn.Linear(6, 3)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            inputs = layer["fc2"](torch.relu(layer["fc1"](inputs)))
        return self.out(inputs)


def test_an_update_starts_at_nothing_and_trains_alone() -> None:
    tower, inputs = Tower(), torch.randn(4, 6)
    before = tower(inputs)
    add_low_rank(tower, rank=2)
    assert torch.equal(tower(inputs), before)
    trained = {name: tuple(one.shape) for name, one in tower.named_parameters() if one.requires_grad}
    assert trained == {
        "layers.0.fc1.down": (2, 6),
        "layers.0.fc1.up": (5, 2),
        "layers.0.fc2.down": (2, 5),
        "layers.0.fc2.up": (6, 2),
    }


def test_merged_layers_do_the_same_and_go_again() -> None:
    tower, inputs = Tower(), torch.randn(4, 6)
    names = set(tower.state_dict())
    add_low_rank(tower, rank=2)
    for layer in tower.modules():
        if isinstance(layer, LowRank):
            nn.init.normal_(layer.up)
    changed, state = tower(inputs), {name: one.clone() for name, one in tower.state_dict().items()}
    with merged(tower):
        assert set(tower.state_dict()) == names
        assert torch.allclose(tower(inputs), changed, atol=1e-5)
    assert all(torch.equal(one, state[name]) for name, one in tower.state_dict().items())
