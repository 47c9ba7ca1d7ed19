"""Error rates per language of the network in training, on recordings that it does not learn from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from panglot.corpora import Corpus
from panglot.errors import TrainingError
from panglot.evaluation.words import ErrorRate, character_error_rate, error_rate, pooled
from panglot.training.distributed import World, share_of
from panglot.training.greedy import Greedy
from panglot.training.listener import Score, Validation
from panglot.training.micro import IGNORED
from panglot.training.network import Network
from panglot.training.precision import MixedPrecision

MULTILINGUAL = "und"
"""Stands for the language of samples that do not say theirs (ISO 639-2)."""


_SPARE = 16
"""A text is cut off when it is this many tokens longer than twice the longest one of its batch. It is wrong by then,
and a network that repeats itself would take minutes to say so."""


class Abandoned(Exception):
    """The run is to stop now; the measurement is made again when it goes on."""


@dataclass(frozen=True, slots=True)
class _Heard:
    language: str
    words: ErrorRate
    characters: ErrorRate


class Validator:
    """Measures the same recordings again and again.

    Parameters
    ----------
    corpus
        What is to be recognised.
    greedy
        How.
    open_batches
        Batches of a corpus, in order and unaltered.
    world
        The processes, which share the recordings out among them.
    """

    def __init__(
        self, corpus: Corpus, *, greedy: Greedy, open_batches: Callable[[Corpus], Iterable[Any]], world: World
    ) -> None:
        self._corpus = corpus
        self._texts = {sample.id: sample.text for sample in corpus.samples}
        self._greedy = greedy
        self._open = open_batches
        self._world = world

    def measure(self, network: Network, recipe: MixedPrecision, *, step: int, stop: Callable[[], bool]) -> Validation:
        """Recognise everything, and count.

        Parameters
        ----------
        network
            Left in the mode it was in.
        recipe
            The precision to compute in.
        step
            Steps that were made.
        stop
            Whether to break off; heeded by a process that trains alone.

        Returns
        -------
        Validation
            The same in every process.

        Raises
        ------
        Abandoned
            If it was broken off.
        """
        training = network.module.training
        network.module.eval()
        try:
            loss, tokens, heard = self._listen(network, recipe, stop)
        finally:
            network.module.train(training)
        everything = [one for part in self._world.gathered(heard) for one in part]
        loss, tokens = self._totals(network, loss, tokens)
        return Validation(
            step=step, loss=loss / max(tokens, 1.0), scores=tuple(_scores(everything, network, self._world))
        )

    def _listen(
        self, network: Network, recipe: MixedPrecision, stop: Callable[[], bool]
    ) -> tuple[float, float, list[_Heard]]:
        loss = tokens = 0.0
        heard: list[_Heard] = []
        for batch in self._batches(network):
            if self._world.size == 1 and stop():
                raise Abandoned
            features = batch.features.to(network.device)
            labels = batch.labels.to(network.device)
            with torch.no_grad(), recipe.forward():
                logits = network.module(
                    input_features=features, decoder_input_ids=batch.decoder_input.to(network.device), use_cache=False
                ).logits
                texts = self._greedy.texts(
                    network.module, features, batch.languages, longest=2 * labels.shape[1] + _SPARE
                )
            loss += summed_loss(logits, labels).item()
            tokens += int((labels != IGNORED).sum())
            heard += [
                self._compare(one, language, text)
                for one, language, text in zip(batch.ids, batch.languages, texts, strict=True)
            ]
        return loss, tokens, heard

    def _batches(self, network: Network) -> Iterable[Any]:
        if network.is_shared_out:
            # The processes go through the network together, so each has to do everything.
            return self._open(self._corpus)
        mine = tuple(share_of(self._corpus.samples, self._world))
        return self._open(replace(self._corpus, samples=mine)) if mine else ()

    def _totals(self, network: Network, loss: float, tokens: float) -> list[float]:
        return [loss, tokens] if network.is_shared_out else self._world.summed(loss, tokens)

    def _compare(self, one: str, language: str, text: str) -> _Heard:
        reference = self._texts[one]
        return _Heard(
            language or MULTILINGUAL,
            error_rate(reference, text, language=language or None),
            character_error_rate(reference, text, language=language or None),
        )


def summed_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of all tokens that count, added up, in fp32.

    Parameters
    ----------
    logits
        Shape ``(batch, length, vocabulary)``, in any precision.
    labels
        Shape ``(batch, length)``.

    Returns
    -------
    torch.Tensor
        One number, in nats.
    """
    return nn.functional.cross_entropy(
        logits.float().flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum"
    )


def _scores(heard: list[_Heard], network: Network, world: World) -> Iterable[Score]:
    groups: defaultdict[str, list[_Heard]] = defaultdict(list)
    for one in heard:
        groups[one.language].append(one)
    copies = world.size if network.is_shared_out else 1
    if not groups:
        raise TrainingError("none of the validation's recordings could be read. Check them, or leave --validation out.")
    for language in sorted(groups):
        yield Score(
            language=language,
            samples=len(groups[language]) // copies,
            wer=pooled(one.words for one in groups[language]).rate,
            cer=pooled(one.characters for one in groups[language]).rate,
        )
