"""Where nobody speaks, nothing is written."""

from __future__ import annotations

import numpy as np
import pytest
import silence

import panglot

LENGTH = 30 * 16_000
SOUNDS = silence.SOUNDS | {"white noise -10 dB": silence.white(-10), "white noise -80 dB": silence.white(-80)}


@pytest.mark.parametrize("name", SOUNDS)
def test_not_one_word(name: str, model: panglot.Model) -> None:
    sound = SOUNDS[name](LENGTH, np.random.default_rng(7))
    assert sound.shape == (LENGTH,)
    transcript = model.transcribe(sound)
    assert (transcript.text, transcript.segments, transcript.languages) == ("", (), ())
    assert (transcript.language, transcript.language_probability) == (None, 0.0)
    assert transcript.duration == 30.0
