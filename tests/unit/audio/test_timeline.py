"""Each sample at its place, whatever arrives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panglot.audio.timeline import Packer, Piece, Timeline


class Keep:
    """Stands in for a resampler at 16 kHz."""

    def push(self, samples):
        return samples

    def flush(self):
        return np.zeros(0, np.float32)


class Every:
    """Resampler that takes every second sample."""

    def push(self, samples):
        return samples[::2]

    def flush(self):
        return np.zeros(0, np.float32)


def make(*, start=0, end=None, separate=False, silence=3600.0, resampler=lambda rate: Keep()):
    warnings: list[str] = []
    packer = Packer(start=start, end=end, size=1000)
    timeline = Timeline(
        packer,
        start=start / 16_000,
        separate_channels=separate,
        silence=silence,
        resampler=resampler,
        warn=warnings.append,
    )
    return timeline, warnings


def run(timeline, pieces):
    blocks = [block for piece in pieces for block in timeline.add(piece)]
    return [*blocks, *timeline.finish()]


def piece(values, *, time=None, rate=16_000):
    return Piece(time=time, rate=rate, samples=np.atleast_2d(np.asarray(values, np.float32)))


def ramp(count, first=0):
    return (np.arange(first, first + count) % 4096 / 4096).astype(np.float32)


@given(
    sizes=st.lists(st.integers(0, 3000), min_size=1, max_size=8),
    start=st.integers(0, 5000),
    length=st.one_of(st.none(), st.integers(1, 5000)),
)
def test_the_packer_gives_exactly_the_range_in_blocks_of_one_size(sizes, start, length):
    signal = ramp(sum(sizes))
    end = None if length is None else start + length
    packer = Packer(start=start, end=end, size=700)
    blocks, at = [], 0
    for size in sizes:
        blocks += packer.place(at, signal[None, at : at + size])
        at += size
    blocks += packer.finish()
    joined = np.concatenate([np.zeros((1, 0), np.float32), *blocks], axis=1)[0]
    assert np.array_equal(joined, signal[start:end])
    assert all(block.shape[1] == 700 for block in blocks[:-1])
    assert packer.emitted == len(joined)


def test_pieces_without_times_follow_one_another():
    timeline, warnings = make()
    blocks = run(timeline, [piece(ramp(600)), piece(ramp(900, 600))])
    assert np.array_equal(np.concatenate(blocks, axis=1)[0], ramp(1500))
    assert warnings == []


def test_a_gap_becomes_silence_and_later_sound_keeps_its_time():
    timeline, warnings = make()
    joined = np.concatenate(
        run(timeline, [piece(np.full(8000, 0.5), time=0.0), piece(np.full(8000, 0.25), time=1.0)]), axis=1
    )[0]
    assert len(joined) == 24_000
    assert (joined[:8000] == 0.5).all()
    assert (joined[8000:16_000] == 0.0).all()
    assert (joined[16_000:] == 0.25).all()
    assert warnings == ["damaged or missing at 0.50 s; 0.50 s lost, replaced by silence"]


def test_a_late_first_piece_keeps_its_time_without_a_warning():
    timeline, warnings = make()
    joined = np.concatenate(run(timeline, [piece(np.full(1600, 0.5), time=2.0)]), axis=1)[0]
    assert len(joined) == 33_600
    assert joined[31_999] == 0.0
    assert joined[32_000] == 0.5
    assert warnings == []


@pytest.mark.parametrize("jitter", [-0.09, -0.01, 0.01, 0.09])
def test_jitter_of_time_stamps_changes_nothing(jitter):
    timeline, warnings = make()
    blocks = run(timeline, [piece(ramp(8000), time=0.0), piece(ramp(8000, 8000), time=0.5 + jitter)])
    assert np.array_equal(np.concatenate(blocks, axis=1)[0], ramp(16_000))
    assert warnings == []


def test_time_stamps_that_start_again_go_on_where_the_sound_was():
    timeline, warnings = make()
    parts = [piece(ramp(8000), time=0.0), piece(ramp(8000, 8000), time=0.0), piece(ramp(8000, 16_000), time=0.5)]
    assert np.array_equal(np.concatenate(run(timeline, parts), axis=1)[0], ramp(24_000))
    assert warnings == []


def test_an_impossible_jump_is_ignored_and_told():
    timeline, warnings = make(silence=2.0)
    parts = [piece(ramp(8000), time=0.0), piece(ramp(8000, 8000), time=1e9), piece(ramp(8000, 16_000), time=1e9 + 0.5)]
    assert np.array_equal(np.concatenate(run(timeline, parts), axis=1)[0], ramp(24_000))
    assert len(warnings) == 1
    assert "ignored" in warnings[0]


def test_many_gaps_are_told_once_in_all():
    timeline, warnings = make()
    run(timeline, [piece(ramp(160), time=0.5 * n) for n in range(30)])
    assert len(warnings) == 11
    assert warnings[-1].startswith("29 gaps in all")


def test_a_change_of_rate_keeps_the_time():
    timeline, _ = make(resampler=lambda rate: Keep() if rate == 16_000 else Every())
    parts = [piece(np.full(16_000, 0.5)), piece(np.full(32_000, 0.25), rate=32_000), piece(np.full(16_000, 0.75))]
    joined = np.concatenate(run(timeline, parts), axis=1)[0]
    assert [joined[8000], joined[24_000], joined[40_000], len(joined)] == [0.5, 0.25, 0.75, 48_000]


def test_channels_are_averaged_or_kept():
    samples = np.stack([np.full(100, 0.5), np.full(100, -0.25)]).astype(np.float32)
    mixed, _ = make()
    apart, _ = make(separate=True)
    assert np.allclose(run(mixed, [piece(samples)])[0], 0.125)
    assert np.array_equal(run(apart, [piece(samples)])[0], samples)


def test_separate_channels_stay_as_many_as_at_first():
    timeline, _ = make(separate=True)
    parts = [piece(np.full((2, 100), 0.5)), piece(np.full((1, 100), 0.5)), piece(np.full((3, 100), 0.5))]
    joined = np.concatenate(run(timeline, parts), axis=1)
    assert joined.shape == (2, 300)
    assert (joined[1, 100:200] == 0.0).all()


def test_samples_that_are_no_numbers_become_silence_and_are_told_once():
    timeline, warnings = make()
    parts = [piece([0.5, np.nan, np.inf, -7.0]), piece([np.nan])]
    assert np.array_equal(run(timeline, parts)[0][0], np.float32([0.5, 0.0, 0.0, -1.0, 0.0]))
    assert warnings == ["some samples are not numbers; they were replaced by silence"]


def test_what_lies_long_before_the_start_is_not_resampled():
    calls: list[int] = []

    class Count(Keep):
        def push(self, samples):
            calls.append(len(samples))
            return samples

    timeline, _ = make(start=160_000, resampler=lambda rate: Count())
    blocks = run(timeline, [piece(ramp(8000, n * 8000)) for n in range(25)])
    assert np.array_equal(np.concatenate(blocks, axis=1)[0], ramp(40_000, 160_000))
    assert sum(calls) < 70_000


def test_a_late_start_falls_on_the_same_grid():
    class Half(Keep):
        """Every second sample, counted from where the run began."""

        def __init__(self):
            self.seen = 0

        def push(self, samples):
            first, self.seen = -self.seen % 2, self.seen + len(samples)
            return samples[first::2]

    signal = ramp(160_000)
    parts = [piece(signal[at : at + 1111], rate=32_000) for at in range(0, 160_000, 1111)]
    late, _ = make(start=48_003, resampler=lambda rate: Half())
    assert np.array_equal(np.concatenate(run(late, parts), axis=1)[0], signal[::2][48_003:])
