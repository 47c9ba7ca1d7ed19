import numpy as np

from panglot.diarization.assignment import NOBODY, assign

NAN = float("nan")


def test_all_together_fit_best() -> None:
    assert assign(np.array([[0.9, 0.8, 0.0], [0.9, 0.1, 0.0], [NAN, NAN, NAN]])).tolist() == [1, 0, NOBODY]


def test_two_local_speakers_are_two_people() -> None:
    assert assign(np.array([[0.9, 0.1, 0.2], [0.8, 0.1, 0.2], [0.7, 0.1, 0.2]])).tolist() == [0, 2, 1]


def test_there_are_fewer_people_than_local_speakers() -> None:
    assert assign(np.array([[0.9], [0.1], [NAN]])).tolist() == [0, 0, NOBODY]


def test_nobody_is_known() -> None:
    assert assign(np.full((3, 4), NAN)).tolist() == [NOBODY] * 3


def test_it_is_the_best_of_all() -> None:
    from itertools import permutations

    rng = np.random.default_rng(4)
    for _ in range(50):
        scores = rng.random((3, 6))
        best = max(permutations(range(6), 3), key=lambda way: sum(scores[row, col] for row, col in enumerate(way)))
        assert assign(scores).tolist() == list(best)
