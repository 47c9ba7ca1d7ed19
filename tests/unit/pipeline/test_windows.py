"""Windows: what they hold, in which order, and the way between their time and the recording's."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipeline_parts import regions, window

from panglot.audio.activity import HOP_SECONDS, ActivityStream
from panglot.pipeline.regions import Region, RegionFinder
from panglot.pipeline.windows import LONGEST, Planner, Window
from panglot.testing import FakeDetector, silence
from panglot.units import SAMPLE_RATE, to_samples


def ramp(*runs: tuple[float, float]) -> np.ndarray:
    """Sounds and silences in turn, in seconds; every sample of a sound tells its place."""
    parts: list[np.ndarray] = []
    at = 0
    for loud, quiet in runs:
        count = to_samples(loud)
        parts += [(at + np.arange(count)).astype(np.float32) + 1, silence(quiet)]
        at += count + to_samples(quiet)
    return np.concatenate([silence(0), *parts])


def plan(samples: np.ndarray, *, block: int = 80_000, offset: float = 0.0) -> list[Window]:
    planner = Planner(FakeDetector().stream(), offset=offset)
    windows: list[Window] = []
    for at in range(0, len(samples), block):
        windows += planner.feed(samples[at : at + block])
    return [*windows, *planner.finish()]


def speech_of(samples: np.ndarray) -> list[Region]:
    """The regions, found without any windows."""
    stream: ActivityStream = FakeDetector().stream()
    finder = RegionFinder(longest=LONGEST)
    chunks = [*stream.feed(samples), *stream.finish()]
    return [region for _, probabilities in chunks for region in finder.feed(probabilities)] + list(finder.finish())


def test_one_sound_is_one_window_with_its_samples() -> None:
    samples = ramp((0, 2), (3, 2))
    [found] = plan(samples)
    assert found.start == pytest.approx(1.8, abs=0.05)
    assert found.end == pytest.approx(5.2, abs=0.05)
    first = to_samples(found.start)
    np.testing.assert_array_equal(found.samples, samples[first : first + len(found.samples)])


def test_silence_gives_no_window() -> None:
    assert plan(silence(60)) == []


def test_regions_share_a_window_until_it_is_full() -> None:
    found = plan(ramp(*[(4, 1)] * 6))
    assert [len(each.regions) for each in found] == [3, 3]


def test_a_long_pause_ends_a_window_and_does_not_wait_for_the_next_sound() -> None:
    planner = Planner(FakeDetector().stream())
    assert len(list(planner.feed(ramp((3, 20))))) == 1


def test_a_pause_is_shortened_and_leads_back_to_the_recording() -> None:
    samples = ramp((3, 2), (3, 2))
    [found] = plan(samples)
    assert len(found.pieces) == 2
    assert found.duration < 7.5
    for time in np.arange(0.3, found.duration, 0.37):
        value = found.samples[to_samples(time)]
        if value > 0:
            assert value - 1 == pytest.approx(found.original(time) * SAMPLE_RATE, abs=2)


def test_the_offset_moves_times_and_nothing_else() -> None:
    samples = ramp((3, 2), (5, 6), (14, 1))
    plain, moved = plan(samples), plan(samples, offset=100.0)
    for before, after in zip(plain, moved, strict=True):
        np.testing.assert_array_equal(before.samples, after.samples)
        assert [region.start + 100 for region in before.regions] == pytest.approx(
            [region.start for region in after.regions]
        )
        assert before.original(1.0) + 100 == pytest.approx(after.original(1.0))


@pytest.mark.parametrize("steps", [1, 7, 160, 313, 319, 320])
def test_windows_do_not_depend_on_how_much_silence_came_before(steps: int) -> None:
    samples = ramp((0, 1), (3, 0.3), (9, 0.5), (7, 6), (14, 0.2), (2, 1))
    moved = plan(np.concatenate([silence(steps * HOP_SECONDS), samples]))
    for before, after in zip(plan(samples), moved, strict=True):
        assert [region.end + steps * HOP_SECONDS for region in before.regions] == pytest.approx(
            [region.end for region in after.regions]
        )
        np.testing.assert_array_equal(before.samples, after.samples)


runs_of_sound = st.lists(
    st.tuples(st.floats(0.1, 25).map(lambda x: round(x, 2)), st.floats(0.05, 6).map(lambda x: round(x, 2))),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(runs=runs_of_sound)
def test_windows_are_in_order_short_and_hold_all_speech(runs: list[tuple[float, float]]) -> None:
    samples = ramp(*runs)
    found = plan(samples)
    assert all(each.duration <= LONGEST + 1e-6 for each in found)
    assert all(before.end <= after.start + 1e-6 for before, after in pairwise(found))
    held = [region for each in found for region in each.regions]
    wanted = speech_of(samples)
    assert [region.start for region in held] == pytest.approx([region.start for region in wanted])
    # The padding of the last region may reach beyond the recording; a window never does.
    assert all(region.end <= expected.end + 1e-6 for region, expected in zip(held, wanted, strict=True))
    assert all(region.end >= expected.end - 0.2 for region, expected in zip(held, wanted, strict=True))
    for each in found:
        assert each.duration == pytest.approx(sum(piece.end - piece.start for piece in each.pieces), abs=1e-3)
        assert all(
            any(piece.start - 1e-6 <= region.start and region.end <= piece.end + 1e-6 for piece in each.pieces)
            for region in each.regions
        )


@settings(max_examples=15, deadline=None)
@given(runs=runs_of_sound, block=st.integers(100, 200_000))
def test_the_size_of_blocks_does_not_matter(runs: list[tuple[float, float]], block: int) -> None:
    samples = ramp(*runs)
    for whole, cut in zip(plan(samples, block=len(samples)), plan(samples, block=block), strict=True):
        assert whole.regions == cut.regions
        np.testing.assert_array_equal(whole.samples, cut.samples)


@settings(max_examples=40, deadline=None)
@given(runs=runs_of_sound, shares=st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_there_and_back_is_the_same_time(runs: list[tuple[float, float]], shares: list[float]) -> None:
    for each in plan(ramp(*runs)):
        for share in shares:
            time = share * each.duration
            assert each.inside(each.original(time)) == pytest.approx(time, abs=1e-6)
            assert each.inside(each.original(time, end=True)) == pytest.approx(time, abs=1e-6)


def test_a_time_at_a_seam_belongs_to_the_piece_that_is_asked_for() -> None:
    found = window((1, 3), (10, 12))
    assert found.original(2.0) == 10
    assert found.original(2.0, end=True) == 3
    assert found.original(-1.0) == 1
    assert found.original(99.0) == 12


def test_a_time_between_two_pieces_is_the_seam() -> None:
    found = window((1, 3), (10, 12))
    assert [found.inside(time) for time in (0, 2, 5, 11, 40)] == [0, 1, 2, 3, 4]


def test_speech_and_ends() -> None:
    found = window((1, 3), (10, 12))
    assert (found.start, found.end, found.duration, found.speech) == (1, 12, 4, 4)


def test_part_takes_the_samples_of_its_regions() -> None:
    part = window((1, 3), (10, 12), (20, 21)).part(regions((10, 12), (20, 21)))
    assert (part.start, part.end, part.duration) == (10, 21, 3)
    assert part.samples[0] == 10 * SAMPLE_RATE
    assert part.samples[to_samples(2.5)] == 20.5 * SAMPLE_RATE


@settings(max_examples=40, deadline=None)
@given(runs=runs_of_sound)
def test_parts_hold_what_the_recording_holds(runs: list[tuple[float, float]]) -> None:
    samples = ramp(*runs)
    for each in plan(samples):
        for index in range(len(each.regions)):
            part = each.part(each.regions[index:])
            for piece in part.pieces:
                first, last = to_samples(part.inside(piece.start)), to_samples(part.inside(piece.end))
                start = to_samples(piece.start)
                recorded = np.pad(samples, (0, 512))[start : start + last - first]
                np.testing.assert_array_equal(part.samples[first:last], recorded)
