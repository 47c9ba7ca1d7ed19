"""From recordings and texts to batches: the same batches for the same seed, from any place in an epoch."""

from panglot.training.data.augment import Augment, Noise, Reverberation, SpecAugment
from panglot.training.data.batches import Batches, open_batches
from panglot.training.data.cuts import corpus_of_cuts, cuts_of
from panglot.training.data.making import Batch
from panglot.training.data.shards import write_shards
from panglot.training.data.tokens import TokenCodec

__all__ = [
    "Augment",
    "Batch",
    "Batches",
    "Noise",
    "Reverberation",
    "SpecAugment",
    "TokenCodec",
    "corpus_of_cuts",
    "cuts_of",
    "open_batches",
    "write_shards",
]
