"""Who is like nobody becomes a speaker; who is like somebody does not."""

import numpy as np

from panglot.diarization.plda import unit
from panglot.diarization.strangers import with_strangers

AXES = np.eye(64)


def around(axis: int, count: int, *, seed: int = 0) -> np.ndarray:
    """Embeddings of one voice, with cosines of about 0.75 to each other."""
    noise = np.random.default_rng(seed + axis).standard_normal((count, 64)) * 0.07
    return unit(AXES[axis] + noise)


def found(*voices: np.ndarray, labels: list[int], weight: float = 3.3) -> list[int]:
    vectors = np.concatenate(voices)
    return with_strangers(vectors, np.array(labels), weights=np.full(len(vectors), weight)).tolist()


def test_everybody_is_like_somebody() -> None:
    labels = [0] * 5 + [1] * 4

    assert found(around(0, 5), around(1, 4), labels=labels) == labels


def test_one_who_was_counted_with_others_gets_a_label() -> None:
    assert found(around(0, 4), around(2, 1), around(1, 4), labels=[0] * 5 + [1] * 4) == [0] * 4 + [1] + [2] * 4


def test_several_strangers_get_a_label_each() -> None:
    voices = around(0, 12), around(2, 2), around(3, 1), around(1, 6)

    assert found(*voices, labels=[0] * 15 + [1] * 6) == [0] * 12 + [1, 2, 3] + [4] * 6


def test_a_speaker_of_one_embedding_stays() -> None:
    assert found(around(0, 3), around(1, 1), labels=[0, 0, 0, 1]) == [0, 0, 0, 1]
