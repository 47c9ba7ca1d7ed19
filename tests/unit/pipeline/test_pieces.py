from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panglot.pipeline.pieces import cut_pieces
from panglot.testing import FakeDetector
from panglot.testing.tones import silence, speak
from panglot.units import SAMPLE_RATE, to_samples


def blocks(samples, length=5 * SAMPLE_RATE):
    for first in range(0, samples.shape[1], length):
        yield samples[:, first : first + length]


def cut(samples, *, length, offset=0.0):
    return list(cut_pieces(blocks(samples), detector=FakeDetector(), length=length, offset=offset))


def test_a_short_recording_is_one_piece() -> None:
    (piece,) = cut(np.zeros((1, 12 * SAMPLE_RATE), np.float32), length=10.0)
    assert (piece.start, piece.end) == (0.0, 12.0)


def test_nothing_has_no_piece() -> None:
    assert cut(np.zeros((1, 0), np.float32), length=10.0) == []


def test_cuts_fall_into_the_middle_of_the_longest_pause() -> None:
    talk = speak("one two three four five")  # 2 s
    spoken = np.concatenate([np.tile(talk, 4), silence(0.5), talk, silence(1.5), np.tile(talk, 4)])[None]
    pieces = cut(spoken, length=10.0)
    assert pieces[0].end == pytest.approx(8.0 + 0.5 + 2.0 + 0.75, abs=0.1)


@given(
    seconds=st.lists(st.floats(0.1, 9.0), min_size=1, max_size=8),
    length=st.floats(4.0, 12.0),
    offset=st.sampled_from([0.0, 3.5]),
    channels=st.integers(1, 2),
)
def test_pieces_hold_every_sample_once_and_keep_to_their_length(seconds, length, offset, channels) -> None:
    total = sum(to_samples(each) for each in seconds)
    samples = np.random.default_rng(0).normal(0, 0.1, (channels, total)).astype(np.float32)
    pieces = cut(samples, length=length, offset=offset)
    assert np.array_equal(np.concatenate([piece.samples for piece in pieces], axis=1), samples)
    assert pieces[0].start == offset
    assert all(a.end == pytest.approx(b.start, abs=1e-6) for a, b in pairwise(pieces))
    assert all(0.7 * length - 0.001 <= piece.end - piece.start <= 1.3 * length + 0.001 for piece in pieces[:-1])
