"""Where samples come from, a block of them at a time, so that an epoch can be entered anywhere."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from panglot.corpora import Corpus, Sample
from panglot.units import Seconds

BLOCK = 20_000
"""Samples that are shuffled and bucketed together; a restart reads again at most this many rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A sample, and where its bytes are if they are in a shard."""

    sample: Sample
    archive: str | None = None
    """Name of the tar file in the place of the shards."""
    offset: int = 0
    size: int = 0

    @property
    def id(self) -> str:
        """Unique in its source."""
        return self.sample.id

    @property
    def duration(self) -> Seconds:
        """What batches are made by."""
        return self.sample.duration


class Items(Protocol):
    """Samples in blocks."""

    @property
    def size(self) -> int:
        """How much there is; a run can only go on with the same."""
        ...

    @property
    def blocks(self) -> int:
        """Blocks in an epoch."""
        ...

    def block(self, number: int, *, seed: int, epoch: int, shuffle: bool) -> list[Item]:
        """Return the items of a block, shuffled for this epoch or in their own order."""
        ...


class CorpusItems:
    """Samples of a manifest in memory."""

    def __init__(self, corpus: Corpus) -> None:
        self._items = [Item(sample=sample) for sample in corpus.samples]

    @property
    def size(self) -> int:
        """See `Items.size`: samples."""
        return len(self._items)

    @property
    def blocks(self) -> int:
        """See `Items.blocks`."""
        return -(-len(self._items) // BLOCK)

    def block(self, number: int, *, seed: int, epoch: int, shuffle: bool) -> list[Item]:
        """See `Items.block`."""
        order = epoch_order(len(self._items), seed=seed, epoch=epoch, shuffle=shuffle)
        return [self._items[index] for index in order[number * BLOCK : (number + 1) * BLOCK]]


def epoch_order(length: int, *, seed: int, epoch: int, shuffle: bool) -> list[int]:
    """Order of things in an epoch: the same for the same seed."""
    order = list(range(length))
    if shuffle:
        random.Random(f"{seed} {epoch}").shuffle(order)
    return order


def bucket_bounds(items: list[Item], *, buckets: int, seconds_per_batch: Seconds) -> list[Seconds]:
    """Durations between buckets that hold about as many seconds each.

    Parameters
    ----------
    items
        Those the others are judged by.
    buckets
        How many there may be. There are fewer where each would not give several whole batches.
    seconds_per_batch
        Seconds of audio in a batch.

    Returns
    -------
    list of Seconds
        Ascending; empty for one bucket.
    """
    durations = sorted(item.duration for item in items)
    total = sum(durations)
    count = max(1, min(buckets, int(total / (8 * seconds_per_batch))))
    bounds: list[Seconds] = []
    passed = 0.0
    for duration in durations:
        if passed > total * (len(bounds) + 1) / count:
            bounds.append(duration)
        passed += duration
    return sorted(set(bounds))


def deal(batches: Iterator[list[Item]], *, rank: int, world_size: int) -> Iterator[list[Item]]:
    """Deal batches to ranks, as many to each; what is left at the end is shared out sample by sample.

    Parameters
    ----------
    batches
        The same on all ranks.
    rank
        Whose batches are wanted.
    world_size
        How many ranks there are.

    Yields
    ------
    list of Item
        Together the ranks get every item. Only if the last few are fewer than there are ranks, some get one that
        another has too: all must take the same number of steps.
    """
    group: list[list[Item]] = []
    for batch in batches:
        group.append(batch)
        if len(group) == world_size:
            yield group[rank]
            group = []
    if group:
        left = list(chain.from_iterable(group))
        yield left[rank::world_size] or [left[rank % len(left)]]
