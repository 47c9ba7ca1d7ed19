"""The spectrogram is the one that the weights were trained with: a peer and the scale's own definition agree."""

import numpy as np
import pytest

from panglot.audio import log_mel, open_audio
from panglot.audio.features import mel_filters


def signals():
    rng = np.random.default_rng(5)
    time = np.arange(16_000 * 4) / 16_000
    yield "noise", rng.standard_normal(16_000 * 15) * 0.1
    yield "quiet noise", rng.standard_normal(16_000 * 3 + 77) * 1e-4
    yield "chirp", 0.8 * np.sin(2 * np.pi * (50 * time + 900 * time**2))
    yield "clicks", (np.arange(40_000) % 1600 == 0) * 1.0
    yield "silence", np.zeros(16_000)


@pytest.mark.parametrize("bands", [80, 128])
@pytest.mark.parametrize(("name", "samples"), list(signals()), ids=[name for name, _ in signals()])
def test_agrees_with_a_peer(name, samples, bands):
    peer = pytest.importorskip("faster_whisper.feature_extractor").FeatureExtractor(feature_size=bands)
    samples = samples.astype(np.float32)
    assert np.abs(log_mel(samples, mel_bands=bands) - peer(samples, padding=0)).max() < 1e-4


def test_agrees_with_a_peer_on_speech(speech_set):
    peer = pytest.importorskip("faster_whisper.feature_extractor").FeatureExtractor()
    with open_audio(speech_set / "en" / "jfk.flac") as stream:
        samples = np.concatenate(list(stream), axis=1)[0]
    assert np.abs(log_mel(samples) - peer(samples, padding=0)).max() < 1e-4


def test_the_filters_are_on_slaneys_scale():
    """Slaney 1998: steps of 66.7 Hz below 1 kHz, of a 27th of log 6.4 above, so 8 kHz is mel 45.2456."""
    filters = mel_filters(80)
    mels = np.arange(1, 81) * 45.245640471924965 / 81
    centres = np.where(mels < 15, mels * 200 / 3, 1000 * 6.4 ** ((mels - 15) / 27))
    peaks = filters.argmax(axis=1) * 40.0
    assert np.abs(peaks - centres).max() <= 20.0 + 1e-6
