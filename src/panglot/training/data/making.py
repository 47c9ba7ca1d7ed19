"""Items → a batch of tensors. What is chosen at random depends on the seed, the epoch and the sample alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from panglot.audio import log_mel
from panglot.corpora import Rejected
from panglot.errors import PanglotError
from panglot.training.data.augment import Augment
from panglot.training.data.items import Item
from panglot.training.data.recordings import Reader
from panglot.training.data.tokens import IGNORED, TokenCodec
from panglot.units import Seconds, to_samples, to_seconds

FRAMES = 3_000
"""Columns of a spectrogram: 30 s."""
LONGEST: Seconds = 30.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Samples for one forward pass.

    ``features`` has shape ``(batch, mel_bands, 3000)``, float32; ``decoder_input`` and ``labels`` have shape ``(batch,
    length)``, int64.
    """

    features: torch.Tensor
    """Log-mel spectrograms, 0 behind the end of each recording."""
    decoder_input: torch.Tensor
    """What the decoder reads; shorter rows are filled with the marker of the end."""
    labels: torch.Tensor
    """What it should say after each token; -100 where it does not matter."""
    ids: tuple[str, ...]
    languages: tuple[str, ...]
    """Code of each sample's language; empty where nobody said."""
    seconds: float
    """Of audio, before it was varied."""
    rejected: tuple[Rejected, ...] = ()
    """Samples that should be here, or in a batch before that nothing is left of, and could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Example:
    mel: np.ndarray
    decoder_input: list[int]
    labels: list[int]
    item: Item


class Maker:
    """Makes batches.

    Parameters
    ----------
    codec
        Tokens of the model.
    mel_bands
        80, or 128 for large-v3.
    location
        Where the shards are that items lie in, if any.
    seed
        Of every random choice.
    augment
        How recordings are varied.
    timestamps
        Share of samples learned with timestamps.
    prompts
        Share of samples with a previous text that are learned with it.
    """

    def __init__(
        self,
        *,
        codec: TokenCodec,
        mel_bands: int,
        location: str | None,
        seed: int,
        augment: Augment | None,
        timestamps: float,
        prompts: float,
    ) -> None:
        self._codec = codec
        self._mel_bands = mel_bands
        self._reader = Reader(location)
        self._seed = seed
        self._augment = augment
        self._timestamps = timestamps
        self._prompts = prompts

    def make(self, items: Sequence[Item], *, epoch: int) -> tuple[Batch | None, tuple[Rejected, ...]]:
        """Make a batch.

        Parameters
        ----------
        items
            Its samples.
        epoch
            Number from 0; recordings are varied anew in each.

        Returns
        -------
        tuple of Batch or None and tuple of Rejected
            The batch, None if no sample could be read; and those that could not.
        """
        examples: list[_Example] = []
        rejected: list[Rejected] = []
        for item in items:
            try:
                examples.append(self._example(item, epoch))
            except PanglotError as error:  # a file that has gone since must not end a run
                rejected.append(Rejected(where=item.id, reason=str(error)))
        return (self._batch(examples) if examples else None), tuple(rejected)

    def _example(self, item: Item, epoch: int) -> _Example:
        random = _generator(self._seed, epoch, item.id)
        timestamps = bool(random.random() < self._timestamps)
        prompt = bool(random.random() < self._prompts)
        samples = self._reader.read(item)[: to_samples(LONGEST)]
        if self._augment is not None:
            samples = self._augment.vary(samples, random, longest=LONGEST)
        mel = log_mel(samples, mel_bands=self._mel_bands)
        if self._augment is not None:
            mel = self._augment.mask(mel, random)
        decoder_input, labels = self._codec.encode(
            item.sample.text,
            item.sample.language,
            timestamps=timestamps,
            previous_text=item.sample.previous_text if prompt else None,
            duration=to_seconds(len(samples)),
        )
        return _Example(mel=mel, decoder_input=decoder_input, labels=labels, item=item)

    def _batch(self, examples: list[_Example]) -> Batch:
        length = max(len(example.labels) for example in examples)
        features = torch.zeros(len(examples), self._mel_bands, FRAMES)
        decoder_input = torch.full((len(examples), length), self._codec.end)
        labels = torch.full((len(examples), length), IGNORED)
        for row, example in enumerate(examples):
            frames = min(example.mel.shape[1], FRAMES)
            features[row, :, :frames] = torch.tensor(example.mel[:, :frames])
            decoder_input[row, : len(example.decoder_input)] = torch.tensor(example.decoder_input)
            labels[row, : len(example.labels)] = torch.tensor(example.labels)
        return Batch(
            features=features,
            decoder_input=decoder_input,
            labels=labels,
            ids=tuple(example.item.id for example in examples),
            languages=tuple(example.item.sample.language or "" for example in examples),
            seconds=sum(example.item.duration for example in examples),
        )


def _generator(seed: int, epoch: int, name: str) -> np.random.Generator:
    digest = hashlib.blake2b(f"{seed} {epoch} {name}".encode(), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest, "little"))
