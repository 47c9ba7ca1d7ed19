"""Training steps of one workload in one precision, timed part by part."""

from __future__ import annotations

import copy
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import nn

from panglot.training.comparison.memory import Saved, gradient_bytes
from panglot.training.comparison.workload import Workload, to_device
from panglot.training.precision import MixedPrecision, StepReport

PARTS = ("data", "forward", "backward", "optimizer", "synchronisation")


class Trainer:
    """One model in training.

    Parameters
    ----------
    workload
        Its model is changed.
    precision
        One of `PRECISIONS`.
    device
        As for `MixedPrecision`.
    seed
        Of the batches.
    compiled
        Whether the model runs through ``torch.compile``.
    """

    def __init__(self, workload: Workload, *, precision: str, device: str, seed: int, compiled: bool = False) -> None:
        self._workload = workload
        self._seed = seed
        self.recipe = MixedPrecision(precision, device=device)
        self.reference = copy.deepcopy(workload.model)
        """The model as it was, for gradients in IEEE fp32; on the CPU until it is asked for."""
        self.model: nn.Module = self.recipe.prepare(workload.model)
        self.optimizer = workload.optimizer(self.recipe.parameters(self.model))
        self._forward: Any = cast("Any", torch.compile)(self.model) if compiled else self.model
        self.times: dict[str, float] = dict.fromkeys(PARTS, 0.0)
        """Seconds of the latest step, by part."""

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return self.recipe.device

    def batch(self, size: int, number: int) -> Any:
        """Return batch number so-and-so on the device, the same in every precision."""
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + number)
        return to_device(self._workload.batch(size, generator), self.device)

    def step(self, size: int, number: int, *, apart: bool = False) -> tuple[float, StepReport]:
        """Make a step.

        Parameters
        ----------
        size
            Samples.
        number
            Of the batch.
        apart
            Wait for the device after each part, so that its time is its own; slower on a GPU.

        Returns
        -------
        tuple of float and StepReport
            The loss, and what the recipe did.
        """
        with self._part("data", apart):
            batch = self.batch(size, number)
        with self._part("forward", apart), self.recipe.forward():
            loss = self._workload.loss(self._forward, batch)
        with self._part("backward", apart):
            self.recipe.backward(loss)
        with self._part("optimizer", apart):
            report = self.recipe.step(self.optimizer)
        with self._part("synchronisation", apart):
            self.synchronise()
        return float(loss.detach()), report

    def gradients(self, size: int, number: int) -> tuple[int, int]:
        """Run forward and backward without an update; return the bytes of the gradients and of what forward saved."""
        saved = Saved(self.model)
        batch = self.batch(size, number)
        with saved.counting(), self.recipe.forward():
            loss = self._workload.loss(self.model, batch)
        self.recipe.backward(loss)
        found = gradient_bytes(self.model), saved.bytes
        self.optimizer.zero_grad(set_to_none=True)
        return found

    def cosine(self, size: int, number: int) -> float:
        """Cosine of the gradient and that of IEEE fp32, at the weights of now and on the same batch."""
        batch = self.batch(size, number)
        reference = self.reference.to(self.device)
        reference.load_state_dict(self.model.state_dict())
        exact = MixedPrecision("fp32", device=str(self.device))
        with exact.forward():
            loss = self._workload.loss(reference, batch)
        exact.backward(loss)
        with self.recipe.forward():
            loss = self._workload.loss(self.model, batch)
        self.recipe.backward(loss)
        scale = self.recipe.scaler.get_scale()
        dot, mine, theirs = 0.0, 0.0, 0.0
        for (_, parameter), (_, twin) in zip(self.model.named_parameters(), reference.named_parameters(), strict=True):
            if parameter.grad is None or twin.grad is None:
                continue
            one, two = parameter.grad.double().flatten() / scale, twin.grad.double().flatten()
            dot += float(one @ two)
            mine += float(one @ one)
            theirs += float(two @ two)
        self.optimizer.zero_grad(set_to_none=True)
        reference.zero_grad(set_to_none=True)
        self.reference = reference.cpu()
        return dot / (mine * theirs) ** 0.5 if mine and theirs else float("nan")

    def synchronise(self) -> None:
        """Wait until the device has done what it was asked for."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    @contextmanager
    def _part(self, name: str, apart: bool) -> Generator[None]:
        began = time.perf_counter()
        yield
        if apart:
            self.synchronise()
        self.times[name] = time.perf_counter() - began
