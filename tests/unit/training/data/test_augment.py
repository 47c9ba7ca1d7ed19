import numpy as np
import pytest

from panglot.training.data.augment import Augment, Noise, Reverberation, SpecAugment, change_speed


def tone(frequency: float = 440.0, seconds: float = 1.0) -> np.ndarray:
    times = np.arange(round(seconds * 16_000)) / 16_000
    return (0.3 * np.sin(2 * np.pi * frequency * times)).astype(np.float32)


def loudest(samples: np.ndarray) -> float:
    return float(np.fft.rfftfreq(len(samples), 1 / 16_000)[np.abs(np.fft.rfft(samples)).argmax()])


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_speed_changes_length_and_pitch_together(factor: float) -> None:
    changed = change_speed(tone(), factor)
    assert len(changed) == pytest.approx(16_000 / factor, abs=1)
    assert loudest(changed) == pytest.approx(440 * factor, abs=1.5)


def test_a_sample_that_would_grow_too_long_keeps_its_speed() -> None:
    slow = Augment(speed=(0.5,), noise=None, reverberation=None, spec_augment=None)
    assert len(slow.vary(tone(), np.random.default_rng(0), longest=1.9)) == 16_000
    assert len(slow.vary(tone(), np.random.default_rng(0), longest=2.0)) == 32_000


def test_noise_has_the_ratio_asked_for() -> None:
    noisy = Augment(speed=(), noise=Noise(probability=1, snr=(10, 10)), reverberation=None, spec_augment=None)
    clean = tone()
    noise = noisy.vary(clean, np.random.default_rng(0), longest=30) - clean
    assert 10 * np.log10(np.square(clean).mean() / np.square(noise).mean()) == pytest.approx(10, abs=0.1)


def test_reverberation_rings_on_after_the_sound_and_keeps_the_level() -> None:
    room = Augment(speed=(), noise=None, reverberation=Reverberation(probability=1), spec_augment=None)
    clean = np.concatenate([tone(), np.zeros(16_000, np.float32)])
    wet = room.vary(clean, np.random.default_rng(0), longest=30)
    assert wet.shape == clean.shape
    assert np.square(wet[16_000:16_800]).sum() > 1e-3
    assert np.square(wet).mean() == pytest.approx(np.square(clean).mean(), rel=0.01)


def test_masks_are_no_larger_than_allowed() -> None:
    how = SpecAugment(probability=1, frequency_masks=1, widest_band=10, time_masks=1, longest=0.2, share=0.5)
    augment = Augment(speed=(), noise=None, reverberation=None, spec_augment=how)
    mel = np.ones((80, 300), np.float32)
    masked = [augment.mask(mel, np.random.default_rng(seed)) == 0 for seed in range(50)]
    assert max(int(one.all(axis=1).sum()) for one in masked) == 10
    assert max(int(one.all(axis=0).sum()) for one in masked) == 20
    assert mel.all()


def test_the_same_generator_makes_the_same_change() -> None:
    augment = Augment(noise=Noise(probability=1))
    first, again, other = (augment.vary(tone(), np.random.default_rng(seed), longest=30) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)


def test_nothing_is_louder_than_full_scale() -> None:
    loud = Augment(speed=(), noise=Noise(probability=1, snr=(-10, -10)), reverberation=None, spec_augment=None)
    assert np.abs(loud.vary(tone() * 3, np.random.default_rng(0), longest=30)).max() <= 1
