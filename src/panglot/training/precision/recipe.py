"""The mixed-precision recipe on `torch.amp`, as three verbs.

::

    with recipe.forward():                     1  half-precision copy of the weights, forward pass
        loss = loss_of(model(batch))           2  loss in fp32
    recipe.backward(loss)                      2  times the scale; 3  gradients in half precision
    report = recipe.step(optimizer)            4  to fp32 and unscaled; 5  update or skip, adapt the scale, zero

Source: Micikevicius et al. 2018, "Mixed precision training", arXiv:1710.03740.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, cast

import torch
from torch import nn
from torch.amp.grad_scaler import GradScaler
from torch.nn.utils import clip_grads_with_norm_
from torch.optim import Optimizer

from panglot.errors import OptionError, TrainingError
from panglot.training.precision import fp8, report
from panglot.training.precision.arithmetic import fp32_arithmetic
from panglot.training.precision.choice import choose
from panglot.training.precision.gradients import HALF, norms, parameters_with_gradients, total_norm
from panglot.training.precision.masters import Masters
from panglot.training.precision.report import StepReport

_COMPUTE = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp8": torch.bfloat16}
"""What autocast computes in. Around fp8 products everything else is bf16."""


class Schedule(Protocol):
    """What `MixedPrecision.step` asks of a learning-rate schedule; torch's all have it."""

    def step(self) -> object:
        """Go on by one step."""
        ...


class MixedPrecision:
    """Mixed precision for any module, optimizer and loop.

    Parameters
    ----------
    precision
        One of `PRECISIONS`, or ``auto``: see `choose`.
    device
        ``cpu``, ``cuda``, ``cuda:1`` or ``auto``.
    master_weights
        False: parameters stay in fp32, and autocast makes the half-precision copies. True: parameters become half
        precision, and the optimizer gets fp32 copies, see `parameters`; only for fp16, bf16 and fp8.
    initial_scale
        First loss scale, for fp16.
    growth_interval
        Applied steps in a row after which the loss scale doubles, for fp16.

    Raises
    ------
    OptionError
        If an option's value is not usable.
    DeviceError
        If the device is not there, or does not have the precision.
    """

    def __init__(
        self,
        precision: str = "auto",
        *,
        device: str = "auto",
        master_weights: bool = False,
        initial_scale: float = 2.0**16,
        growth_interval: int = 2_000,
    ) -> None:
        choice = choose(precision, device=device)
        if not (0 < initial_scale < math.inf) or growth_interval < 1:
            raise OptionError(
                f"initial_scale={initial_scale} and growth_interval={growth_interval} cannot be used; "
                "the first must be a positive number, the second at least 1"
            )
        if master_weights and choice.precision not in _COMPUTE:
            raise OptionError(
                f"master weights were asked for in {choice.precision}, whose parameters are in fp32 already; "
                "leave them out, or use fp16 or bf16"
            )
        self.precision = choice.precision
        self.reason = choice.reason
        self.device = torch.device(choice.device)
        self.scaler = GradScaler(
            self.device.type,
            init_scale=initial_scale,
            growth_interval=growth_interval,
            enabled=choice.precision == "fp16",
        )
        """Torch's own, disabled for all precisions but fp16. What `backward` and `step` do with it is all they do."""
        self.applied = 0
        """Steps that changed the parameters."""
        self.skipped = 0
        """Steps that did not, because gradients were not finite."""
        self._keeps_masters = master_weights
        self._model: nn.Module | None = None
        self._masters: Masters | None = None

    def prepare(self, model: nn.Module) -> nn.Module:
        """Bring a model into the form the precision needs.

        Call it once, after parameters were added or frozen, and before DDP, FSDP or ``torch.compile`` wrap the model.

        Parameters
        ----------
        model
            Any module, with parameters in fp32. It is changed in place.

        Returns
        -------
        nn.Module
            The same module, on the recipe's device.

        Raises
        ------
        TrainingError
            If the recipe has a model already, or the model cannot be brought into that form.
        """
        if self._model is not None:
            raise TrainingError(
                "this recipe has a model already; make one recipe for each model, or put several into one module"
            )
        if any(parameter.dtype in HALF for parameter in model.parameters() if parameter.requires_grad):
            raise TrainingError("the model has trainable parameters in half precision; give it in fp32: model.float()")
        model = model.to(self.device)
        if self.precision == "fp8":
            model = fp8.convert(model)
        if self._keeps_masters:
            self._masters = Masters(model, _COMPUTE[self.precision])
        self._model = model
        return model

    def parameters(self, model: nn.Module) -> list[nn.Parameter]:
        """The fp32 parameters to optimise: the model's own, or their masters; see `named_parameters`."""
        return [parameter for _, parameter in self.named_parameters(model)]

    def named_parameters(self, model: nn.Module) -> list[tuple[str, nn.Parameter]]:
        """Name and fp32 parameter of all that can be trained, in the model's order.

        Parameters
        ----------
        model
            The prepared one, wrapped or not. Names are the model's, so that parameters can be put into groups, and
            fp32 weights be saved: ``model.state_dict() | dict(recipe.named_parameters(model))``.

        Returns
        -------
        list[tuple[str, nn.Parameter]]
            The model's own parameters, or their masters.

        Raises
        ------
        TrainingError
            If there should be master weights and the model was not prepared, or changed since.
        """
        if self._keeps_masters and self._masters is None:
            raise TrainingError("there are no master weights yet; call recipe.prepare(model) first")
        return [
            (name, parameter if self._masters is None else self._masters.of(parameter))
            for name, parameter in model.named_parameters()
            if parameter.requires_grad
        ]

    @contextmanager
    def forward(self) -> Generator[None]:
        """Context of the forward pass and of the loss; `backward` belongs outside."""
        dtype = _COMPUTE.get(self.precision)
        with (
            fp32_arithmetic(self.precision, self.device),
            torch.autocast(self.device.type, dtype=dtype or torch.bfloat16, enabled=dtype is not None),
        ):
            yield

    def backward(self, loss: torch.Tensor) -> None:
        """Multiply the loss by the scale, in fp32, and compute the gradients.

        Several calls before a `step` add up. Divide each loss by their number to get the mean.

        Parameters
        ----------
        loss
            One number.

        Raises
        ------
        TrainingError
            If it is not one number, or depends on no parameter.
        """
        if loss.numel() != 1 or not loss.requires_grad:
            raise TrainingError(
                f"a loss must be one number that depends on the parameters, and this one has shape {tuple(loss.shape)} "
                f"and requires_grad={loss.requires_grad}; take its mean, and compute it outside torch.no_grad()"
            )
        with fp32_arithmetic(self.precision, self.device):
            cast(Any, self.scaler.scale(loss.float())).backward()
        # DDP adds up in the model's own gradients until it averages them, so with several processes they stay there.
        if self._masters is not None and not _several_processes():
            self._masters.gather()

    def step(
        self,
        *optimizers: Optimizer,
        max_norm: float | None = None,
        schedule: Schedule | Iterable[Schedule] | None = None,
    ) -> StepReport:
        """Unscale, clip, update or skip, adapt the scale, zero the gradients.

        All optimizers take their step, or none does. With DDP and FSDP2 every process comes to the same report.

        Parameters
        ----------
        *optimizers
            All whose gradients the calls of `backward` since the last step have filled. An optimizer without any
            gradient is left alone.
        max_norm
            Gradients with a greater norm, over all optimizers, are shortened to it.
        schedule
            Learning-rate schedule, or several: goes on only if the step is applied.

        Returns
        -------
        StepReport
            What happened.

        Raises
        ------
        OptionError
            If ``max_norm`` is not positive.
        TrainingError
            If there is no gradient, or an optimizer cannot be used with the recipe.
        """
        if max_norm is not None and not max_norm > 0:
            raise OptionError(f"max_norm={max_norm} cannot be used; give a positive number, or None for no clipping")
        if self._masters is not None:
            self._masters.gather()
        parameters = parameters_with_gradients(optimizers)
        stepping = [optimizer for optimizer in optimizers if _has_gradient(optimizer)]
        before = self.scaler.get_scale()
        for optimizer in stepping:
            self.scaler.unscale_(optimizer)
        norm = total_norm([cast(torch.Tensor, parameter.grad) for parameter in parameters])
        applied = math.isfinite(norm)
        # The scale adapts to what `unscale_` found. Reading it now, not after the update of the parameters, does not
        # wait for that on a GPU.
        self.scaler.update()
        after = self.scaler.get_scale()
        overflowed = () if applied else self._overflowed(parameters)
        alarm = self._alarm(before, after, overflowed, parameters)
        if applied:
            self._apply(stepping, parameters, norm=norm, max_norm=max_norm)
            for each in _schedules(schedule):
                each.step()
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        self.applied += applied
        self.skipped += not applied
        return StepReport(
            applied=applied,
            scale_before=before,
            scale_after=after,
            gradient_norm=norm,
            overflowed=overflowed,
            alarm=alarm,
        )

    def state_dict(self) -> dict[str, Any]:
        """Everything a checkpoint needs beside the model's and the optimizer's state: scale, counters, masters.

        Tensors are those in use, as in torch's own ``state_dict``: save them, or copy them.
        """
        return {
            "precision": self.precision,
            "master_weights": self._keeps_masters,
            "scaler": self.scaler.state_dict(),
            "applied": self.applied,
            "skipped": self.skipped,
            "shapes": self._shapes(),
            "masters": {} if self._masters is None else {name: value.detach() for name, value in self._masters.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where a recipe was saved. Masters are rounded into the model.

        Parameters
        ----------
        state
            From `state_dict`, of a recipe with the same precision and a model of the same shapes.

        Raises
        ------
        TrainingError
            If it is of another precision, form or model, or no such state.
        """
        missing = [name for name in self.state_dict() if name not in state]
        if missing:
            raise TrainingError(f"this is no state of a precision recipe: {', '.join(missing)} not in it")
        for name, here in (("precision", self.precision), ("master_weights", self._keeps_masters)):
            if state[name] != here:
                raise TrainingError(
                    f"the saved state has {name}={state[name]}, and this recipe {name}={here}; "
                    "resume with the saved one, or start anew from the weights"
                )
        if state["shapes"] != self._shapes():
            raise TrainingError(f"the saved state is of another model: {_difference(state['shapes'], self._shapes())}")
        if self._masters is not None:
            self._masters.load(state["masters"])
        self.scaler.load_state_dict(state["scaler"])
        self.applied, self.skipped = int(state["applied"]), int(state["skipped"])

    def _apply(
        self, optimizers: list[Optimizer], parameters: list[torch.Tensor], *, norm: float, max_norm: float | None
    ) -> None:
        if max_norm is not None and norm > max_norm:
            clip_grads_with_norm_(parameters, max_norm, torch.tensor(norm, dtype=torch.float64))
        # Not through the scaler: it would ask again, for each optimizer alone, what has been decided for all.
        for optimizer in optimizers:
            optimizer.step()
        if self._masters is not None:
            self._masters.publish()

    def _overflowed(self, parameters: list[torch.Tensor]) -> tuple[str, ...]:
        lengths = norms([cast(torch.Tensor, parameter.grad) for parameter in parameters])
        broken = {id(parameter) for parameter, norm in zip(parameters, lengths, strict=True) if not math.isfinite(norm)}
        return tuple(name for name, parameter in self._names(parameters) if id(parameter) in broken)

    def _names(self, parameters: list[torch.Tensor]) -> list[tuple[str, torch.Tensor]]:
        """Parameters by the model's names and in its order; those of no prepared model by their place."""
        named: list[tuple[str, torch.Tensor]] = [] if self._model is None else [*self.named_parameters(self._model)]
        known = {id(parameter) for _, parameter in named}
        places = [(f"parameter {place}", parameter) for place, parameter in enumerate(parameters)]
        return named + [(name, parameter) for name, parameter in places if id(parameter) not in known]

    def _alarm(
        self, before: float, after: float, overflowed: tuple[str, ...], parameters: list[torch.Tensor]
    ) -> str | None:
        if overflowed and not self.scaler.is_enabled():
            return report.not_finite(overflowed, precision=self.precision)
        bound = report.outside(before, after)
        if bound == "low":
            return report.too_low(after, overflowed)
        if bound == "high":
            lengths = norms([cast(torch.Tensor, parameter.grad) for parameter in parameters])
            quietest = parameters[lengths.index(min(lengths))]
            return report.too_high(
                after, next(name for name, parameter in self._names(parameters) if parameter is quietest)
            )
        return None

    def _shapes(self) -> dict[str, list[int]]:
        if self._model is None:
            return {}
        return {name: list(parameter.shape) for name, parameter in self._model.named_parameters()}


def _has_gradient(optimizer: Optimizer) -> bool:
    return any(parameter.grad is not None for group in optimizer.param_groups for parameter in group["params"])


def _schedules(schedule: Schedule | Iterable[Schedule] | None) -> Iterable[Schedule]:
    if schedule is None:
        return ()
    return schedule if isinstance(schedule, Iterable) else (schedule,)


def _several_processes() -> bool:
    distributed = torch.distributed
    return distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1


def _difference(saved: Mapping[str, list[int]], here: Mapping[str, list[int]]) -> str:
    """The first parameter in which two models differ."""
    for name in [*saved, *here]:
        if saved.get(name) != here.get(name):
            shapes = [models.get(name, "missing") for models in (saved, here)]
            return f"{name} is {shapes[0]} in it, and {shapes[1]} here; resume with the same model"
    return "its parameters are in another order; resume with the same model"
