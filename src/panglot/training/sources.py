"""What is learned from, and what is measured on."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

from panglot.corpora import Corpus, Rejected, read_corpus
from panglot.errors import CorpusError, OptionError
from panglot.training.data import Augment, Batches, TokenCodec, corpus_of_cuts, open_batches
from panglot.training.distributed import World
from panglot.training.settings import Settings
from panglot.training.whisper import Trainable


class Sources:
    """The data of a run.

    Parameters
    ----------
    settings
        Of the run.
    trainable
        Its tokenizer says what can be written.

    Raises
    ------
    CorpusError
        If a manifest cannot be used.
    OptionError
        If the options do not fit the data.
    """

    def __init__(self, settings: Settings, trainable: Trainable) -> None:
        self._settings = settings
        self._mel_bands = trainable.mel_bands
        self._codec = TokenCodec(trainable.tokenizer, multilingual=trainable.multilingual)
        self.training = self._read(settings.data)
        validation = None if settings.validation is None else self._read(settings.validation)
        if isinstance(validation, str):
            raise OptionError(f"--validation {validation} is a folder of shards. Give a manifest.")
        self.validation = validation

    def open(self, world: World, *, epochs: int | None) -> Batches:
        """Batches to learn from, of this process."""
        settings = self._settings
        return open_batches(
            self.training,
            codec=self._codec,
            mel_bands=self._mel_bands,
            seconds_per_batch=settings.batch_seconds,
            samples_per_batch=settings.batch_samples,
            seed=settings.seed,
            rank=world.rank,
            world_size=world.size,
            augment=Augment() if settings.augment else None,
            timestamps=settings.timestamps,
            prompts=settings.prompts,
            epochs=epochs,
            workers=settings.workers,
            languages=settings.languages,
        )

    def open_validation(self, corpus: Corpus) -> Batches:
        """Batches of a corpus as it is."""
        return open_batches(
            corpus,
            codec=self._codec,
            mel_bands=self._mel_bands,
            seconds_per_batch=self._settings.batch_seconds,
            samples_per_batch=max(1, self._settings.batch_samples // self._settings.parts),
            seed=0,
            shuffle=False,
            epochs=1,
        )

    def _read(self, path: str) -> Corpus | str:
        if _is_shards(path):
            return path
        wanted = self._settings.languages
        corpus = (
            self._read_cuts(Path(path))
            if _is_cuts(Path(path))
            else read_corpus(path, language=wanted[0] if len(wanted) == 1 else None, check=self._codec.check)
        )
        chosen = tuple(sample for sample in corpus.samples if not wanted or sample.language in wanted)
        if not chosen:
            raise CorpusError(
                f"{path} has nothing in {', '.join(wanted)}; its languages are {', '.join(corpus.languages)}. "
                "Change --languages."
            )
        return replace(corpus, samples=chosen)

    def _read_cuts(self, path: Path) -> Corpus:
        corpus = corpus_of_cuts(path)
        reasons = {sample.id: self._codec.check(sample) for sample in corpus.samples}
        bad = tuple(Rejected(where=f"{path.name}: {one}", reason=reason) for one, reason in reasons.items() if reason)
        good = tuple(sample for sample in corpus.samples if reasons[sample.id] is None)
        if not good:
            raise CorpusError(f"no cut of {path} can be used: {bad[0].reason if bad else 'there is none'}.")
        return replace(corpus, samples=good, rejected=corpus.rejected + bad)


def check_data(settings: Settings) -> None:
    """Make sure that the data are there, before anything that takes long.

    Parameters
    ----------
    settings
        Of the run.

    Raises
    ------
    CorpusError
        If there is no such file or folder.
    """
    for path in (settings.data, settings.validation):
        if path is not None and "://" not in path and not Path(path).exists():
            raise CorpusError(
                f"'{path}' does not exist. Give a manifest, a folder of recordings with texts, or shards."
            )


def _is_shards(path: str) -> bool:
    """Whether recordings lie in shards, in a folder or in an object store."""
    return "://" in path or (Path(path).is_dir() and any(Path(path).glob("cuts.*.jsonl*")))


def _is_cuts(path: Path) -> bool:
    """Whether a file is a manifest of Lhotse cuts: its first row says who speaks in it."""
    if not path.is_file() or not path.name.endswith((".jsonl", ".jsonl.gz")):
        return False
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as file:
            row: object = json.loads(file.readline())
    except (OSError, ValueError):
        return False
    return isinstance(row, dict) and "supervisions" in row
