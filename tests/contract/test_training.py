"""What a training run promises, on a network small enough to be trained here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from panglot.errors import CorpusError, OptionError, TrainingError, WeightsMissingError
from panglot.training.listener import Plan, Silence, Step, Validation
from panglot.training.run import train
from panglot.training.settings import Settings
from panglot.training.whisper import load_trainable
from tiny_training import save_corpus, save_tiny


class Witness(Silence):
    def __init__(self) -> None:
        self.plans: list[Plan] = []
        self.steps: list[Step] = []
        self.validations: list[Validation] = []
        self.notes: list[str] = []

    def began(self, plan: Plan) -> None:
        self.plans.append(plan)

    def stepped(self, step: Step) -> None:
        self.steps.append(step)

    def validated(self, validation: Validation) -> None:
        self.validations.append(validation)

    def noted(self, text: str) -> None:
        self.notes.append(text)

    def after(self, steps: int) -> Callable[[], bool]:
        """A request to stop that comes after so many steps."""
        return lambda: len(self.steps) >= steps


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny network with dropout, four clips to learn and two to measure."""
    folder = tmp_path_factory.mktemp("toy")
    try:
        save_tiny(folder / "model")
    except WeightsMissingError as error:
        pytest.skip(f"the tokenizer of the default weights is not here: {error}")
    save_corpus(folder / "data", samples=4)
    save_corpus(folder / "unseen", samples=2)
    return folder


@pytest.fixture
def settings(toy: Path, tmp_path: Path) -> Settings:
    return Settings(
        data=str(toy / "data" / "data.jsonl"),
        base=str(toy / "model"),
        output=str(tmp_path / "run"),
        precision="fp32",
        device="cpu",
        batch_samples=1,
        steps=5,
        learning_rate=1e-3,
        checkpoint_every=10,
    )


def state(folder: str) -> dict[str, Any]:
    newest = max((Path(folder) / "checkpoints").glob("step-*"))
    return torch.load(newest / "state.pt", weights_only=True)


def equal(one: Any, other: Any) -> bool:
    """Bit for bit, but for the clock."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one if key != "clock")
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other


@pytest.mark.parametrize(
    "options",
    [
        {"ema": 0.9, "augment": True},
        pytest.param({"lora": 2, "precision": "bf16", "accumulate": 2}, marks=pytest.mark.slow),
        pytest.param({"precision": "fp16"}, marks=pytest.mark.slow),
    ],
)
def test_a_run_that_was_interrupted_ends_bit_for_bit_as_one_that_was_not(
    settings: Settings, tmp_path: Path, options: dict[str, Any]
) -> None:
    settings = replace(settings, **options)
    whole = replace(settings, output=str(tmp_path / "whole"))
    first, second, straight = Witness(), Witness(), Witness()
    assert train(settings, listener=first, stop=first.after(2)).ending == "interrupted"
    outcome = train(settings, listener=second, resume=True)
    assert train(whole, listener=straight).ending == outcome.ending == "finished"
    assert second.plans[0].step == 2
    assert [(one.step, one.loss, one.gradient_norm, one.learning_rate) for one in first.steps + second.steps] == [
        (one.step, one.loss, one.gradient_norm, one.learning_rate) for one in straight.steps
    ]
    assert equal(state(settings.output), state(whole.output))
    weights = [Path(one.output) / "best" / "model.safetensors" for one in (settings, whole)]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_a_run_learns_measures_and_keeps_the_best(settings: Settings, toy: Path) -> None:
    witness = Witness()
    settings = replace(settings, validation=str(toy / "unseen" / "data.jsonl"), validate_every=3, batch_samples=4)
    outcome = train(replace(settings, learning_rate=3e-3), listener=witness)
    assert [one.step for one in witness.validations] == [0, 3, 5]
    assert witness.validations[0].loss > witness.validations[-1].loss
    assert witness.steps[0].loss > witness.steps[-1].loss
    best = min(witness.validations, key=lambda one: one.wer)
    assert (outcome.best, outcome.best_step) == (best.wer, best.step)
    assert load_trainable(outcome.folder / "best").module.config.d_model == 64
    rows = [json.loads(line) for line in (outcome.folder / "log.jsonl").read_text().splitlines()]
    assert [row["kind"] for row in rows] == [
        "began",
        "validation",
        *["step"] * 3,
        "validation",
        *["step"] * 2,
        "validation",
    ]
    assert "<svg" in (outcome.folder / "report.html").read_text()


def test_a_learning_rate_of_nothing_changes_nothing(settings: Settings, toy: Path) -> None:
    outcome = train(replace(settings, learning_rate=0.0, steps=2, activation_checkpointing=True))
    before = load_trainable(toy / "model").module.state_dict()
    after = load_trainable(outcome.folder / "best").module.state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())


def test_a_frozen_encoder_stays_as_it_is(settings: Settings, toy: Path) -> None:
    outcome = train(replace(settings, freeze="encoder", steps=1))
    before = load_trainable(toy / "model").module.state_dict()
    after = load_trainable(outcome.folder / "best").module.state_dict()
    changed = [name for name, tensor in before.items() if not torch.equal(after[name], tensor)]
    assert changed
    assert not [name for name in changed if name.startswith("model.encoder.")]


def test_a_loss_that_is_no_number_names_step_samples_and_layer(settings: Settings, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    broken = save_tiny(tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    weights["model.decoder.layers.1.fc1.weight"].fill_(3e38)
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(TrainingError, match=r"at step 1: the first layer .* is model\.decoder\.layers\.1\.fc.*clip\d"):
        train(replace(settings, base=str(broken)))
    assert "The run broke off" in (Path(settings.output) / "report.html").read_text()


def test_a_folder_is_never_taken_twice_and_another_base_is_refused(settings: Settings, tmp_path: Path) -> None:
    base = save_tiny(tmp_path / "base")
    settings = replace(settings, base=str(base), steps=1)
    train(settings)
    before = state(settings.output)
    with pytest.raises(OptionError, match=r"holds a run already \(step 1\)"):
        train(settings)
    with pytest.raises(OptionError, match="has seed=0, not 1"):
        train(replace(settings, seed=1), resume=True)
    save_tiny(base, seed=1)
    with pytest.raises(TrainingError, match="was made from another model"):
        train(replace(settings, steps=2), resume=True)
    assert equal(state(settings.output), before)
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    with pytest.raises(OptionError, match="is no folder of a run and is not empty"):
        train(replace(settings, output=str(other)))


@pytest.mark.parametrize("content", ["", "not json\n", '{"audio": "gone.wav", "text": "a", "language": "en"}\n'])
def test_a_manifest_without_a_usable_row_is_an_error(settings: Settings, tmp_path: Path, content: str) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(content)
    with pytest.raises(CorpusError):
        train(replace(settings, data=str(path)))
