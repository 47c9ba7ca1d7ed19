"""What moves the weights: the length of a run, the learning rate along it, and an average of the weights."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from panglot.training.settings import Settings
from panglot.units import Seconds

_BETAS = (0.9, 0.98)
"""Of Adam, as Whisper was trained with (Radford et al. 2022, arXiv:2212.04356, table 17)."""
_EPSILON = 1e-6
_FIRST_SHARE = 1e-3
"""Share of a run that its first step is taken for, where only the clock will tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How long a run is; it ends at the limit that is met first."""

    steps: int | None
    audio: Seconds | None
    """Seconds of audio to learn from: those of all samples, times the epochs."""
    clock: Seconds | None
    step_audio: Seconds
    """Seconds of audio in a full step of all processes."""

    def progress(self, *, step: int, audio: Seconds, clock: Seconds) -> float:
        """Share of the run that is behind, from 0 to 1.

        Parameters
        ----------
        step
            Steps that were made.
        audio
            Seconds of audio that were learned from.
        clock
            Seconds since the start, without those in which the run was interrupted.

        Returns
        -------
        float
            1 at the end.
        """
        pairs = ((step, self.steps), (audio, self.audio), (clock, self.clock))
        return min(max((done / limit for done, limit in pairs if limit), default=0.0), 1.0)

    def is_over(self, *, step: int, clock: Seconds) -> bool:
        """Whether enough steps were made, or the time is up; epochs end when the batches do."""
        return (self.steps is not None and step >= self.steps) or (self.clock is not None and clock >= self.clock)

    @property
    def share(self) -> float:
        """Share of the run that one step is about, for its first."""
        first = self.progress(step=1, audio=self.step_audio, clock=0.0)
        return first or _FIRST_SHARE


def rate_factor(progress: float, *, warmup: float) -> float:
    """Return the learning rate as a share of the highest: a linear rise, then a linear fall to nothing.

    Parameters
    ----------
    progress
        Share of the run that is behind.
    warmup
        Share of the run in which the rate rises.

    Returns
    -------
    float
        From 0 to 1.
    """
    if progress < warmup:
        return progress / warmup
    return max(0.0, (1.0 - progress) / (1.0 - warmup)) if warmup < 1.0 else 1.0


class Schedule:
    """The learning rate of a run, which moves on only when a step was applied.

    Parameters
    ----------
    optimizer
        Its groups get the rate.
    rate
        The highest.
    warmup
        See `rate_factor`.
    progress
        Share of the run at its first step.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, *, rate: float, warmup: float, progress: float) -> None:
        self._optimizer = optimizer
        self._rate = rate
        self._warmup = warmup
        self._progress = self._ahead = progress
        self._set()

    @property
    def rate(self) -> float:
        """The rate of the coming step."""
        return self._rate * rate_factor(self._progress, warmup=self._warmup)

    def aim(self, progress: float) -> None:
        """Say where in the run the step after this one will be."""
        self._ahead = progress

    def step(self) -> None:
        """Move on to where `aim` said."""
        self._progress = self._ahead
        self._set()

    def state_dict(self) -> dict[str, float]:
        """What `load_state_dict` needs."""
        return {"progress": self._progress}

    def load_state_dict(self, state: dict[str, float]) -> None:
        """Go back to a state."""
        self._progress = self._ahead = state["progress"]
        self._set()

    def _set(self) -> None:
        for group in self._optimizer.param_groups:
            group["lr"] = self.rate


def make_optimizer(parameters: Iterable[nn.Parameter], settings: Settings) -> torch.optim.Optimizer:
    """AdamW; biases and the gains of normalisation, which have one axis, do not decay.

    Parameters
    ----------
    parameters
        To be trained, fp32.
    settings
        Of the run.

    Returns
    -------
    torch.optim.Optimizer
        With one group that decays and one that does not.
    """
    trained = list(parameters)
    groups: list[dict[str, Any]] = [
        {"params": [one for one in trained if one.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [one for one in trained if one.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]], lr=settings.rate, betas=_BETAS, eps=_EPSILON
    )


class Average:
    """Exponential moving average of the trained weights (Polyak & Juditsky 1992).

    Parameters
    ----------
    parameters
        The trained ones; the average starts as they are.
    decay
        Share of the average that stays at each step. In the first steps less stays, so that the start is forgotten.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], *, decay: float) -> None:
        self._parameters = list(parameters)
        self._average = [one.detach().clone() for one in self._parameters]
        self._decay = decay
        self._steps = 0

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights after a step."""
        self._steps += 1
        decay = min(self._decay, self._steps / (self._steps + 10))
        for average, weight in zip(self._average, self._parameters, strict=True):
            average.lerp_(weight, 1.0 - decay)

    @contextmanager
    def swapped(self) -> Generator[None]:
        """Let the network have the average for its weights, and get its own back bit for bit."""
        own = [one.detach().clone() for one in self._parameters]
        self._fill(self._average)
        try:
            yield
        finally:
            self._fill(own)

    def state_dict(self) -> dict[str, Any]:
        """What `load_state_dict` needs."""
        return {"average": self._average, "steps": self._steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a state."""
        self._steps = int(state["steps"])
        for mine, other in zip(self._average, state["average"], strict=True):
            mine.copy_(other)

    @torch.no_grad()
    def _fill(self, values: Iterable[torch.Tensor]) -> None:
        for parameter, value in zip(self._parameters, values, strict=True):
            parameter.copy_(value)
