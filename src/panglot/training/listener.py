"""What a run tells while it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from panglot.corpora import Rejected
from panglot.units import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run is about to do."""

    base: str
    precision: str
    reason: str
    """Why that precision."""
    device: str
    trained: int
    """Weights that are trained."""
    weights: int
    """Weights there are."""
    samples: int | None
    """None for shards, which are not counted beforehand."""
    audio: Seconds | None
    step: int
    """Steps that were made before, in a run that goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step of the optimizer did, over all processes."""

    step: int
    epoch: int
    progress: float
    """Share of the run that is behind, from 0 to 1."""
    loss: float
    """Cross-entropy in nats per token."""
    learning_rate: float
    gradient_norm: float
    applied: bool
    """Whether the weights moved; not if gradients overflowed."""
    overflowed: tuple[str, ...]
    """Parameters whose gradients overflowed first."""
    scale: float
    """The loss scale after the step."""
    skipped: int
    """Steps so far that were not applied."""
    audio: Seconds
    """Seconds of audio in the step."""
    tokens: int
    micro_batches: int
    """In each process."""
    clock: Seconds
    """Seconds of training so far."""
    rate: float
    """Hours of audio per second, lately."""
    left: Seconds | None
    """Seconds until the end at this pace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Errors in one language."""

    language: str
    samples: int
    wer: float
    """Word error rate; of characters for languages written without spaces."""
    cer: float
    """Character error rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What the network makes of recordings it does not learn from."""

    step: int
    loss: float
    """Cross-entropy in nats per token."""
    scores: tuple[Score, ...]
    """One per language, in the order of their codes."""
    best: bool = field(default=False)
    """Whether no measurement before was as good."""

    @property
    def wer(self) -> float:
        """Mean of the languages' rates: each language counts the same, however much there is of it."""
        return sum(score.wer for score in self.scores) / len(self.scores)


class Listener(Protocol):
    """Somebody who wants to know how a run is going."""

    def began(self, plan: Plan) -> None:
        """All is loaded, and training begins."""
        ...

    def rejected(self, rows: tuple[Rejected, ...]) -> None:
        """Some rows of the data cannot be used and are left out."""
        ...

    def stepped(self, step: Step) -> None:
        """A step was made."""
        ...

    def validated(self, validation: Validation) -> None:
        """Error rates were measured."""
        ...

    def noted(self, text: str) -> None:
        """Something happened that one should know."""
        ...


class Silence:
    """A listener who does not care."""

    def began(self, plan: Plan) -> None:
        """See `Listener`."""

    def rejected(self, rows: tuple[Rejected, ...]) -> None:
        """See `Listener`."""

    def stepped(self, step: Step) -> None:
        """See `Listener`."""

    def validated(self, validation: Validation) -> None:
        """See `Listener`."""

    def noted(self, text: str) -> None:
        """See `Listener`."""
