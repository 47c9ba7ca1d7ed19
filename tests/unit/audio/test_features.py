"""Shape, range and refusals of the spectrogram."""

import numpy as np
import pytest

from panglot.audio import log_mel
from panglot.audio.features import mel_filters
from panglot.errors import AudioFormatError, OptionError


@pytest.mark.parametrize(("count", "columns"), [(16_000, 100), (16_159, 100), (16_160, 101), (160, 1), (100, 0)])
def test_one_column_for_every_ten_milliseconds(count, columns):
    assert log_mel(np.ones(count, np.float32) * 0.1).shape == (80, columns)


def test_a_tone_lights_its_band():
    time = np.arange(16_000) / 16_000
    mel = log_mel(np.sin(2 * np.pi * 1000 * time).astype(np.float32))
    centre = np.argmax(mel_filters(80)[:, 25])  # 1000 Hz is bin 25 of 40 Hz each
    assert (mel[:, 5:-5].argmax(axis=0) == centre).all()


def test_values_differ_by_at_most_two():
    mel = log_mel(np.random.default_rng(0).standard_normal(16_000).astype(np.float32) * np.float32(0.1))
    assert mel.dtype == np.float32
    assert mel.max() - mel.min() <= 2.0 + 1e-6


@pytest.mark.parametrize("frames", [50, 100, 1600])
def test_a_fixed_width_is_filled_with_zeros_or_cut(frames):
    samples = np.random.default_rng(0).standard_normal(16_000).astype(np.float32)
    mel, whole = log_mel(samples, frames=frames), log_mel(samples)
    assert mel.shape == (80, frames)
    assert np.array_equal(mel[:, :100], whole[:, :frames])
    assert not mel[:, 100:].any()


def test_every_filter_has_unit_area():
    areas = mel_filters(80).sum(axis=1) * 40.0
    assert np.allclose(areas[40:], 1.0, atol=0.1)  # the lowest filters are narrower than the spacing of the bins


@pytest.mark.parametrize(
    "samples", [np.zeros(0, np.float32), np.zeros((1, 10), np.float32), np.zeros(10), np.zeros(10, np.int16)]
)
def test_anything_but_a_row_of_float32_is_refused(samples):
    with pytest.raises(AudioFormatError, match="float32"):
        log_mel(samples)


@pytest.mark.parametrize("options", [{"mel_bands": 0}, {"frames": 0}])
def test_impossible_sizes_are_refused(options):
    with pytest.raises(OptionError, match="at least 1"):
        log_mel(np.zeros(1000, np.float32), **options)
