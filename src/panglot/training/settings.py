"""Everything that can be chosen about a training run, in one record that is kept with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, cast

from panglot.errors import OptionError, TrainingError

SETTINGS = "settings.json"
"""Name of the file in a run's folder."""
PRECISIONS = ("auto", "fp32", "tf32", "fp16", "bf16", "fp8")
STRATEGIES = ("ddp", "fsdp")
LIMITS = ("steps", "epochs", "hours")
TO_BE_GIVEN = ""
"""What a recipe has for a path that is to be given on the command line."""
_EPOCHS = 3
_LEARNING_RATE = 1e-5
_LORA_LEARNING_RATE = 1e-3
"""Only a few new weights that start at nothing: they may, and have to, move further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One training run; the same settings, data and base give the same weights."""

    data: str
    """Manifest, folder of audio and text, or folder of shards."""
    output: str
    """The run's folder."""
    base: str = "base"
    """What training starts from: a name, a folder of served weights, a transformers folder, or another run's best."""
    validation: str | None = None
    """Manifest that word error rates are measured on; nothing of it is learned."""
    languages: tuple[str, ...] = ()
    """Codes; samples of other languages are left out. Empty for all."""

    lora: int | None = None
    """Rank of low-rank updates beside frozen weights; None trains the weights themselves."""
    freeze: str | None = None
    """``"encoder"`` leaves the encoder as it is."""
    precision: str = "auto"
    device: str = "auto"
    seed: int = 0

    steps: int | None = None
    epochs: int | None = None
    hours: float | None = None
    """Of training, on the clock. At the first limit that is met the run ends; without any after three epochs."""
    learning_rate: float | None = None
    """At the end of the warm-up. None for 1e-5, or 1e-3 with low-rank updates."""
    warmup: float = 0.1
    """Share of the run in which the learning rate rises; it falls linearly to nothing after that."""
    weight_decay: float = 0.01
    max_norm: float = 1.0
    """Gradients with a greater norm are scaled down to it."""
    batch_seconds: float = 120.0
    """Seconds of audio in a batch, in each process."""
    batch_samples: int = 16
    """Samples in a batch at most: every one is filled to 30 s, so memory goes by them."""
    accumulate: int = 1
    """Batches in a step, in each process."""
    parts: int = 1
    """Micro-batches that a batch is cut into: more need less memory, and give the same gradient."""
    ema: float | None = None
    """Decay of an exponential moving average of the weights, which is then what is measured and kept."""
    dropout: float | None = None
    """None for what the base says, which is none for the published weights."""
    augment: bool = False
    """Vary speed, noise and reverberation, and mask stretches of time and frequency."""
    timestamps: float = 0.0
    """Share of samples that are learned with timestamps."""
    prompts: float = 0.0
    """Share of samples with a previous text that are learned with it as their prompt."""

    validate_every: int = 100
    """Steps from one measurement of the word error rates to the next."""
    checkpoint_every: int = 100
    """Steps from one checkpoint to the next."""
    patience: int | None = None
    """Measurements without a better one after which the run ends early."""

    activation_checkpointing: bool = False
    """Compute activations again in the backward pass rather than keep them: slower, and in much less memory."""
    compile: bool = False
    """Compile the network with torch.compile."""
    distributed: str = "ddp"
    """With several processes: ``"ddp"`` has the weights in each, ``"fsdp"`` shares them out."""
    workers: int = 0
    """Processes that read audio ahead."""

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        _check(self)

    @property
    def rate(self) -> float:
        """The highest learning rate of the run."""
        if self.learning_rate is not None:
            return self.learning_rate
        return _LEARNING_RATE if self.lora is None else _LORA_LEARNING_RATE

    @property
    def limited(self) -> Settings:
        """The same with at least one limit."""
        has_limit = any(getattr(self, name) is not None for name in LIMITS)
        return self if has_limit else replace(self, epochs=_EPOCHS)

    def check_whole(self) -> None:
        """Make sure that nothing is left open that a recipe leaves to the command line.

        Raises
        ------
        OptionError
            If a path is still to be given.
        """
        paths = {"DATA": self.data, "--validation DATA": self.validation, "--output DIR": self.output}
        missing = [option for option, path in paths.items() if path == TO_BE_GIVEN]
        if missing:
            raise OptionError(
                f"a recipe leaves it to you to give {', '.join(missing)}: "
                "panglot train RECIPE DATA --validation DATA --output DIR"
            )


def write_settings(settings: Settings) -> str:
    """JSON of the settings, one line each."""
    return json.dumps(asdict(settings), indent=2, ensure_ascii=False) + "\n"


def read_settings(path: Path) -> Settings:
    """Read what `write_settings` wrote.

    Parameters
    ----------
    path
        ``settings.json`` of a run.

    Returns
    -------
    Settings
        As they were.

    Raises
    ------
    TrainingError
        If the file is not there or is not such settings.
    """
    try:
        value: object = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict):
            raise ValueError("not a JSON object")
        return _from_mapping(cast("Mapping[str, Any]", value))
    except OSError as error:
        raise TrainingError(
            f"{path.parent} holds no run that can go on: {path.name} cannot be read ({error.strerror or error}). "
            "Give the folder that was the --output of a run."
        ) from error
    except (ValueError, TypeError) as error:
        raise TrainingError(f"{path} is not the settings of a run: {error}. Start a new run.") from error


def _from_mapping(value: Mapping[str, Any]) -> Settings:
    unknown = value.keys() - {field.name for field in fields(Settings)}
    if unknown:
        raise ValueError(f"unknown {', '.join(sorted(unknown))}")
    given: dict[str, Any] = {**value, "languages": tuple(value.get("languages", ()))}
    return Settings(**given)


def _check(settings: Settings) -> None:
    for name, allowed in (("precision", PRECISIONS), ("distributed", STRATEGIES), ("freeze", (None, "encoder"))):
        if getattr(settings, name) not in allowed:
            choices = ", ".join(choice for choice in allowed if choice)
            raise OptionError(f"{_option(name)} {getattr(settings, name)!r} is not known. Give one of {choices}.")
    for name in (
        "lora",
        "steps",
        "epochs",
        "hours",
        "learning_rate",
        "max_norm",
        "batch_seconds",
        "batch_samples",
        "accumulate",
        "parts",
        "validate_every",
        "checkpoint_every",
        "patience",
    ):
        value = getattr(settings, name)
        if value is not None and not value > 0 and not (name == "learning_rate" and value == 0):
            raise OptionError(f"{_option(name)} {value} is not possible. Give a number above 0.")
    for name in ("warmup", "ema", "dropout", "timestamps", "prompts"):
        value = getattr(settings, name)
        if value is not None and not 0 <= value <= 1:
            raise OptionError(f"{_option(name)} {value} is not possible. Give a number from 0 to 1.")
    if settings.lora is not None and settings.freeze:
        raise OptionError(
            "--lora and --freeze exclude each other: low-rank updates freeze all weights. Give one of them."
        )
    if settings.patience is not None and settings.validation is None:
        raise OptionError(
            f"--patience {settings.patience} counts measurements, and there is nothing to measure on. "
            "Give --validation DATA, or leave --patience out."
        )
    for option, is_given in (("--ema", settings.ema is not None), ("--compile", settings.compile)):
        if is_given and settings.distributed == "fsdp":
            raise OptionError(
                f"{option} does not work with --distributed fsdp. Leave it out, or use --distributed ddp."
            )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
