"""What a voice sounds like: 256 numbers from any selection of frames.

Source: Wang et al. 2023, arXiv:2210.17016 (ResNet34, statistics pooling, one linear layer). The residual network, which
costs nearly everything, runs once over a block of audio, in 8-bit arithmetic; pooling and the linear layer follow for
each speaker.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from panglot.diarization.eight_bits import Ranges, in_eight_bits
from panglot.diarization.fbank import BANDS, Features
from panglot.diarization.graph import Graph, dequantised
from panglot.diarization.runtime import Network
from panglot.errors import WeightsCorruptError

Trace = NDArray[np.float32]
"""What the residual network makes of a block, shape ``(2560, frames)``."""

STRIDE = 8
"""Feature frames for one frame of a trace."""

TRUNK_INPUT, TRUNK_OUTPUT = "fbank", "/resnet/layer4/layer4.2/Relu_1_output_0"
"""Between these values of the whole network lies the residual network."""

_EPSILON = 1e-8


class VoiceEncoder:
    """The network, shared by all recordings.

    Parameters
    ----------
    path
        ``embedding.ort``.

    Raises
    ------
    WeightsCorruptError
        If the file cannot be loaded.
    """

    def __init__(self, path: Path) -> None:
        graph = Graph(path)
        part = graph.part(source=TRUNK_INPUT, targets=[TRUNK_OUTPUT])
        try:
            trunk = in_eight_bits(part, _ranges())
        except ValueError as error:
            raise WeightsCorruptError(f"{path} holds another network: {error}; pull it again") from error
        self._trunk = Network(trunk.onnx(), origin=path)
        self._weight = dequantised(graph, "resnet.seg_1.weight")
        self._bias = cast("NDArray[np.float32]", graph.constant("resnet.seg_1.bias"))

    def trace(self, features: Features) -> Trace:
        """Run the residual network over a block.

        Parameters
        ----------
        features
            Shape ``(frames, 80)``, with a mean of 0 in every band.

        Returns
        -------
        Trace
            Shape ``(2560, frames / 8)``, rounded up.
        """
        output = self._trunk(features.reshape(1, -1, BANDS))
        return output.reshape(-1, output.shape[-1])

    def embed(self, trace: Trace, mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Describe the voice in some frames.

        Parameters
        ----------
        trace
            Shape ``(2560, frames)``: traces of blocks, one after another.
        mask
            Shape ``(frames,)``: the frames to look at, at least one.

        Returns
        -------
        NDArray[np.float32]
            Shape ``(256,)``, not normalised.
        """
        chosen = trace[:, mask]
        mean = chosen.mean(axis=1)
        # Divided as the network divides: by one less than the number of frames, and never by nothing.
        squares = np.square(chosen - mean[:, None]).sum(axis=1)
        deviation = np.sqrt(squares / np.float32(chosen.shape[1] - 1 + _EPSILON))
        # Not a matrix product, which would round differently on another number of threads.
        statistics = np.concatenate([mean, deviation])
        return np.einsum("ij,j->i", self._weight, statistics) + self._bias


def _ranges() -> Ranges:
    """What the values inside the residual network were seen to be, by ``benchmarks/tuning/ranges.py``."""
    found = json.loads(files("panglot.diarization").joinpath("ranges.json").read_text("utf-8"))
    return {name: (low, high) for name, (low, high) in found.items()}
