"""How CUDA devices multiply what is stored in fp32: exactly as IEEE 754 says, or in TF32."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import torch

_ARITHMETIC = {"fp32": "ieee", "tf32": "tf32"}


@contextmanager
def fp32_arithmetic(precision: str, device: torch.device) -> Generator[None]:
    """Multiply in IEEE fp32, or in TF32, for a while; nothing is changed for other precisions and devices.

    By default torch lets convolutions run in TF32, so plain fp32 has to be asked for as well. The settings belong to
    the process: they hold for other threads too.
    """
    wanted = _ARITHMETIC.get(precision)
    if wanted is None or device.type != "cuda":
        yield
        return
    # Convolutions and recurrent layers are set alike: torch refuses to name their common setting where they differ.
    backends: Any = torch.backends
    places = (backends.cuda.matmul, backends.cudnn.conv, backends.cudnn.rnn)
    before = [place.fp32_precision for place in places]
    try:
        for place in places:
            place.fp32_precision = wanted
        yield
    finally:
        for place, value in zip(places, before, strict=True):
            place.fp32_precision = value
