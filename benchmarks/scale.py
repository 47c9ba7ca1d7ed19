"""What 12.5 million hours of speech would take: the arithmetic of docs/explanation/scale.md, done again.

What is measured comes from `loader.py` (its newest result is read) and from the options; what is published comes from
the sources named in the table. Change an option, and the table follows.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from report import hardware

RESULTS = Path(__file__).resolve().parent / "results"
DAY = 86_400
H100_DENSE_BF16 = 989e12
"""Operations per second, H100 SXM, dense BF16: NVIDIA H100 data sheet."""
WIDTH, LAYERS, TOKENS, MELS = 1_280, 32, 51_866, 128
"""Of Whisper large-v3, encoder and decoder alike: its published configuration."""
POSITIONS = 1_500
"""Of the encoder in 30 s: Radford et al. 2022, arXiv:2212.04356, section 2.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    what: str
    value: str
    how: str


def main() -> None:
    """Print the table as Markdown."""
    options = _options()
    loader = json.loads(_newest(options.loader).read_text())
    print(f"Loader measured {loader['date'][:10]} on {loader['hardware']['cpu']}, {loader['hardware']['cores']} cores;")
    print(f"table computed on {hardware()['cpu']} with `python benchmarks/scale.py`.\n")
    print("| What | Amount | From |\n| --- | ---: | --- |")
    for row in rows(options, loader):
        print(f"| {row.what} | {row.value} | {row.how} |")


def rows(options: argparse.Namespace, loader: dict[str, Any]) -> list[Row]:
    """Return the table's lines."""
    samples = options.hours * 3600 / options.sample_seconds
    slowest = min(row["hours_per_s"] for row in loader["rows"])
    planned = min(row["planned_per_s"] for row in loader["rows"] if row["samples_per_shard"] > 1)
    storage = options.hours * 3600 * options.kilobits * 1e3 / 8
    operations = 3 * samples * forward(options.tokens)
    gpu_hours = operations / (H100_DENSE_BF16 * options.utilisation) / 3600
    how = f"H100 data sheet, {H100_DENSE_BF16 / 1e12:.0f} TFLOP/s dense BF16; {options.utilisation:.0%} of it, assumed"
    if options.train_speed:
        gpu_hours = options.hours / options.train_speed / 3600
        how = f"measured: {options.train_speed:g} h of audio a second on one GPU"
    epoch_days = gpu_hours / options.gpus / 24
    needed = options.hours / (epoch_days * DAY)
    labelling = options.hours / options.label_speed
    return [
        Row(what="Audio", value=f"{options.hours:,.0f} h", how="the question"),
        Row(what="Samples", value=f"{samples:,.2g}", how=f"{options.sample_seconds:g} s each, assumed"),
        Row(
            what="Storage", value=f"{storage / 1e12:,.0f} TB", how=f"{options.kilobits:g} kbit/s, assumed (FLAC 16 kHz)"
        ),
        Row(
            what="Shards",
            value=f"{options.hours / options.shard_hours:,.0f}",
            how=f"{options.shard_hours:g} h each, about {storage / options.hours * options.shard_hours / 1e6:,.0f} MB",
        ),
        Row(
            what="Work of one epoch, large-v3",
            value=f"{operations:.2g} operations",
            how="3 x the forward pass, each sample filled to 30 s",
        ),
        Row(what="GPU-hours of one epoch", value=f"{gpu_hours:,.0f}", how=how),
        Row(what=f"Days on {options.gpus:,} GPUs", value=f"{epoch_days:,.1f}", how="the line above"),
        Row(what="Audio the GPUs eat", value=f"{needed:,.2f} h/s", how="hours over days"),
        Row(what="One loader process", value=f"{slowest:.3f} h/s", how="measured: slowest row of loader.py"),
        Row(what="Loader processes", value=f"{needed / slowest:,.0f}", how="the two lines above"),
        Row(
            what="Rows read by each rank in an epoch",
            value=f"{samples / planned / 3600:,.0f} h of one core",
            how=f"measured: {planned:,.0f} samples/s planned, slowest row of loader.py",
        ),
        Row(
            what="Pseudo-labelling on this processor",
            value=f"{labelling / 24 / 365:,.0f} years of one machine",
            how=f"measured: {options.label_speed:g} times real time (base, asr.py)",
        ),
        Row(
            what=f"Machines to label in {options.label_days:g} days",
            value=f"{labelling / 24 / options.label_days:,.0f}",
            how="the line above",
        ),
    ]


def forward(tokens: float) -> float:
    """Operations of one forward pass over 30 s: matrix products with weights, and attention scores."""
    square = WIDTH**2
    convolutions = 2 * 3 * WIDTH * MELS * 2 * POSITIONS + 2 * 3 * square * POSITIONS
    encoder = LAYERS * (2 * 12 * square * POSITIONS + 4 * POSITIONS**2 * WIDTH)
    cross_keys = LAYERS * 2 * 2 * square * POSITIONS
    decoder = LAYERS * tokens * (2 * 14 * square + 4 * (POSITIONS + tokens) * WIDTH) + 2 * tokens * TOKENS * WIDTH
    return convolutions + encoder + cross_keys + decoder


def _newest(given: Path | None) -> Path:
    found = [given] if given else sorted(RESULTS.glob("loader_*.json"), key=lambda path: path.stem[-10:])
    if not found:
        raise SystemExit("there is no result of the loader yet: run `python benchmarks/loader.py` first")
    return found[-1]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--hours", type=float, default=12.5e6, help="hours of speech")
    parser.add_argument("--sample-seconds", type=float, default=10.0, help="mean length of a sample")
    parser.add_argument("--kilobits", type=float, default=140.0, help="bit rate of the stored audio, kbit/s")
    parser.add_argument("--shard-hours", type=float, default=1.0, help="audio in a shard")
    parser.add_argument("--tokens", type=float, default=60.0, help="mean length of a decoder sequence")
    parser.add_argument("--utilisation", type=float, default=0.35, help="share of the GPU's peak that training reaches")
    parser.add_argument("--gpus", type=int, default=256, help="GPUs at work")
    parser.add_argument("--train-speed", type=float, help="hours of audio a second on one GPU, measured")
    parser.add_argument("--label-speed", type=float, default=26.3, help="audio over wall time: asr.py, base, German")
    parser.add_argument("--label-days", type=float, default=90.0, help="time for labelling")
    parser.add_argument("--loader", type=Path, help="a result of loader.py; the newest by default")
    return parser.parse_args()


if __name__ == "__main__":
    main()
