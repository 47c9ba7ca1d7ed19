"""The loop: take batches, compute gradients, step; measure and save now and then; stop when it is time.

The loss of a step is the sum of the cross-entropies of all its tokens, divided by their number: over all micro-batches,
batches and processes. So how the work is cut up does not change what is learned.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from time import monotonic
from typing import Literal, Protocol

import torch

from panglot.corpora import Rejected
from panglot.errors import TrainingError
from panglot.training.diagnosis import first_not_finite
from panglot.training.distributed import World
from panglot.training.listener import Step, Validation
from panglot.training.micro import IGNORED, MicroBatch, blank, cut
from panglot.training.network import Network
from panglot.training.optimisation import Average, Length, Schedule
from panglot.training.precision import MixedPrecision, StepReport
from panglot.training.settings import Settings
from panglot.training.validation import Abandoned, summed_loss
from panglot.units import Seconds

Ending = Literal["finished", "early", "interrupted"]

_LATELY = 20
"""Steps over which the pace is measured."""


class Batch(Protocol):
    """What the loop needs of a `panglot.training.data.Batch`."""

    @property
    def features(self) -> torch.Tensor:
        """Log-mel, shape ``(batch, mel_bands, 3000)``."""
        ...

    @property
    def decoder_input(self) -> torch.Tensor:
        """Tokens, shape ``(batch, length)``."""
        ...

    @property
    def labels(self) -> torch.Tensor:
        """Tokens, shape ``(batch, length)``."""
        ...

    @property
    def ids(self) -> tuple[str, ...]:
        """Of the samples."""
        ...

    @property
    def seconds(self) -> float:
        """Of audio."""
        ...

    @property
    def rejected(self) -> Sequence[Rejected]:
        """Samples that could not be read."""
        ...


class Batches(Protocol):
    """What the loop needs of `panglot.training.data.Batches`."""

    @property
    def epoch(self) -> int:
        """Number from 0."""
        ...

    def __iter__(self) -> Iterator[Batch]: ...


@dataclass(slots=True, kw_only=True)
class Position:
    """Where a run is; part of every checkpoint."""

    step: int = 0
    audio: Seconds = 0.0
    clock: Seconds = 0.0
    parts: int = 1
    """Micro-batches that a batch is cut into."""
    measured: int = -1
    """Step of the last validation."""
    best: float | None = None
    """The lowest mean error rate so far."""
    best_step: int = 0
    stale: int = 0
    """Validations since then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All that takes part in a step."""

    network: Network
    recipe: MixedPrecision
    optimizer: torch.optim.Optimizer
    schedule: Schedule
    average: Average | None
    batches: Batches
    mel_bands: int
    world: World


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """What the loop has done for it, by whoever keeps the run's folder."""

    stepped: Callable[[Step], None]
    noted: Callable[[str], None]
    save: Callable[[], None]
    validate: Callable[[int], Validation] | None
    """Given the step; may raise `Abandoned`."""
    validated: Callable[[Validation], None]
    stop: Callable[[], bool]
    """Whether somebody wants the run to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """The batches of one step, in this process, with totals over all processes."""

    batches: list[Batch]
    tokens: int
    audio: Seconds


class Loop:
    """Trains a network until the run is over.

    Parameters
    ----------
    parts
        All that takes part.
    settings
        Of the run.
    length
        When it is over.
    position
        Where it starts; moves on with each step.
    duties
        What to do along the way.
    """

    def __init__(self, parts: Parts, *, settings: Settings, length: Length, position: Position, duties: Duties) -> None:
        self._parts = parts
        self._settings = settings
        self._length = length
        self._duties = duties
        self._began = monotonic() - position.clock
        self._lately: deque[tuple[Seconds, Seconds, float]] = deque(maxlen=_LATELY)
        self.position = position

    def run(self) -> Ending:
        """Train.

        Returns
        -------
        Ending
            Why it ended.

        Raises
        ------
        TrainingError
            If the loss is not a number, or the memory does not suffice for a single recording.
        """
        self._parts.network.module.train()
        ending = self._before_the_first_step()
        groups = self._groups()
        while ending is None:
            group = next(groups, None)
            ending = "finished" if group is None else self._train_and_look_after(group)
        if ending == "finished":
            ending = self._measure() or ending
        self._duties.save()
        return ending

    def _before_the_first_step(self) -> Ending | None:
        """Measure what is trained from, or what was not measured when the run was interrupted."""
        if self._is_over():
            return "finished"
        if self._has_patience_run_out():
            return "early"
        return self._measure() if self._is_due(self._settings.validate_every) else None

    def _train_and_look_after(self, group: _Group) -> Ending | None:
        self._train(group)
        if self._parts.world.any(self._duties.stop()):
            return "interrupted"
        if self._is_over():
            return "finished"
        ending = self._measure() if self._is_due(self._settings.validate_every) else None
        if ending is None and self._is_due(self._settings.checkpoint_every):
            self._duties.save()
        return ending

    def _is_due(self, every: int) -> bool:
        return self.position.step % every == 0

    def _is_over(self) -> bool:
        clock = self._parts.world.summed(self.position.clock)[0] / self._parts.world.size
        return self._length.is_over(step=self.position.step, clock=clock)

    def _groups(self) -> Iterator[_Group]:
        """Batches for one step after another, until no process has any."""
        batches = iter(self._parts.batches)
        while True:
            mine = list(islice(batches, self._settings.accumulate))
            tokens = sum(int((batch.labels != IGNORED).sum()) for batch in mine)
            audio = sum(batch.seconds for batch in mine)
            for row in (row for batch in mine for row in batch.rejected):
                self._duties.noted(f"{row.where} is left out this time: {row.reason}")
            count, tokens, audio = self._parts.world.summed(len(mine), tokens, audio)
            if not count:
                return
            yield _Group(batches=mine, tokens=max(int(tokens), 1), audio=audio)

    def _train(self, group: _Group) -> None:
        """One step of the optimizer."""
        losses = self._gradients(group)
        loss = self._parts.world.summed(sum(losses))[0] / group.tokens
        if not math.isfinite(loss):
            raise self._explained(group, loss)
        at = self.position
        at.step += 1
        at.audio += group.audio
        at.clock = monotonic() - self._began
        progress = self._length.progress(step=at.step, audio=at.audio, clock=at.clock)
        rate = self._parts.schedule.rate
        self._parts.schedule.aim(progress + self._length.share / 2)
        report = self._parts.recipe.step(
            self._parts.optimizer, max_norm=self._settings.max_norm, schedule=self._parts.schedule
        )
        if report.applied and self._parts.average is not None:
            self._parts.average.update()
        if report.alarm is not None:
            self._duties.noted(report.alarm)
        self._duties.stepped(self._told(group, report, loss=loss, rate=rate, progress=progress))

    def _gradients(self, group: _Group) -> list[float]:
        """Gradients of a group, in micro-batches as small as memory demands; the sums of their losses."""
        while True:
            random = random_state(self._parts.network.device)
            try:
                return self._accumulate(group)
            except torch.OutOfMemoryError as error:
                if self._parts.world.size > 1:
                    raise TrainingError(_no_room_for_all(self.position.parts, error)) from error
            # Only here nothing of the failed attempt is held any more.
            self._parts.optimizer.zero_grad(set_to_none=True)
            self._halve(group)
            set_random_state(random, self._parts.network.device)

    def _accumulate(self, group: _Group) -> list[float]:
        micro_batches = self._cut(group)
        losses: list[torch.Tensor] = []
        for number, micro in enumerate(micro_batches, start=1):
            with self._parts.network.synchronised(now=number == len(micro_batches)):
                loss = self._loss(micro)
                # The processes' gradients are averaged, and their losses are to be added.
                self._parts.recipe.backward(loss * (self._parts.world.size / group.tokens))
            losses.append(loss.detach())
        return [loss.item() for loss in losses]

    def _loss(self, micro: MicroBatch) -> torch.Tensor:
        device = self._parts.network.device
        with self._parts.recipe.forward():
            logits = self._parts.network.logits(micro.features.to(device), micro.decoder_input.to(device))
            return summed_loss(logits, micro.labels.to(device))

    def _cut(self, group: _Group) -> list[MicroBatch]:
        pieces = [
            micro
            for batch in group.batches
            for micro in cut(
                batch.features, batch.decoder_input, batch.labels, ids=batch.ids, parts=self.position.parts
            )
        ]
        if self._parts.world.size == 1:
            return pieces
        # All processes have to make the same number of calls.
        missing = self._settings.accumulate * self.position.parts - len(pieces)
        return pieces + [blank(mel_bands=self._parts.mel_bands)] * missing

    def _halve(self, group: _Group) -> None:
        largest = max(len(batch.ids) for batch in group.batches)
        if self.position.parts >= largest:
            raise TrainingError(
                f"step {self.position.step + 1} does not fit into memory even with one recording at a time. "
                "Train less of the network with --lora 16 or --freeze encoder, add --activation-checkpointing, "
                "or choose a smaller --from."
            )
        self.position.parts = min(self.position.parts * 2, largest)
        if self._parts.network.device.type == "cuda":
            torch.cuda.empty_cache()
        samples = sum(len(batch.ids) for batch in group.batches)
        self._duties.noted(
            f"out of memory at step {self.position.step + 1}: from now on each batch goes through the network in "
            f"{self.position.parts} pieces, here of at most {-(-largest // self.position.parts)} recordings. "
            f"The step is made again with all its {samples} recordings; what is learned stays the same."
        )

    def _explained(self, group: _Group, loss: float) -> TrainingError:
        """Find where the numbers end: each micro-batch goes through the network once more, with every layer watched."""
        found: list[str] = []
        for micro in self._cut(group):
            values: list[torch.Tensor] = []
            with torch.no_grad(), self._parts.network.plain():
                layer = first_not_finite(self._parts.network.module, lambda m=micro, v=values: v.append(self._loss(m)))
            if layer is not None or not all(bool(torch.isfinite(value)) for value in values):
                found.append(
                    f"the first layer that is not finite is {layer or 'the loss itself'}, "
                    f"in the batch of {', '.join(micro.ids)}"
                )
        everything = [one for part in self._parts.world.gathered(found) for one in part]
        reason = "; ".join(everything) or "it was finite when repeated"
        return TrainingError(
            f"the loss is {loss} at step {self.position.step + 1}: {reason}. "
            "The weights were not changed by it. Look at these recordings, lower --learning-rate, or try "
            "--precision bf16 or fp32; the run can go on from its last checkpoint with --resume."
        )

    def _told(self, group: _Group, report: StepReport, *, loss: float, rate: float, progress: float) -> Step:
        at = self.position
        self._lately.append((at.clock, group.audio, progress))
        elapsed = at.clock - self._lately[0][0]
        gone = progress - self._lately[0][2]
        heard = sum(audio for _, audio, _ in self._lately) - self._lately[0][1]
        return Step(
            step=at.step,
            epoch=self._parts.batches.epoch,
            progress=progress,
            loss=loss,
            learning_rate=rate,
            gradient_norm=report.gradient_norm,
            applied=report.applied,
            overflowed=report.overflowed,
            scale=report.scale_after,
            skipped=self._parts.recipe.skipped,
            audio=group.audio,
            tokens=group.tokens,
            micro_batches=self._settings.accumulate * at.parts,
            clock=at.clock,
            rate=heard / elapsed / 3_600 if elapsed > 0 else 0.0,
            left=elapsed * (1.0 - progress) / gone if gone > 0 else None,
        )

    def _measure(self) -> Ending | None:
        """Measure if there is something to measure on, and say whether the run should end."""
        at = self.position
        if self._duties.validate is None or at.measured == at.step:
            return None
        try:
            validation = self._duties.validate(at.step)
        except Abandoned:
            return "interrupted"
        at.measured = at.step
        is_best = at.best is None or validation.wer < at.best
        at.stale = 0 if is_best else at.stale + 1
        if is_best:
            at.best, at.best_step = validation.wer, at.step
        self._duties.validated(replace(validation, best=is_best))
        return "early" if self._has_patience_run_out() else None

    def _has_patience_run_out(self) -> bool:
        return self._settings.patience is not None and self.position.stale >= self._settings.patience


def random_state(device: torch.device) -> dict[str, torch.Tensor]:
    """State of the generators that dropout draws from.

    Parameters
    ----------
    device
        Of the network.

    Returns
    -------
    dict
        For `set_random_state`.
    """
    states = {"cpu": torch.get_rng_state()}
    return states | {"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else states


def seed_all(seed: int) -> None:
    """Start all generators anew."""
    torch.manual_seed(seed)  # pyright: ignore[reportUnknownMemberType]


def set_random_state(states: dict[str, torch.Tensor], device: torch.device) -> None:
    """Go back to a state."""
    torch.set_rng_state(states["cpu"])
    if "cuda" in states and device.type == "cuda":
        torch.cuda.set_rng_state(states["cuda"], device)


def _no_room_for_all(parts: int, error: BaseException) -> str:
    return (
        f"a process ran out of memory ({error}). With several processes the micro-batches have to be chosen: go on "
        f"with --resume and --parts {parts * 2}, which learns the same in smaller pieces, or use --distributed fsdp."
    )
