"""The largest batch that fits, found by bisection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch

from panglot.training.comparison.memory import take_stock
from panglot.training.comparison.stepping import Trainer

LARGEST: Final = 1 << 16
"""No larger batch is tried."""
_PRECISION: Final = 16
"""The search ends when the bounds are this part of the batch apart."""


def largest_batch(fits: Callable[[int], bool], *, start: int) -> int:
    """Search for the largest batch that fits.

    Parameters
    ----------
    fits
        Whether a batch of that many samples does; if one does, all smaller ones do.
    start
        Where to begin.

    Returns
    -------
    int
        It fits, and one a sixteenth larger does not; 0 where not even one sample fits.
    """
    low, high = 0, max(1, start)
    while fits(high):
        low = high
        if high >= LARGEST:
            return low
        high = min(2 * high, LARGEST)
    while high - low > max(1, low // _PRECISION):
        middle = (low + high) // 2
        if fits(middle):
            low = middle
        else:
            high = middle
    return low


def fits(trainer: Trainer, size: int, *, limit: int | None) -> bool:
    """Try a batch: on a GPU by a whole step, on a CPU by counting the bytes of one.

    Parameters
    ----------
    trainer
        After its first step.
    size
        Samples.
    limit
        Bytes that a step may need; None for all the GPU has.

    Returns
    -------
    bool
        Whether the step needs no more memory than there is.
    """
    try:
        if trainer.device.type == "cuda":
            trainer.step(size, 0)
            return limit is None or torch.cuda.max_memory_allocated(trainer.device) <= limit
        gradients, saved = trainer.gradients(size, 0)
        return limit is None or _counted(trainer, gradients, saved) <= limit
    except torch.OutOfMemoryError:
        trainer.optimizer.zero_grad(set_to_none=True)
        return False
    finally:
        if trainer.device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(trainer.device)


def _counted(trainer: Trainer, gradients: int, saved: int) -> int:
    return take_stock(trainer.model, trainer.optimizer, gradients=gradients, saved=saved, peak=0).counted
