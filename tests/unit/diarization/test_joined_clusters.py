"""Clusters are one person where they are as alike as their own stretches are."""

import numpy as np

from panglot.diarization.joining import joined
from panglot.diarization.plda import unit


def person(*axes: int, count: int, spread: float, seed: int = 0) -> np.ndarray:
    """Stretches around the middle of some axes, the less alike the larger the spread."""
    middle = np.zeros(64)
    middle[list(axes)] = 1 / np.sqrt(len(axes))
    noise = np.random.default_rng([seed, *axes]).standard_normal((count, 64)) / 8
    return unit(middle + spread * noise)


def joined_labels(*clusters: np.ndarray, seconds: float = 2.0) -> list[int]:
    """What becomes of clusters, one number for each."""
    labels = np.repeat(np.arange(len(clusters)), [len(cluster) for cluster in clusters])
    means = np.concatenate(clusters)
    found = joined(means, labels, weights=np.full(len(means), seconds))
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    assert (found == found[starts][labels]).all()
    return found[starts].tolist()


def test_two_halves_of_a_person_are_joined() -> None:
    assert joined_labels(person(0, count=8, spread=1.0), person(0, count=6, spread=1.0, seed=1)) == [0, 0]


def test_different_people_stay() -> None:
    assert joined_labels(person(0, count=8, spread=0.5), person(1, count=8, spread=0.5)) == [0, 1]


def test_through_one_line_everybody_is_a_little_alike() -> None:
    """Cosine of about 0.3 between people, and of 0.6 within each: the line is alike, the people are not."""
    assert joined_labels(person(0, 1, count=12, spread=0.8), person(0, 2, count=12, spread=0.8)) == [0, 1]


def test_the_same_likeness_is_one_person_where_a_person_is_no_more_alike() -> None:
    """Cosine of about 0.3 between the clusters, and within each."""
    assert joined_labels(person(0, count=12, spread=1.5), person(0, count=12, spread=1.5, seed=1)) == [0, 0]


def test_who_repeats_himself_is_no_more_than_one_person() -> None:
    """Cosine of 0.4 between two things said over and over, and of 1 within each."""
    said = np.repeat(np.eye(64)[:1], 8, axis=0), np.repeat(0.4 * np.eye(64)[:1] + 0.917 * np.eye(64)[1:2], 8, axis=0)

    assert joined_labels(*said) == [0, 0]


def test_a_single_stretch_is_judged_by_what_is_usual() -> None:
    alike, other = 0.8 * np.eye(64)[0] + 0.6 * np.eye(64)[5], 0.2 * np.eye(64)[0] + 0.98 * np.eye(64)[6]
    many = person(0, count=10, spread=0.3)

    assert joined_labels(many, alike[None]) == [0, 0]
    assert joined_labels(many, other[None]) == [0, 1]


def test_the_most_alike_are_joined_first_and_numbers_are_in_order() -> None:
    first, second = person(3, count=5, spread=0.5), person(4, count=5, spread=0.5)
    again = person(3, count=5, spread=0.5, seed=1)

    assert joined_labels(first, second, again) == [0, 1, 0]


def test_one_cluster() -> None:
    assert joined_labels(person(0, count=1, spread=0.5)) == [0]
