"""Batches of an epoch, dealt to ranks, from wherever an earlier run stopped.

An epoch is cut into blocks of samples. Within a block samples are put into buckets of like duration and batches are
drawn from them (Lhotse's dynamic bucketing), the same on every rank; then batches are dealt out. Rows are read by all
ranks, audio only by the rank that needs it. A position is an epoch, a block and a number of batches: entering there
reads the rows of one block, and no audio.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

from panglot.corpora import Corpus, Rejected, read_corpus
from panglot.errors import CorpusError, OptionError, TrainingError
from panglot.training.data.augment import Augment
from panglot.training.data.items import CorpusItems, Item, Items, bucket_bounds, deal
from panglot.training.data.making import Batch, Maker
from panglot.training.data.places import find_place
from panglot.training.data.recordings import location_of
from panglot.training.data.shards import ShardItems
from panglot.training.data.tokens import TokenCodec
from panglot.units import Seconds

_BUFFER = 5_000
"""Samples that batches are drawn from."""
_NEVER: Seconds = 1e9
"""A bucket that nothing is long enough for: Lhotse wants at least two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The next batch of a rank."""

    epoch: int
    block: int
    batches: int
    """Taken of this block."""


_Made = tuple[Position, Batch | None, tuple[Rejected, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What decides which samples are in which batch; a run can only go on with the same."""

    size: int
    """Of the source: samples, or shards."""
    seconds_per_batch: Seconds
    samples_per_batch: int | None
    buckets: int
    seed: int
    world_size: int
    shuffle: bool


def open_batches(
    source: Corpus | Path | str,
    *,
    codec: TokenCodec,
    mel_bands: int,
    seconds_per_batch: Seconds,
    samples_per_batch: int | None = None,
    buckets: int = 8,
    seed: int = 0,
    rank: int = 0,
    world_size: int = 1,
    augment: Augment | None = None,
    timestamps: float = 0.0,
    prompts: float = 0.0,
    shuffle: bool = True,
    epochs: int | None = 1,
    workers: int = 0,
    languages: Sequence[str] = (),
) -> Batches:
    """Open training data.

    Parameters
    ----------
    source
        A corpus; a folder or URL (``s3://bucket/folder``) of shards; or a manifest.
    codec
        Tokens of the model.
    mel_bands
        80, or 128 for large-v3.
    seconds_per_batch
        Most seconds of audio in a batch, counted as the longest sample's for each; a longer sample has its own batch.
    samples_per_batch
        Most samples in a batch: every one is filled to 30 s, so that memory goes by them.
    buckets
        Most groups of like duration.
    seed
        Of every random choice.
    rank
        Of this process, from 0.
    world_size
        Processes that share the data.
    augment
        How recordings are varied; not at all by default.
    timestamps
        Share of samples learned with timestamps.
    prompts
        Share of samples with a previous text that are learned with it.
    shuffle
        A new order in each epoch.
    epochs
        After how many there are no more batches; ``None`` for never.
    workers
        Processes that read audio ahead; 0 reads it here. For shards at a URL they are started anew, so that a script
        needs the usual ``if __name__ == "__main__"``.
    languages
        Codes of the only languages to take from shards; all unless given.

    Returns
    -------
    Batches
        At the first batch. Every rank has as many.

    Raises
    ------
    OptionError
        If an option makes no sense.
    CorpusError
        If the source cannot be used.
    """
    if not 0 <= rank < world_size or seconds_per_batch <= 0 or buckets < 1 or (samples_per_batch or 1) < 1:
        raise OptionError(
            f"rank {rank} of {world_size}, {seconds_per_batch:g} s and {samples_per_batch} samples a batch, {buckets} "
            "buckets cannot be: ranks count from 0, and there must be at least one of all else."
        )
    items, location = _open(source, languages)
    maker = Maker(
        codec=codec,
        mel_bands=mel_bands,
        location=location,
        seed=seed,
        augment=augment,
        timestamps=timestamps,
        prompts=prompts,
    )
    order = Order(
        size=items.size,
        seconds_per_batch=seconds_per_batch,
        samples_per_batch=samples_per_batch,
        buckets=buckets,
        seed=seed,
        world_size=world_size,
        shuffle=shuffle,
    )
    return Batches(items, maker, order, rank=rank, epochs=epochs, workers=workers, remote="://" in (location or ""))


def _open(source: Corpus | Path | str, languages: Sequence[str]) -> tuple[Items, str | None]:
    if isinstance(source, Corpus):
        return CorpusItems(source), None
    if "://" in str(source) or any(Path(source).glob("cuts.*.jsonl*")):
        location = location_of(source)
        return ShardItems(find_place(location), languages=languages), location
    return CorpusItems(read_corpus(source)), None


class Batches:
    """Batches, one after another; iterating goes on where it stopped. Made by `open_batches`."""

    def __init__(
        self, items: Items, maker: Maker, order: Order, *, rank: int, epochs: int | None, workers: int, remote: bool
    ) -> None:
        self._items = items
        self._maker = maker
        self._order = order
        self._rank = rank
        self._epochs = epochs
        self._workers = workers
        self._remote = remote
        self._position = Position(epoch=0, block=0, batches=0)
        first = items.block(0, seed=order.seed, epoch=0, shuffle=False)
        self._bounds = bucket_bounds(first, buckets=order.buckets, seconds_per_batch=order.seconds_per_batch)

    @property
    def epoch(self) -> int:
        """Number of the epoch that the next batch is of, from 0."""
        return self._position.epoch

    def state_dict(self) -> dict[str, Any]:
        """Return the place after the last batch handed out: plain values, the same on every rank."""
        return {"position": asdict(self._position), "order": asdict(self._order)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go to where another run stopped: the batches that follow are those that would have followed there.

        Parameters
        ----------
        state
            From `state_dict`.

        Raises
        ------
        TrainingError
            If the data, the seed, the batches' size or the number of ranks are not the same.
        """
        mine, theirs = asdict(self._order), dict(state["order"])
        other = [name for name in mine if mine[name] != theirs.get(name)]
        if other:
            changes = ", ".join(f"{name} was {theirs.get(name)} and is {mine[name]}" for name in other)
            raise TrainingError(f"the data cannot go on where it stopped: {changes}. Use what was used, or start anew.")
        self._position = Position(**state["position"])

    def __iter__(self) -> Iterator[Batch]:
        unread: tuple[Rejected, ...] = ()
        epoch, is_read = self._position.epoch, self._position.block + self._position.batches > 0
        for after, batch, rejected in self._made():
            if after.epoch > epoch:
                _check_read(is_read, unread)
                epoch, is_read = after.epoch, False
            self._position = after
            unread += rejected
            if batch is not None:
                is_read = True
                yield replace(batch, rejected=unread)
                unread = ()
        _check_read(is_read, unread)

    def _made(self) -> Iterator[_Made]:
        make = _Plans(self._maker)
        if not self._workers:
            yield from (make[plan] for plan in self._plans())
            return
        from torch.utils.data import DataLoader

        # Threads of the object storage's client do not survive a fork.
        loader: Any = DataLoader(
            cast("Any", make),
            sampler=cast("Any", self._plans()),
            batch_size=None,
            num_workers=self._workers,
            collate_fn=cast("Any", _as_it_is),
            multiprocessing_context="spawn" if self._remote else "fork",
        )
        yield from loader

    def _plans(self) -> Iterator[_Plan]:
        """Yield what is in each batch of this rank, from the position on."""
        start = self._position
        epoch, block, skipped = start.epoch, start.block, start.batches
        while self._epochs is None or epoch < self._epochs:
            is_empty = block == 0
            for number in range(block, self._items.blocks):
                for taken, items in enumerate(self._dealt(epoch, number), 1):
                    is_empty = False
                    if taken > skipped:
                        after = Position(epoch=epoch, block=number, batches=taken)
                        yield _Plan(items=items, epoch=epoch, after=after)
                skipped = 0
            if is_empty:
                raise CorpusError("the shards have no sample with a text in the languages wanted. Check --languages.")
            epoch, block = epoch + 1, 0

    def _dealt(self, epoch: int, block: int) -> Iterator[list[Item]]:
        order = self._order
        items = self._items.block(block, seed=order.seed, epoch=epoch, shuffle=order.shuffle)
        batches = _bucketed(items, order, self._bounds, seed=f"{order.seed} {epoch} {block}")
        return deal(batches, rank=self._rank, world_size=order.world_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    items: list[Item]
    epoch: int
    after: Position


class _Plans:
    """What PyTorch calls a data set: plans in, batches out."""

    def __init__(self, maker: Maker) -> None:
        self._maker = maker

    def __getitem__(self, plan: _Plan) -> _Made:
        return plan.after, *self._maker.make(plan.items, epoch=plan.epoch)


def _check_read(is_read: bool, unread: tuple[Rejected, ...]) -> None:
    """Refuse to go through data again and again of which nothing can be learned."""
    if not is_read and unread:
        raise CorpusError(
            f"no recording of a whole epoch can be learned, such as {unread[-1].where}: {unread[-1].reason}. "
            "Check the data."
        )


def _as_it_is(made: _Made) -> _Made:
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    """An item as Lhotse counts it: none is longer than a batch, which it would warn of."""

    item: Item
    duration: Seconds


def _bucketed(items: list[Item], order: Order, bounds: list[Seconds], *, seed: str) -> Iterator[list[Item]]:
    from lhotse.dataset.sampling.dynamic_bucketing import DynamicBucketer  # pyright: ignore[reportMissingTypeStubs]

    make: Any = DynamicBucketer
    bucketer = make(
        [_Weighed(item=item, duration=min(item.duration, order.seconds_per_batch)) for item in items],
        duration_bins=bounds or [_NEVER],
        world_size=1,  # the ranks' shares are dealt out of what it gives
        max_duration=order.seconds_per_batch,
        max_cuts=order.samples_per_batch,
        buffer_size=_BUFFER,
        shuffle=order.shuffle,
        rng=random.Random(seed),
        bucket_rng=random.Random(f"{seed} buckets"),
    )
    for batch in bucketer:
        yield [weighed.item for weighed in batch]
