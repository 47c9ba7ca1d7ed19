"""The ranges of the values inside the network that describes voices, for its 8-bit arithmetic.

Synthetic voices of many languages, none of which any evaluation uses, are heard in rooms, in noise and in telephone
band. The least and the most that each value takes, and a fifth more, is written to ``panglot/diarization/ranges.json``.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import onnxruntime

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "src")]

import conversations  # noqa: E402 - the line above has it found
import voices  # noqa: E402

from panglot.diarization.embedding import TRUNK_INPUT, TRUNK_OUTPUT  # noqa: E402
from panglot.diarization.fbank import Features, log_mel_bank  # noqa: E402
from panglot.diarization.graph import Graph  # noqa: E402
from panglot.diarization.onnx_model import Model  # noqa: E402
from panglot.models import Store  # noqa: E402

RANGES = ROOT / "src/panglot/diarization/ranges.json"
BLOCK_FRAMES = 200
HEADROOM = 1.2
"""Real voices may go beyond what synthetic ones reach."""

VOICES = (*voices.VOICES, "f1", "f2", "f3", "f4", "f5")


def main() -> None:
    """Run the network in float32 over all blocks, and note the extremes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--takes", type=int, default=2, help="recordings for each language")
    parser.add_argument("--seed", type=int, default=0, help="seed of every random choice")
    options = parser.parse_args()
    graph = Graph(Store().path("community-1") / "embedding.ort")
    model = graph.part(source=TRUNK_INPUT, targets=rounded(graph.part(source=TRUNK_INPUT, targets=[TRUNK_OUTPUT])))
    session = onnxruntime.InferenceSession(model.onnx(), providers=["CPUExecutionProvider"])
    extremes: list[tuple[float, float]] = [(0.0, 0.0)] * len(model.targets)
    for block in chain.from_iterable(map(blocks, recordings(options.takes, options.seed))):
        values = session.run(list(model.targets), {TRUNK_INPUT: block[None]})
        extremes = [
            (min(low, float(value.min())), max(high, float(value.max())))
            for (low, high), value in zip(extremes, values, strict=True)
        ]
    lines = [
        f" {json.dumps(name)}: [{HEADROOM * low:.3f}, {HEADROOM * high:.3f}]"
        for name, (low, high) in zip(model.targets, extremes, strict=True)
    ]
    RANGES.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    print(f"{len(lines)} ranges written to {RANGES}")


def rounded(model: Model) -> list[str]:
    """Name the values that get 8 bits: what convolutions and sums give, after their rectifier where there is one.

    The first convolution, which hears the features, stays in float32; so its sum is rounded, but not its input.
    """
    rectified = {node.inputs[0]: node.outputs[0] for node in model.nodes if node.operator == "Relu"}
    constant = {name for node in model.nodes if node.operator in ("Cast", "Mul") for name in node.outputs}
    return [
        rectified.get(node.outputs[0], node.outputs[0])
        for node in model.nodes
        if node.operator == "Conv" or (node.operator == "Add" and node.inputs[0] not in constant)
    ]


def recordings(takes: int, seed: int) -> Iterator[voices.Samples]:
    """Sentences by one voice each, in rooms and noise, every other one in telephone band."""
    for language, sentences in voices.SENTENCES.items():
        for take in range(takes):
            draw = random.Random(f"{seed} {language} {take}")
            text = " ".join(draw.sample(sentences, 3))
            samples = voices.spoil(voices.speak(language, text, draw.choice(VOICES), draw), draw)
            yield conversations.telephone(samples) if take % 2 else samples


def blocks(samples: voices.Samples) -> Iterator[Features]:
    """Features of two seconds each, without the mean of the recording."""
    features = log_mel_bank(samples)
    features = (features - features.mean(axis=0)).astype(np.float32)
    for start in range(0, len(features) - BLOCK_FRAMES + 1, BLOCK_FRAMES):
        yield features[start : start + BLOCK_FRAMES]


if __name__ == "__main__":
    main()
