"""The loop on one layer whose memory is a stand-in: it raises torch's own error when a batch is too big."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import nn

from panglot.errors import TrainingError
from panglot.training.distributed import World
from panglot.training.listener import Score, Step, Validation
from panglot.training.loop import Duties, Ending, Loop, Parts, Position
from panglot.training.optimisation import Length, Schedule
from panglot.training.precision import MixedPrecision
from panglot.training.settings import Settings
from panglot.training.validation import Abandoned

VOCABULARY = 7


@dataclass(frozen=True)
class FakeBatch:
    features: torch.Tensor
    decoder_input: torch.Tensor
    labels: torch.Tensor
    ids: tuple[str, ...]
    seconds: float = 2.0
    rejected: tuple[object, ...] = ()


class FakeBatches:
    epoch = 0

    def __init__(self, batches: list[FakeBatch]) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[FakeBatch]:
        return iter(self.batches)


class FakeNetwork:
    """One embedding with dropout; more rows than ``room`` at once do not fit into its memory."""

    device = torch.device("cpu")

    def __init__(self, room: int) -> None:
        torch.manual_seed(5)
        self.module = nn.Sequential(nn.Embedding(VOCABULARY, 4), nn.Dropout(0.0), nn.Linear(4, VOCABULARY))
        self.room = room

    def logits(self, features: torch.Tensor, decoder_input: torch.Tensor) -> torch.Tensor:
        if len(features) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return self.module(decoder_input)

    @contextmanager
    def synchronised(self, now: bool) -> Generator[None]:
        yield

    @contextmanager
    def plain(self) -> Generator[None]:
        yield


@dataclass
class Told:
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    saved: list[int] = field(default_factory=list)
    best: list[int] = field(default_factory=list)


def make_batch(number: int, rows: int = 4) -> FakeBatch:
    draw = torch.Generator().manual_seed(number)
    tokens = torch.randint(VOCABULARY, (rows, 6), generator=draw)
    labels = tokens[:, 1:].clone()
    labels[0, -2:] = -100
    return FakeBatch(torch.zeros(rows, 1), tokens[:, :-1], labels, tuple(f"{number}.{row}" for row in range(rows)))


def make_loop(
    *, room: int = 99, parts: int = 1, steps: int | None = None, rates: list[float] | None = None, **options: Any
) -> tuple[Loop, FakeNetwork, Told]:
    network, told = FakeNetwork(room), Told()
    stop = options.pop("stop", lambda: False)
    settings = Settings(data="x", output="y", validation="z", validate_every=1, checkpoint_every=2, **options)
    recipe = MixedPrecision("fp32", device="cpu")
    optimizer = torch.optim.SGD(recipe.parameters(recipe.prepare(network.module)), lr=0.1)
    position = Position(parts=parts)

    def validate(step: int) -> Validation:
        if rates is None or stop():
            raise Abandoned
        return Validation(step=step, loss=1.0, scores=(Score(language="de", samples=1, wer=rates[step], cer=0.0),))

    loop = Loop(
        Parts(
            network=network,  # pyright: ignore[reportArgumentType]
            recipe=recipe,
            optimizer=optimizer,
            schedule=Schedule(optimizer, rate=0.1, warmup=0.0, progress=0.0),
            average=None,
            batches=FakeBatches([make_batch(number) for number in range(6)]),
            mel_bands=1,
            world=World(),
        ),
        settings=settings,
        length=Length(steps=steps, audio=12.0, clock=None, step_audio=2.0),
        position=position,
        duties=Duties(
            stepped=told.steps.append,
            noted=told.notes.append,
            save=lambda: told.saved.append(position.step),
            validate=None if rates is None else validate,
            validated=lambda one: told.best.append(one.step) if one.best else None,
            stop=stop,
        ),
    )
    return loop, network, told


def run(**options: Any) -> tuple[Ending, FakeNetwork, Told]:
    loop, network, told = make_loop(**options)
    return loop.run(), network, told


def weights(network: FakeNetwork) -> torch.Tensor:
    return torch.cat([one.detach().flatten() for one in network.module.parameters()])


def test_a_run_ends_with_its_batches_and_saves() -> None:
    ending, _, told = run()
    assert ending == "finished"
    assert [step.step for step in told.steps] == [1, 2, 3, 4, 5, 6]
    assert told.saved == [2, 4, 6, 6]
    assert told.steps[-1].progress == 1.0
    assert told.steps[0].loss > told.steps[-1].loss > 0


def test_accumulation_gives_the_gradient_of_the_whole() -> None:
    _, two, told = run(accumulate=2, steps=1)
    assert told.steps[0].tokens == 2 * (4 * 5 - 2)
    # By hand: the mean over all tokens of both batches, not the mean of two means.
    network = FakeNetwork(99)
    batches = [make_batch(0), make_batch(1)]
    losses = [
        nn.functional.cross_entropy(
            network.module(one.decoder_input).flatten(0, 1), one.labels.flatten(), reduction="sum"
        )
        for one in batches
    ]
    (sum(losses) / 36).backward()
    gradient = torch.cat([one.grad.flatten() for one in network.module.parameters() if one.grad is not None])
    assert gradient.norm() < 1.0  # so that it is not clipped
    assert torch.allclose(weights(two), weights(network) - 0.1 * gradient, atol=1e-6)


def test_out_of_memory_halves_the_micro_batch_and_nothing_else() -> None:
    ending, small, told = run(room=1)
    assert ending == "finished"
    assert told.steps[0].micro_batches == 4  # 4 rows → 2 → 1
    assert len(told.notes) == 2
    assert "out of memory at step 1" in told.notes[0]
    assert "in 2 pieces, here of at most 2 recordings" in told.notes[0]
    assert "all its 4 recordings" in told.notes[0]
    _, cut, _ = run(parts=4)
    assert torch.equal(weights(small), weights(cut))
    _, large, larger = run()
    assert torch.allclose(weights(small), weights(large), atol=1e-6)
    assert [step.tokens for step in told.steps] == [step.tokens for step in larger.steps]


def test_one_recording_that_does_not_fit_ends_the_run_with_advice() -> None:
    with pytest.raises(TrainingError, match=r"even with one recording at a time.*--lora"):
        run(room=0)


def test_a_loss_that_is_no_number_ends_the_run_with_place_and_names() -> None:
    loop, network, told = make_loop(accumulate=2)
    with torch.no_grad():
        network.module[2].weight.fill_(3e38)
        network.module[0].weight.fill_(9.0)
    before = weights(network)
    with pytest.raises(
        TrainingError, match=r"at step 1: the first layer that is not finite is 2.*0\.0, 0\.1.*1\.0"
    ) as error:
        loop.run()
    assert "--resume" in str(error.value)
    assert torch.equal(weights(network), before)
    assert told.steps == []


def test_the_best_step_is_told_and_patience_ends_the_run() -> None:
    ending, _, told = run(rates=[0.5, 0.4, 0.45, 0.4, 0.3, 0.2, 0.1], patience=2)
    assert ending == "early"
    assert told.best == [0, 1]
    assert told.steps[-1].step == 3


def test_a_request_to_stop_is_heeded_after_the_step() -> None:
    seen: list[int] = []
    loop, _, told = make_loop(stop=lambda: seen.append(1) or len(seen) >= 3)
    assert loop.run() == "interrupted"
    assert loop.position.step == 3
    assert told.saved[-1] == 3
