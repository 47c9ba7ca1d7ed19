"""Shards: many samples in few large files, in the format of Lhotse Shar.

A shard is ``cuts.000000.jsonl.gz`` and ``recording.000000.tar``. Ours also note where in the tar file each recording
is, so that a row can be read, and batches planned, without the audio, and the audio of one sample without the rest.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import secrets
import shutil
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from panglot.corpora import Corpus, Rejected, Sample
from panglot.errors import AudioError, CorpusError, OptionError, OutputError
from panglot.training.data.cuts import cut_of, sample_of_row
from panglot.training.data.items import BLOCK, Item, epoch_order
from panglot.training.data.places import Place
from panglot.training.data.recordings import Samples, read_sample
from panglot.units import SAMPLE_RATE, Seconds, to_seconds

_PLACE_OF_BYTES = "bytes"
"""Custom field of a cut: offset and length of its recording in the tar file."""
_FORMATS = ("flac", "wav")

Placement = Mapping[str, tuple[int, int]]
"""Offset and length of each recording, by the sample's id."""


def write_shards(
    corpus: Corpus,
    folder: str | os.PathLike[str],
    *,
    seconds_per_shard: Seconds = 3600.0,
    format: str = "flac",  # noqa: A002 - the word users look for
    seed: int = 0,
) -> tuple[Rejected, ...]:
    """Write a corpus as shards, in random order: what is near in a shard is then no more alike than the rest.

    Parameters
    ----------
    corpus
        Samples; their recordings may be in any format.
    folder
        Must not exist. It is there when all shards are complete, never with a part of them.
    seconds_per_shard
        Audio in each shard but the last.
    format
        ``flac``, without loss in about half the bytes, or ``wav``: both 16-bit, mono, 16 kHz.
    seed
        Of the order.

    Returns
    -------
    tuple of Rejected
        Samples whose recording could not be read; they are left out.

    Raises
    ------
    OptionError
        If ``format`` or ``seconds_per_shard`` cannot be used.
    OutputError
        If the folder exists or cannot be written.
    CorpusError
        If no recording could be read.
    """
    if format not in _FORMATS or seconds_per_shard <= 0:
        raise OptionError(
            f"format is {format!r} and seconds_per_shard {seconds_per_shard:g}; "
            f"the first must be one of {', '.join(_FORMATS)}, the second more than 0."
        )
    target = Path(folder)
    if target.exists():
        raise OutputError(f"'{target}' exists already. Name a new folder, or remove it first.")
    partial = target.with_name(f".{target.name}-{secrets.token_hex(4)}.part")
    rejected: list[Rejected] = []
    try:
        partial.mkdir(parents=True)
        count = 0
        for count, shard in enumerate(_grouped(corpus, seconds_per_shard, seed, rejected), 1):
            _write_shard(partial, count - 1, shard, format)
        if not count:
            raise CorpusError(f"no recording could be read: {rejected[0].reason if rejected else 'there is none'}")
        partial.rename(target)
    except OSError as error:
        raise OutputError(f"cannot write '{target}': {error.strerror or error}. Choose another place.") from error
    finally:
        with suppress(OSError):
            shutil.rmtree(partial)
    return tuple(rejected)


def _grouped(
    corpus: Corpus, seconds: Seconds, seed: int, rejected: list[Rejected]
) -> Iterator[list[tuple[Sample, Samples]]]:
    group: list[tuple[Sample, Samples]] = []
    held = 0.0
    for index in epoch_order(len(corpus.samples), seed=seed, epoch=0, shuffle=True):
        sample = corpus.samples[index]
        try:
            samples = read_sample(sample)
        except AudioError as error:
            rejected.append(Rejected(where=sample.id, reason=str(error)))
            continue
        group.append((sample, samples))
        held += to_seconds(len(samples))
        if held >= seconds:
            yield group
            group, held = [], 0.0
    if group:
        yield group


def _write_shard(folder: Path, number: int, shard: list[tuple[Sample, Samples]], format_name: str) -> None:
    from lhotse.shar.writers import AudioTarWriter  # pyright: ignore[reportMissingTypeStubs]

    archive = folder / f"recording.{number:06d}.tar"
    cuts = [cut_of(sample, path=None) for sample, _ in shard]
    make: Any = AudioTarWriter
    with make(str(archive), shard_size=None, format=format_name) as writer:
        for cut, (sample, samples) in zip(cuts, shard, strict=True):
            writer.write(sample.id, samples[None], SAMPLE_RATE, cut.recording)
    with archive.open("rb") as file:
        placement = _scan(file)
    lines: list[str] = []
    for cut in cuts:
        row: dict[str, Any] = cut.to_dict()
        lines.append(json.dumps(row | {"custom": {_PLACE_OF_BYTES: placement[cut.id]}}, ensure_ascii=False) + "\n")
    (folder / f"cuts.{number:06d}.jsonl.gz").write_bytes(gzip.compress("".join(lines).encode(), 6, mtime=0))


class ShardItems:
    """Samples of a place of shards. Their rows are read block by block, their audio never.

    Parameters
    ----------
    place
        Where the shards are: ours, or anybody's in Lhotse Shar with a ``recording`` field.
    languages
        Codes; samples of other languages are passed over. Empty for all. If there is one, it is also that of samples
        that do not say theirs.

    Raises
    ------
    CorpusError
        If there are none.
    """

    def __init__(self, place: Place, *, languages: Sequence[str] = ()) -> None:
        self._place = place
        self._languages = languages
        names = set(place.names())
        self._cuts = sorted(name for name in names if name.startswith("cuts.") and ".jsonl" in name)
        missing = [name for name in self._cuts if _archive(name) not in names]
        if not self._cuts or missing:
            found = f"{len(missing)} without tar file, such as {missing[0]}" if missing else "no cuts.*.jsonl"
            raise CorpusError(f"there are no whole shards here ({found}). Write them with write_shards.")
        self._shards_in_block = max(1, BLOCK // max(1, len(self._read(self._cuts[0], ()))))

    @property
    def size(self) -> int:
        """See `Items.size`: shards."""
        return len(self._cuts)

    @property
    def blocks(self) -> int:
        """See `Items.blocks`."""
        return -(-len(self._cuts) // self._shards_in_block)

    def block(self, number: int, *, seed: int, epoch: int, shuffle: bool) -> list[Item]:
        """See `Items.block`."""
        order = epoch_order(len(self._cuts), seed=seed, epoch=epoch, shuffle=shuffle)
        shards = order[number * self._shards_in_block : (number + 1) * self._shards_in_block]
        items = [item for shard in shards for item in self._read(self._cuts[shard], self._languages)]
        if shuffle:
            random.Random(f"{seed} {epoch} {number}").shuffle(items)
        return items

    def _read(self, name: str, languages: Sequence[str]) -> list[Item]:
        """Items of a shard; cuts without a text, and those in other languages, are passed over."""
        data = self._place.read(name)
        try:
            text = gzip.decompress(data) if name.endswith(".gz") else data
            rows: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
            return list(self._items(rows, _archive(name), languages))
        except (ValueError, KeyError, TypeError, EOFError, OSError) as error:
            raise CorpusError(f"the shard {name} is damaged: {error!r}. Copy or write it again.") from error

    def _items(self, rows: list[dict[str, Any]], archive: str, languages: Sequence[str]) -> Iterator[Item]:
        placement: Placement | None = None
        for row in rows:
            sample = sample_of_row(row, audio=Path(archive))
            if isinstance(sample, Rejected):
                continue
            if sample.language is None and len(languages) == 1:
                sample = replace(sample, language=languages[0])
            if languages and sample.language not in languages:
                continue
            custom: dict[str, Any] = row.get("custom") or {}
            place = custom.get(_PLACE_OF_BYTES)
            if place is None:
                if placement is None:
                    with self._place.open(archive) as file:
                        placement = _scan(file)
                place = placement[sample.id]
            yield Item(sample=sample, archive=archive, offset=place[0], size=place[1])


def _archive(cuts: str) -> str:
    return f"recording.{cuts.split('.')[1]}.tar"


def _scan(file: Any) -> Placement:
    """Where the recordings are in a tar file; the JSON beside each is not of interest."""
    with tarfile.open(fileobj=file, mode="r:") as archive:
        return {
            member.name.rpartition(".")[0]: (member.offset_data, member.size)
            for member in archive
            if not member.name.endswith((".json", ".nometa", ".nodata"))
        }
