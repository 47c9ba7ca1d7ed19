"""What the voice activity network promises, with its real weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from panglot.audio import open_audio
from panglot.audio.activity import HOP, ActivityDetector
from panglot.models import Store
from panglot.models.catalogue import VAD_MODEL
from panglot.testing import silence
from panglot.units import to_seconds

SAMPLE = Path(__file__).parent.parent / "data" / "english.flac"


@pytest.fixture(scope="module")
def detector() -> ActivityDetector:
    return ActivityDetector(Store().path(VAD_MODEL) / "silero_vad_v6.onnx")


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    with open_audio(SAMPLE) as stream:
        samples = np.concatenate([block[0] for block in stream])
    return samples[: len(samples) // HOP * HOP]


def probabilities(detector: ActivityDetector, samples: np.ndarray, *, block: int = 50_000) -> np.ndarray:
    stream = detector.stream()
    found = [found for at in range(0, len(samples), block) for _, found in stream.feed(samples[at : at + block])]
    return np.concatenate([*found, *(rest for _, rest in stream.finish())])


def test_speech_is_told_from_silence(detector: ActivityDetector, speech: np.ndarray) -> None:
    assert np.mean(probabilities(detector, speech) > 0.5) > 0.5
    assert probabilities(detector, silence(60)).max() < 0.1


def test_the_same_audio_is_heard_the_same_whatever_came_long_before(
    detector: ActivityDetector, speech: np.ndarray
) -> None:
    alone = probabilities(detector, speech)
    pause = silence(to_seconds(100 * HOP))
    again = probabilities(detector, np.concatenate([speech, pause, speech, pause, speech]))
    second = again[len(alone) + 100 : 2 * len(alone) + 100]
    third = again[-len(alone) :]
    np.testing.assert_array_equal(second, third)


def test_blocks_do_not_matter(detector: ActivityDetector, speech: np.ndarray) -> None:
    whole = np.concatenate([speech, silence(3), speech])
    np.testing.assert_array_equal(
        probabilities(detector, whole, block=len(whole)), probabilities(detector, whole, block=777)
    )
