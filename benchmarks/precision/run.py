"""The figures of mixed precision, on whatever device there is: memory, matrix products, and training by precision.

Parts: ``memory`` (a), ``products`` (b), and networks in training (c) with the time to equal loss (d): ``mini``,
``transformer``, ``whisper-base``, ``whisper-small``, ``whisper-large-v3``. Every precision runs in a process of its
own, from the same weights and data; the baselines are IEEE fp32 and, on a GPU, TF32. Each part writes dated results:
JSON, Markdown, and a plot where matplotlib is installed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "src")]

import memory  # noqa: E402 - found by the line above
import networks  # noqa: E402
import products  # noqa: E402
from report import Report  # noqa: E402

from panglot.training.precision.choice import hardware  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results"

PARTS: dict[str, tuple[str, Callable[[Report, argparse.Namespace, Path], None]]] = {
    "memory": ("Memory of a training step by precision", memory.run),
    "products": ("Matrix products by type", products.run),
    **{
        name: (f"Training by precision: {title}", networks.runner(name))
        for name, title in (
            ("mini", "a mini network"),
            ("transformer", "a Transformer"),
            ("whisper-base", "Whisper base"),
            ("whisper-small", "Whisper small"),
            ("whisper-large-v3", "Whisper large-v3"),
        )
    },
}
ON_CPU = ("memory", "products", "mini", "transformer", "whisper-base")
"""What a processor does in minutes."""


def main() -> None:
    """Run the parts that were asked for, one after another."""
    options = _options()
    device = hardware(options.device)
    options.device = device.device
    options.gpu = device.capability is not None
    for part in options.parts or (tuple(PARTS) if options.gpu else ON_CPU):
        title, run = PARTS[part]
        name = device.name if options.gpu else None
        report = Report(f"precision_{part}", title, quick=options.quick, device=name)
        run(report, options, options.output / f"{report.stem()}.png")
        report.write(options.output)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; all that the device can")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--precisions", help="with commas; all that the device may have")
    parser.add_argument("--steps", type=int, help="timed steps of a network; by the device unless given")
    parser.add_argument("--large", action="store_true", help="networks as large as on a GPU, on a processor too")
    parser.add_argument("--batch", type=int, help="samples a step where it is fixed; by the network unless given")
    parser.add_argument("--limit", type=float, default=120, help="seconds for one precision of one network")
    parser.add_argument("--no-compile", action="store_true", help="leave out the runs through torch.compile")
    parser.add_argument("--no-grown", action="store_true", help="leave out the runs with the largest batch")
    parser.add_argument("--quick", action="store_true", help="little of everything, to see that it runs")
    parser.add_argument("--output", type=Path, default=RESULTS, help="directory of the result files")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    main()
