"""What a step did, and when a loss scale is cause for alarm."""

from __future__ import annotations

import math
from dataclasses import dataclass

FLOOR = 1.0
"""A loss scale below it makes gradients smaller than they are: whatever overflows then, scaling is not its cause."""

CEILING = 2.0**40
"""At this scale the largest gradient is below 2^16 / 2^40 = 2^-24, the smallest number of fp16: all of them vanish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """What one `MixedPrecision.step` did."""

    applied: bool
    """The optimizers changed the parameters: all of the optimizers, or none."""
    scale_before: float
    """Loss scale of the gradients of this step; 1 where there is no scaling."""
    scale_after: float
    """Loss scale from now on."""
    gradient_norm: float
    """Euclidean norm over all parameters and processes, unscaled, before clipping; infinite or NaN where skipped."""
    overflowed: tuple[str, ...] = ()
    """Parameters with infinite or NaN gradients, in the model's order.

    The backward pass goes from the last to the first, so the trouble most often begins at the last name.
    """
    alarm: str | None = None
    """What is wrong for good, where, and what to do; None in sound training."""


def not_finite(overflowed: tuple[str, ...], *, precision: str) -> str:
    """Alarm of a step skipped where no scale can be lowered."""
    return (
        f"the gradient of {_last(overflowed)} is not finite, and {precision} has no loss scale to lower: look at this "
        "layer and at the loss of this batch, lower the learning rate, or clip the gradients"
    )


def too_low(scale: float, overflowed: tuple[str, ...]) -> str:
    """Alarm of a step skipped at a scale that should not overflow any more."""
    return (
        f"the loss scale fell to {scale:g}, and the gradient of {_last(overflowed)} still overflows: scaling is not "
        "the cause. Look for infinities in this layer and in the loss, lower the learning rate, or train in bf16"
    )


def too_high(scale: float, quietest: str) -> str:
    """Alarm of a scale that grew because there is nothing left to scale."""
    return (
        f"the loss scale grew to {scale:g} because the gradients vanish, most of all in layer {layer(quietest)}: look "
        "for saturated activations there, for a part that is detached, and for a loss that hardly depends on the model"
    )


def outside(before: float, after: float) -> str | None:
    """Which bound a change of the scale has passed: ``low``, ``high`` or None."""
    if after < before and after < FLOOR:
        return "low"
    if after > before and (after > CEILING or math.isinf(after)):
        return "high"
    return None


def layer(parameter: str) -> str:
    """Name of the module a parameter belongs to: ``encoder.0`` of ``encoder.0.weight``."""
    return parameter.rpartition(".")[0] or parameter


def _last(overflowed: tuple[str, ...]) -> str:
    return f"layer {layer(overflowed[-1])}" if overflowed else "some parameter"
