"""Small valid parts of the pipeline's work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from panglot.engines import Hypothesis, Piece
from panglot.pipeline.recogniser import Recognised
from panglot.pipeline.regions import Region
from panglot.pipeline.windows import Window
from panglot.testing import make_word, write
from panglot.transcripts import Word
from panglot.units import SAMPLE_RATE


def regions(*bounds: tuple[float, float]) -> tuple[Region, ...]:
    return tuple(Region(start=start, end=end) for start, end in bounds)


def window(*bounds: tuple[float, float]) -> Window:
    """A window in which each region of speech is a piece of its own; its samples tell their place in the recording."""
    parts = [np.arange(round(start * SAMPLE_RATE), round(end * SAMPLE_RATE), dtype=np.float32) for start, end in bounds]
    return Window(regions=regions(*bounds), pieces=regions(*bounds), samples=np.concatenate(parts))


def pieces(*texts: str, start: float = 0.0, step: float = 0.1, probability: float = 0.9) -> list[Piece]:
    """Pieces one after another."""
    return [
        Piece(text=text, start=start + index * step, end=start + (index + 1) * step, probability=probability)
        for index, text in enumerate(texts)
    ]


def words(*rows: tuple[str, float, float], probability: float = 0.9) -> tuple[Word, ...]:
    return tuple(make_word(text, start=start, end=end, probability=probability) for text, start, end in rows)


def recognised(
    *rows: tuple[str, float, float],
    window: Window,
    language: str = "en",
    hypothesis: Hypothesis | None = None,
    doubts: Sequence[str] = (),
    **others: Any,
) -> Recognised:
    """What a part says: words with their times in the recording."""
    text = "".join(text for text, _, _ in rows)
    defaults = {"probability": 0.9, "redecoded": "", "text_without_speech": 0.0, "dropped": False}
    return Recognised(
        window=window,
        language=language,
        hypothesis=hypothesis or write(text),
        words=words(*rows),
        doubts=tuple(doubts),
        **{**defaults, **others},
    )
