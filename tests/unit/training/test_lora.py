from pathlib import Path

import pytest
import torch
from torch import nn

from panglot.errors import WeightsMissingError
from panglot.training.lora import LowRank, add_low_rank, merged
from panglot.training.run import train
from panglot.training.settings import Settings
from panglot.training.whisper import load_trainable, write_served
from tiny_training import save_corpus, save_tiny


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


def test_a_run_serves_its_updates_merged_to_the_bit(tmp_path: Path) -> None:
    try:
        toy = save_tiny(tmp_path / "toy")
    except WeightsMissingError as error:
        pytest.skip(f"the tokenizer of the default weights is not here: {error}")
    settings = Settings(
        data=str(save_corpus(tmp_path / "data", samples=2)),
        base=str(toy),
        output=str(tmp_path / "run"),
        lora=2,
        steps=2,
        precision="fp32",
        device="cpu",
    )
    outcome = train(settings)
    updates = torch.load(outcome.folder / "checkpoints/step-000002/state.pt", weights_only=True)["model"]
    assert updates["model.decoder.layers.1.fc1.up"].any()
    expected = {
        name: weight
        if (up := updates.get(f"{name.removesuffix('.weight')}.up")) is None
        else weight + 2.0 * up @ updates[f"{name.removesuffix('.weight')}.down"]
        for name, weight in load_trainable(toy).module.state_dict().items()
    }
    best = load_trainable(outcome.folder / "best")
    assert {name for name in expected if not torch.equal(best.module.state_dict()[name], expected[name])} == set()
    write_served(best, tmp_path / "served")
    served = load_trainable(tmp_path / "served").module.state_dict()
    assert {name for name in expected if not torch.equal(served[name], expected[name].half().float())} == set()
