"""What is heard from moment to moment is cut where nobody, or somebody else, speaks."""

import numpy as np
import pytest

from panglot.diarization.protocol import VOICE_SIZE
from panglot.diarization.stretches import stretches_of

MOMENT = 14 * 270 / 16000
NOBODY = np.full((1, VOICE_SIZE), np.nan)


def voice(axis: int, moments: int, *, length: float = 3.0) -> np.ndarray:
    """Somebody's voice for some moments, with cosines of 0.9 and more to each other."""
    noise = np.random.default_rng([axis, moments]).standard_normal((moments, VOICE_SIZE)) * 0.015
    return length * (np.eye(VOICE_SIZE)[axis] + noise)


def seconds(*parts: np.ndarray) -> list[float]:
    return np.round(stretches_of(np.concatenate(parts).astype(np.float16)).seconds / MOMENT).tolist()


def test_a_pause_ends_a_stretch() -> None:
    assert seconds(voice(0, 6), NOBODY, voice(0, 5)) == [6, 5]


def test_another_voice_ends_a_stretch() -> None:
    assert seconds(voice(0, 6), voice(1, 7)) == [6, 7]
    assert seconds(voice(0, 6), voice(1, 4), voice(0, 5)) == [6, 4, 5]


def test_one_who_speaks_on_is_cut_into_short_stretches() -> None:
    assert seconds(voice(0, 25)) == [9, 8, 8]


@pytest.mark.parametrize("moments", [1, 2, 3])
def test_a_word_describes_nobody_beside_longer_speech(moments: int) -> None:
    assert seconds(voice(0, 8), NOBODY, voice(1, moments)) == [8]


def test_where_there_is_nothing_longer_words_must_do() -> None:
    assert seconds(voice(0, 2), NOBODY, voice(1, 1)) == [2, 1]


def test_nobody_speaks() -> None:
    assert seconds(NOBODY, NOBODY) == []
    assert stretches_of(np.empty((0, VOICE_SIZE), np.float16)).embeddings.shape == (0, VOICE_SIZE)


def test_an_embedding_is_the_mean_of_directions() -> None:
    loud, soft = voice(0, 2, length=20.0), voice(1, 2, length=0.5)

    embedding = stretches_of(np.concatenate([loud, soft]).astype(np.float16)).embeddings[0]

    assert np.linalg.norm(embedding) == pytest.approx(1.0, abs=1e-6)
    assert embedding[:2] == pytest.approx([0.7, 0.7], abs=0.02)
