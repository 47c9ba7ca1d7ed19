"""Samples in memory."""

import numpy as np
import pytest

from panglot.audio import DecodeLimits, open_audio
from panglot.errors import AudioFormatError, OptionError


def read(source, **options):
    with open_audio(source, **options) as stream:
        return np.concatenate(list(stream), axis=1), stream


@pytest.mark.parametrize(
    ("array", "first"),
    [
        (np.float32([0.5, -0.5]), 0.5),
        (np.float64([0.25, 0.0]), 0.25),
        (np.float16([0.25, 0.0]), 0.25),
        (np.int16([16_384, 0]), 0.5),
        (np.int32([-(2**31), 0]), -1.0),
        (np.int8([64, 0]), 0.5),
        (np.uint8([0, 128]), -1.0),
    ],
)
def test_every_type_is_brought_to_full_scale(array, first):
    samples, stream = read(array)
    assert samples.dtype == np.float32
    assert samples[0, 0] == first
    assert samples.shape == (1, 2)
    assert stream.info.container == "array"
    assert stream.warnings == []


def test_blocks_are_five_seconds_and_the_range_is_cut():
    signal = np.linspace(-1, 1, 200_000).astype(np.float32)
    with open_audio(signal) as stream:
        assert [block.shape for block in stream] == [(1, 80_000), (1, 80_000), (1, 40_000)]
        assert list(stream) == []
    samples, _ = read(signal, start=1.5, end=7.25)
    assert np.array_equal(samples[0], signal[24_000:116_000])


def test_channels_are_averaged_or_kept():
    array = np.float32([[0.5, 0.5], [0.0, -0.5]])
    assert np.array_equal(read(array)[0], np.float32([[0.25, 0.0]]))
    assert np.array_equal(read(array, separate_channels=True)[0], array)


def test_another_rate_is_resampled():
    time = np.arange(44_100) / 44_100
    samples, stream = read(np.sin(2 * np.pi * 440 * time) * 0.5, sample_rate=44_100)
    wanted = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000) * 0.5
    assert samples.shape == (1, 16_000)
    assert np.abs(samples[0] - wanted)[200:-200].max() < 1e-3
    assert stream.info.sample_rate == 44_100
    assert stream.info.name == "<array>"


def test_samples_that_are_no_numbers_become_silence_with_a_warning():
    samples, stream = read(np.float32([0.5, np.nan, -np.inf]))
    assert np.array_equal(samples, np.float32([[0.5, 0.0, 0.0]]))
    assert len(stream.warnings) == 1


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros(0, np.float32), "no samples"),
        (np.zeros((2, 3, 4), np.float32), "shape"),
        (np.zeros((16_000, 2), np.float32), "transposed"),
        (np.float32([20_000.0, -3.0]), "32768"),
        (np.zeros(10, np.int64), "int64"),
        (np.zeros(10, bool), "bool"),
        (np.zeros(10, complex), "complex"),
    ],
)
def test_what_cannot_be_samples_is_refused(array, said):
    with pytest.raises(AudioFormatError, match=said):
        open_audio(array)


@pytest.mark.parametrize("rate", [0, -1, 100, 10**9])
def test_an_absurd_rate_is_refused(rate):
    with pytest.raises(AudioFormatError, match="sample_rate"):
        open_audio(np.zeros(10, np.float32), sample_rate=rate)


@pytest.mark.parametrize(
    "options", [{"start": -1.0}, {"start": float("nan")}, {"start": 2.0, "end": 1.0}, {"end": 0.0}]
)
def test_an_impossible_range_is_refused(options):
    with pytest.raises(OptionError, match="seconds"):
        open_audio(np.zeros(16_000, np.float32), **options)


def test_a_start_behind_the_end_is_refused():
    with pytest.raises(OptionError, match=r"ends at 1\.00 s"):
        open_audio(np.zeros(16_000, np.float32), start=1.0)


def test_the_limit_on_channels_can_be_changed():
    with pytest.raises(AudioFormatError, match="3 channels"):
        open_audio(np.zeros((3, 10), np.float32), limits=DecodeLimits(channels=2))
