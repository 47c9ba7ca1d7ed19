"""Probabilities of speech → regions: thresholds, padding, cuts, independence of how the probabilities arrive."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panglot.audio.activity import HOP_SECONDS
from panglot.pipeline.regions import OFFSET, ONSET, Region, RegionFinder

PAD = 6
LONGEST = 15.0


def regions(probabilities: list[float], *, block: int = 1000) -> list[Region]:
    finder = RegionFinder(longest=LONGEST)
    found: list[Region] = []
    for at in range(0, len(probabilities), block):
        found += finder.feed(np.array(probabilities[at : at + block], np.float32))
    return [*found, *finder.finish()]


def in_steps(*times: float) -> tuple[int, ...]:
    return tuple(round(time / HOP_SECONDS) for time in times)


def find(probabilities: list[float], *, block: int = 1000) -> list[tuple[int, ...]]:
    """Regions in steps."""
    return [in_steps(region.start, region.end) for region in regions(probabilities, block=block)]


def quiet(steps: int) -> list[float]:
    return [0.01] * steps


def loud(steps: int) -> list[float]:
    return [0.99] * steps


def test_speech_is_padded_on_both_sides() -> None:
    assert find(quiet(20) + loud(30) + quiet(20)) == [(20 - PAD, 50 + PAD)]


def test_a_region_knows_its_padding() -> None:
    first, second = regions(loud(30) + quiet(20) + loud(30) + quiet(20))

    assert in_steps(first.lead, first.tail) == (0, PAD)
    assert in_steps(second.lead, second.tail) == (PAD, PAD)


def test_where_speech_is_cut_there_is_no_padding() -> None:
    first, second = regions([*loud(400), 0.6, *loud(300), *quiet(20)])

    assert first.end == second.start
    assert (first.tail, second.lead) == (0, 0)


def test_padding_does_not_reach_before_the_recording() -> None:
    assert find(loud(30) + quiet(20)) == [(0, 30 + PAD)]


def test_speech_at_the_end_is_found() -> None:
    [(start, end)] = find(quiet(20) + loud(30))
    assert start == 20 - PAD
    assert end >= 50


@pytest.mark.parametrize(("steps", "count"), [(5, 0), (6, 1)])
def test_a_click_is_not_speech(steps: int, count: int) -> None:
    assert len(find(quiet(20) + loud(steps) + quiet(20))) == count


def test_speech_starts_at_the_upper_threshold_and_lasts_to_the_lower_one() -> None:
    between = (ONSET + OFFSET) / 2
    assert find(quiet(20) + [between] * 40 + quiet(20)) == []
    assert find(quiet(20) + loud(10) + [between] * 40 + quiet(20)) == [(20 - PAD, 70 + PAD)]


@pytest.mark.parametrize(("steps", "count"), [(3, 1), (4, 2)])
def test_a_pause_ends_a_region_and_a_stop_consonant_does_not(steps: int, count: int) -> None:
    assert len(find(quiet(20) + loud(20) + quiet(steps) + loud(20) + quiet(20))) == count


def test_the_padding_of_neighbours_does_not_overlap() -> None:
    first, second = find(quiet(20) + loud(20) + quiet(5) + loud(20) + quiet(20))
    assert first[1] <= second[0]


def test_long_speech_is_cut_where_it_is_least_certain() -> None:
    speech = loud(1000)
    speech[380:383] = [0.4, 0.36, 0.4]
    first, second, *_ = find(speech + quiet(20))
    assert first == (0, 381)
    assert second[0] == 381


def test_speech_without_an_end_is_cut_into_regions_that_follow_each_other() -> None:
    found = find(loud(5000) + quiet(20))
    assert found[0][0] == 0
    assert found[-1][1] >= 5000
    assert all(before[1] == after[0] for before, after in pairwise(found))
    assert max(end - start for start, end in found) * HOP_SECONDS <= LONGEST


def test_settled_is_where_nothing_starts_any_more() -> None:
    finder = RegionFinder(longest=LONGEST)
    assert finder.settled == 0
    assert list(finder.feed(np.array(quiet(50), np.float32))) == []
    assert finder.settled == pytest.approx((50 - PAD) * HOP_SECONDS)
    assert list(finder.feed(np.array(loud(30), np.float32))) == []
    assert finder.settled == pytest.approx((50 - PAD) * HOP_SECONDS), "the region that is open starts here"


runs = st.lists(st.tuples(st.sampled_from([0.01, 0.4, 0.6, 0.99]), st.integers(1, 300)), max_size=12)


@given(runs=runs, block=st.integers(1, 400))
def test_the_size_of_blocks_does_not_matter(runs: list[tuple[float, int]], block: int) -> None:
    probabilities = [value for value, count in runs for _ in range(count)]
    assert find(probabilities, block=block) == find(probabilities)


@given(runs=runs)
def test_regions_are_in_order_short_enough_and_hold_all_lasting_speech(runs: list[tuple[float, int]]) -> None:
    probabilities = [value for value, count in runs for _ in range(count)]
    found = find(probabilities)
    assert all(start < end for start, end in found)
    assert all((end - start) * HOP_SECONDS <= LONGEST for start, end in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
    step = 0
    for value, count in runs:
        if value >= ONSET and count >= 2 * PAD:
            heard = {s for start, end in found for s in range(start, end)}
            missing = set(range(step, step + count)) - heard
            assert len(missing) < PAD, "what is missing is what a cut left over, shorter than speech can be"
        step += count


@given(runs=runs, block=st.integers(1, 400))
def test_no_region_starts_before_what_was_settled(runs: list[tuple[float, int]], block: int) -> None:
    probabilities = [value for value, count in runs for _ in range(count)]
    finder = RegionFinder(longest=LONGEST)
    settled = 0.0
    for at in range(0, len(probabilities), block):
        for region in finder.feed(np.array(probabilities[at : at + block], np.float32)):
            assert region.start >= settled - 1e-9
        assert finder.settled >= settled - 1e-9
        settled = finder.settled
    assert all(region.start >= settled - 1e-9 for region in finder.finish())
