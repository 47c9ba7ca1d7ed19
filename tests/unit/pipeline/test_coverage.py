"""Which speech has words, and which should be heard again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline_parts import regions, window, words

from panglot.pipeline.coverage import mean_probability, uncovered, weak_regions, words_inside


def gaps(*bounds: tuple[float, float], said: tuple[tuple[str, float, float], ...]) -> list[tuple[float, float]]:
    return [(gap.start, gap.end) for gap in uncovered(regions(*bounds), words(*said))]


def test_speech_near_a_word_is_covered() -> None:
    assert gaps((0, 2), said=(("a", 0.5, 1.5),)) == []


def test_the_start_the_middle_and_the_end_may_be_left_out() -> None:
    found = gaps((0, 20), said=(("a", 5, 6), ("b", 10, 11)))
    assert found == [(0, 4.4), (6.6, 9.4), (11.6, 20)]


def test_a_region_without_words_is_left_out_whole() -> None:
    assert gaps((0, 2), (10, 13), said=(("a", 0, 2),)) == [(10, 13)]


@given(
    said=st.lists(st.tuples(st.floats(0, 28), st.floats(0, 2)), max_size=8),
    lengths=st.lists(st.floats(0.2, 6), min_size=1, max_size=4),
)
def test_gaps_are_inside_speech_in_order_and_away_from_words(
    said: list[tuple[float, float]], lengths: list[float]
) -> None:
    at, bounds = 0.0, []
    for length in lengths:
        bounds.append((at, at + length))
        at += length + 1
    spoken = words(*(("x", start, start + length) for start, length in sorted(said)))
    found = list(uncovered(regions(*bounds), spoken))
    for gap in found:
        assert gap.start < gap.end
        assert any(start <= gap.start and gap.end <= end for start, end in bounds)
        assert all(word.end <= gap.start or word.start >= gap.end for word in spoken)
    total = sum(end - start for start, end in bounds)
    assert (sum(gap.end - gap.start for gap in found) == pytest.approx(total)) or spoken


def test_a_region_mostly_without_words_is_weak() -> None:
    place = window((0, 3), (5, 8))
    assert weak_regions(place, words(("a", 0.2, 2.8)), questionable=()) == {place.regions[1]}


def test_a_breath_is_not_weak() -> None:
    place = window((0, 3), (5, 5.8))
    assert weak_regions(place, words(("a", 0.2, 2.8)), questionable=()) == set()


def test_a_questionable_region_is_weak_only_where_its_words_are_unsure() -> None:
    place = window((0, 2), (5, 7))
    first, second = place.regions
    sure = words(("a", 0.2, 1.8), probability=0.9) + words(("b", 5.2, 6.8), probability=0.9)
    unsure = words(("a", 0.2, 1.8), probability=0.3) + words(("b", 5.2, 6.8), probability=0.3)
    assert weak_regions(place, sure, questionable=[first]) == set()
    assert weak_regions(place, unsure, questionable=[first]) == {first}
    assert weak_regions(place, unsure, questionable=[first, second]) == {first, second}
    assert weak_regions(place, unsure, questionable=()) == set()


def test_words_inside_a_window_have_no_space_at_the_ends() -> None:
    spoken = words(("One", 0, 1), (" two", 5, 6), (" three", 6, 7), (" four", 11, 12))
    assert [word.text for word in words_inside(spoken, window((5, 8)))] == ["two", " three"]


def test_mean_probability() -> None:
    assert mean_probability(()) == 0.0
    assert mean_probability(words(("a", 0, 1), probability=0.2) + words(("b", 1, 2), probability=0.6)) == pytest.approx(
        0.4
    )
