"""Micro-batches: a batch, cut into pieces that are computed one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

IGNORED = -100
"""The label of a position that does not count."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MicroBatch:
    """What goes through the network at once."""

    features: torch.Tensor
    """Log-mel, shape ``(batch, mel_bands, 3000)``."""
    decoder_input: torch.Tensor
    """Tokens, shape ``(batch, length)``."""
    labels: torch.Tensor
    """Tokens, shape ``(batch, length)``."""
    ids: tuple[str, ...]
    """Empty if it only keeps step with the other processes."""


def cut(
    features: torch.Tensor, decoder_input: torch.Tensor, labels: torch.Tensor, *, ids: Sequence[str], parts: int
) -> list[MicroBatch]:
    """Cut a batch into at most so many pieces, as equal as can be.

    Parameters
    ----------
    features
        See `MicroBatch`.
    decoder_input
        See `MicroBatch`.
    labels
        See `MicroBatch`.
    ids
        Of the samples.
    parts
        A piece holds one sample at least, so there may be fewer.

    Returns
    -------
    list of MicroBatch
        In order.
    """
    size = -(-len(ids) // parts)
    return [
        MicroBatch(
            features=features[first : first + size],
            decoder_input=decoder_input[first : first + size],
            labels=labels[first : first + size],
            ids=tuple(ids[first : first + size]),
        )
        for first in range(0, len(ids), size)
    ]


def blank(*, mel_bands: int) -> MicroBatch:
    """One that counts for nothing: for a process that has run out while others have not."""
    return MicroBatch(
        features=torch.zeros(1, mel_bands, 3_000),
        decoder_input=torch.zeros(1, 1, dtype=torch.int64),
        labels=torch.full((1, 1), IGNORED),
        ids=(),
    )
