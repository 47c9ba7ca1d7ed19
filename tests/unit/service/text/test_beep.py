import av
import numpy as np
import pytest

from panglot.errors import OutputError
from panglot.service.text.beep import CoveredSpan, cover, write_audio

RATE = 16_000


def speech(seconds, channels=1):
    chance = np.random.default_rng(7)
    return chance.uniform(-0.5, 0.5, (channels, int(seconds * RATE))).astype(np.float32)


def cut(samples, size):
    return [samples[:, first : first + size] for first in range(0, samples.shape[1], size)]


@pytest.mark.parametrize("size", [37, 1600, 80_000])
def test_the_tone_is_the_same_however_the_recording_is_cut(size):
    samples = speech(2.0)
    spans = [CoveredSpan(start=0.5, end=0.9), CoveredSpan(start=0.8, end=1.25)]
    made = np.concatenate(list(cover(cut(samples, size), spans)), axis=1)
    np.testing.assert_allclose(made, next(cover([samples], spans)), atol=1e-6)


def test_nothing_of_the_recording_is_left_in_a_span():
    spans = [CoveredSpan(start=0.5, end=1.0)]
    one, two = (next(cover([block], spans)) for block in (speech(2.0), -speech(2.0)))
    inside = slice(RATE // 2, RATE)
    np.testing.assert_array_equal(one[:, inside], two[:, inside])
    power = np.abs(np.fft.rfft(one[0, inside]))
    assert np.argmax(power) == 500  # 1 kHz in half a second


def test_outside_of_the_edges_nothing_changes():
    samples = speech(2.0)
    made = next(cover([samples], [CoveredSpan(start=0.5, end=1.0)], silence=True))
    assert not made[:, RATE // 2 : RATE].any()
    np.testing.assert_array_equal(made[:, : RATE // 2 - 80], samples[:, : RATE // 2 - 80])
    np.testing.assert_array_equal(made[:, RATE + 81 :], samples[:, RATE + 81 :])


def test_a_channel_alone_and_an_offset():
    samples = speech(1.0, channels=2)
    made = next(cover([samples], [CoveredSpan(start=10.0, end=11.0, channel=2)], silence=True, offset=10.0))
    np.testing.assert_array_equal(made[0], samples[0])
    assert not made[1].any()


@pytest.mark.parametrize("format_name", ["mp3", "wav"])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_files_read_back(tmp_path, format_name, channels):
    path = tmp_path / f"out.{format_name}"
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32) * 0.3
    write_audio(path, cut(np.stack([tone] * channels), 4000), format=format_name)
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert (stream.rate, stream.codec_context.channels) == (RATE, 1 if channels == 3 else channels)
        heard = np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(stream)])
    expected = RATE * (1 if channels == 3 else channels)
    assert expected <= heard.size <= expected * 1.2


def test_a_recording_without_samples_makes_a_file(tmp_path):
    write_audio(tmp_path / "out.wav", [], format="wav")
    assert (tmp_path / "out.wav").stat().st_size > 40


def test_a_place_that_is_not_there(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        write_audio(tmp_path / "no" / "out.wav", [speech(0.1)], format="wav")
