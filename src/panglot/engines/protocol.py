"""What a recognition engine is.

An engine turns log-mel windows into tokens and back into timed pieces of text. It knows nothing of files, pauses,
batches across callers or languages in sequence: that is the pipeline's work. All methods may be called from several
threads at once.

Shapes: ``F`` mel frames of 10 ms, ``M`` mel bands, ``T = F / 2`` encoder steps of 20 ms, ``D`` model width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from panglot.units import Seconds

Mel = npt.NDArray[np.float32]
"""Log-mel spectrogram, shape ``(M, F)``, one column per 10 ms."""

Encoded = npt.NDArray[np.float32]
"""Encoder output of one window, shape ``(T, D)``, one row per 20 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """What is loaded, where it runs and why."""

    name: str
    model: str
    model_sha256: str
    device: str
    compute: str
    compute_reason: str
    threads: int
    workers: int
    """How many calls run at the same time without waiting for each other."""
    batch_size: int
    """How many windows are best decoded at once."""
    mel_bands: int
    languages: tuple[str, ...]
    """Codes the model knows; one code for a monolingual model."""
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeOptions:
    """How to search for the text; windows decoded together share these."""

    beam_size: int = 1
    repetition_penalty: float = 1.0
    """Above 1, tokens that were already written become less likely: a way out of loops that needs no randomness."""
    translate: bool = False
    """Write English instead of the language spoken."""
    max_tokens: int = 224


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One window to be written down.

    ``prompt`` is text that stands before the window: names, terms, style. It is not part of the result.
    """

    encoded: Encoded
    language: str
    prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What one window says."""

    tokens: tuple[int, ...]
    """Text tokens, no markers."""
    text: str
    log_probability: float
    """Mean natural log-probability per token."""
    no_speech_probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The smallest run of tokens that is valid text, with its place in the window."""

    text: str
    start: Seconds
    end: Seconds
    probability: float


class Engine(Protocol):
    """What the pipeline needs from a recogniser."""

    @property
    def info(self) -> EngineInfo:
        """What is loaded, where it runs and why."""
        ...

    def encode(self, mel: Mel) -> Encoded:
        """Encode one window of shape ``(M, F)``, ``F`` even and at most 3000, into shape ``(F / 2, D)``."""
        ...

    def detect(self, encoded: Sequence[Encoded]) -> list[dict[str, float]]:
        """Probability of each language in each of several windows or parts of windows ``(t, D)``; they sum to 1."""
        ...

    def decode(self, requests: Sequence[Request], options: DecodeOptions) -> list[Hypothesis]:
        """Write down several windows of one common shape; the result of each does not depend on the others."""
        ...

    def align(
        self, encoded: Sequence[Encoded], tokens: Sequence[Sequence[int]], *, language: str, seconds: Sequence[Seconds]
    ) -> list[list[Piece]]:
        """Place each window's text tokens in time.

        Parameters
        ----------
        encoded
            Windows of one common shape ``(T, D)``, all in ``language``.
        tokens
            Text tokens of each window, as `decode` returned them.
        language
            The language the tokens were decoded in.
        seconds
            Length of the audio in each window, without padding.

        Returns
        -------
        list of list of Piece
            Times in seconds from the window's start, never decreasing, inside ``[0, seconds]``. The pieces' texts
            joined are the hypothesis's text.
        """
        ...

    def close(self) -> None:
        """Give the memory back; the engine cannot be used afterwards."""
        ...
