import pytest
import torch
from torch import nn

from panglot.training.optimisation import Average, Length, Schedule, make_optimizer, rate_factor
from panglot.training.settings import Settings


@pytest.mark.parametrize(
    ("progress", "factor"), [(0.0, 0.0), (0.05, 0.5), (0.1, 1.0), (0.55, 0.5), (1.0, 0.0), (1.2, 0.0)]
)
def test_the_rate_rises_and_falls(progress: float, factor: float) -> None:
    assert rate_factor(progress, warmup=0.1) == pytest.approx(factor)


@pytest.mark.parametrize("warmup", [0.0, 1.0])
def test_the_rate_without_one_of_its_halves(warmup: float) -> None:
    assert 0.0 < rate_factor(0.5, warmup=warmup) <= 1.0


def test_the_limit_that_is_met_first_ends_a_run() -> None:
    length = Length(steps=10, audio=3_600.0, clock=60.0, step_audio=30.0)
    assert length.progress(step=5, audio=900.0, clock=6.0) == 0.5
    assert length.progress(step=1, audio=0.0, clock=59.0) == pytest.approx(59 / 60)
    assert length.share == 0.1
    assert length.is_over(step=10, clock=0.0)
    assert length.is_over(step=1, clock=60.0)
    assert not length.is_over(step=9, clock=59.0)


def test_the_schedule_moves_on_only_when_a_step_is_applied() -> None:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))])
    schedule = Schedule(optimizer, rate=2.0, warmup=0.5, progress=0.25)
    assert schedule.rate == 1.0
    schedule.aim(0.5)
    assert optimizer.param_groups[0]["lr"] == 1.0  # the step was skipped: nothing has happened
    schedule.step()
    assert optimizer.param_groups[0]["lr"] == 2.0
    state = schedule.state_dict()
    schedule.aim(0.75)
    schedule.step()
    schedule.load_state_dict(state)
    assert optimizer.param_groups[0]["lr"] == 2.0


def test_biases_and_gains_do_not_decay() -> None:
    module = nn.Sequential(nn.Linear(3, 2), nn.LayerNorm(2))
    optimizer = make_optimizer(module.parameters(), Settings(data="x", output="y", weight_decay=0.1))
    decays = {id(one): group["weight_decay"] for group in optimizer.param_groups for one in group["params"]}
    assert [decays[id(one)] for one in module.parameters()] == [0.1, 0.0, 0.0, 0.0]


def test_the_average_follows_and_is_lent_without_a_trace() -> None:
    weight = nn.Parameter(torch.tensor([1.0, 1 / 3]))
    average = Average([weight], decay=0.5)
    before = weight.detach().clone()
    with torch.no_grad():
        weight += 1.0
    after = weight.detach().clone()
    average.update()  # one step: 1/11 of the start stays
    with average.swapped():
        assert torch.allclose(weight, before / 11 + after * 10 / 11)
        lent = weight.detach().clone()
    assert torch.equal(weight, after)
    other = Average([nn.Parameter(torch.zeros(2))], decay=0.5)
    other.load_state_dict(average.state_dict())
    assert torch.equal(other.state_dict()["average"][0], lent)
    assert other.state_dict()["steps"] == 1
