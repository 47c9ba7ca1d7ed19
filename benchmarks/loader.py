"""How fast training data is read, from 1 shard to 100,000.

Two parts. *Reading*: every sample of a few thousand real files is read and made into batches of log-mel spectrograms,
in as many shards as is said: the same samples, so that only the number of shards differs. *Planning*: rows are read
and put into batches, without the audio, which is what a restart does. Beyond a hundred, shards are hard links to a
hundred files, so that making them takes seconds; each is opened and parsed anew.
"""

from __future__ import annotations

import gzip
import tempfile
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

import common
import numpy as np
import torch
from report import Report
from tokenizers import Tokenizer

from panglot.audio.wav import write_wav
from panglot.corpora import Corpus, Sample
from panglot.models import Store
from panglot.training.data import TokenCodec, open_batches, write_shards
from panglot.training.data.batches import Batches
from panglot.units import SAMPLE_RATE

DIFFERENT = 100
"""Shards that are really written."""
SECONDS = 8.0
"""Length of a sample."""


def main() -> None:
    """Make shards, read them, write down how fast."""
    options = _options()
    torch.set_num_threads(1)
    report = Report("loader", "Reading training data", quick=options.quick)
    codec = TokenCodec(Tokenizer.from_file(str(Store().path("base") / "tokenizer.json")), multilingual=True)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        corpus = _corpus(Path(folder) / "wav", options)
        next(iter(open_batches(corpus, codec=codec, mel_bands=80, seconds_per_batch=120)))  # load what is loaded once
        for count in options.shards:
            place = _shards(Path(folder), corpus, count)
            rows.append(_measure(place, count, codec, options))
            print(rows[-1], flush=True)
    report.text(
        f"Samples of {SECONDS:g} s of noise as FLAC; one process, one thread, {options.budget:g} s for each row. "
        "Opening lists the shards and reads the first rows; the first batch needs the rows of its block, up to 20,000. "
        f"Beyond {DIFFERENT} shards, each is a hard link to one of {DIFFERENT} files."
    )
    report.table(
        "Throughput",
        ("shards", "samples in a shard", "opening s", "first batch s", "audio-hours/s read", "samples/s planned"),
        [
            [
                f"{row['shards']:,}",
                row["samples_per_shard"],
                f"{row['opening_s']:.2f}",
                f"{row['first_batch_s']:.2f}",
                f"{row['hours_per_s']:.3f}",
                f"{row['planned_per_s']:,.0f}",
            ]
            for row in rows
        ],
    )
    report.data |= {"rows": rows, "bytes_per_hour": _bytes_per_hour(rows)}
    report.write(options.output)


def _corpus(folder: Path, options: Namespace) -> Corpus:
    """Noise of speech-like level: FLAC packs it worse than speech, so that decoding is not flattered."""
    folder.mkdir()
    random = np.random.default_rng(options.seed)
    samples: list[Sample] = []
    for number in range(options.samples):
        path = folder / f"{number}.wav"
        write_wav(path, (0.05 * random.standard_normal((1, round(SECONDS * SAMPLE_RATE)))).astype(np.float32))
        text = f"the text of sample {number} is as long as what is said in eight seconds of ordinary speech"
        samples.append(Sample(id=str(number), audio=path, duration=SECONDS, text=text, language="en"))
    return Corpus(samples=tuple(samples), rejected=(), source=folder)


def _shards(folder: Path, corpus: Corpus, count: int) -> Path:
    written = min(count, DIFFERENT)
    place = folder / f"shards-{count}"
    write_shards(corpus, place, seconds_per_shard=SECONDS * len(corpus.samples) / written)
    names = sorted(path.name for path in place.glob("cuts.*"))
    for number in range(len(names), count):
        for name in (names[number % len(names)], names[number % len(names)].replace("cuts", "recording")):
            source = place / name.replace(".jsonl.gz", ".tar" if name.startswith("recording") else ".jsonl.gz")
            parts = source.name.split(".", 2)
            (place / f"{parts[0]}.{number:06d}.{parts[2]}").hardlink_to(source)
    return place


def _measure(place: Path, count: int, codec: TokenCodec, options: Namespace) -> dict[str, Any]:
    first = min(place.glob("cuts.*"))
    samples_per_shard = len(gzip.decompress(first.read_bytes()).splitlines())
    archive = place / first.name.replace("cuts", "recording").replace("jsonl.gz", "tar")
    start = time.perf_counter()
    batches = _open(place, codec)
    opening = time.perf_counter() - start
    iterator = iter(batches)
    start = time.perf_counter()
    next(iterator)
    first_batch = time.perf_counter() - start
    return {
        "shards": count,
        "samples_per_shard": samples_per_shard,
        "opening_s": opening,
        "first_batch_s": first_batch,
        "hours_per_s": _reading(iterator, options.budget),
        "planned_per_s": _planning(_open(place, codec), options.budget),
        "archive_bytes_per_hour": archive.stat().st_size / (samples_per_shard * SECONDS / 3600),
        "rows_bytes_per_sample": first.stat().st_size / samples_per_shard,
    }


def _open(place: Path, codec: TokenCodec) -> Batches:
    return open_batches(place, codec=codec, mel_bands=80, seconds_per_batch=120, epochs=None)


def _reading(iterator: Any, budget: float) -> float:
    """Audio-hours per second of wall-clock time, rows and audio."""
    seconds = 0.0
    start = time.perf_counter()
    while time.perf_counter() - start < budget:
        seconds += next(iterator).seconds
    return seconds / 3600 / (time.perf_counter() - start)


def _planning(batches: Batches, budget: float) -> float:
    """Samples per second, rows only; whole blocks are counted, since their rows are read at once."""
    planned = 0
    start = time.perf_counter()
    for plan in batches._plans():  # what a restart does has no public name
        planned += len(plan.items)
        if time.perf_counter() - start > budget:
            break
    return planned / (time.perf_counter() - start)


def _bytes_per_hour(rows: list[dict[str, Any]]) -> float:
    return float(rows[0]["archive_bytes_per_hour"])


def _options() -> Namespace:
    parser = common.arguments(__doc__ or "")
    parser.add_argument("--samples", type=int, default=400, help="samples that are made")
    parser.add_argument("--budget", type=float, default=4.0, help="seconds of measuring for each row and part")
    parser.add_argument("--shards", type=int, nargs="+", default=[1, 10, 100, 1_000, 10_000, 100_000])
    options = parser.parse_args()
    if options.quick:
        options.samples, options.budget, options.shards = 20, 0.5, [1, 10]
    return options


if __name__ == "__main__":
    main()
