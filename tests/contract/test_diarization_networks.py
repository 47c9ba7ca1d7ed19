"""The cut network is the whole network, and the features are Kaldi's."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from panglot.audio import open_audio
from panglot.diarization import embedding
from panglot.diarization.embedding import VoiceEncoder
from panglot.diarization.fbank import Features, log_mel_bank
from panglot.diarization.plda import VoiceSpace
from panglot.diarization.segmentation import FRAMES, boundary, frame_at
from panglot.errors import WeightsMissingError
from panglot.models import Store

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def folder() -> Path:
    try:
        return Store().path("community-1", offline=True)
    except WeightsMissingError:
        pytest.skip("the weights community-1 are not here (panglot models pull community-1)")


@pytest.fixture(scope="module")
def speech() -> list[Features]:
    """Blocks of two seconds in which a synthetic voice speaks."""
    with open_audio(DATA / "two_languages.flac") as stream:
        samples = np.concatenate(list(stream), axis=1)[0]
    features = log_mel_bank(samples)
    features = (features - features.mean(axis=0)).astype(np.float32)
    return [features[start : start + 200] for start in range(0, len(features) - 199, 200)]


def whole_network(folder: Path, features: Features, mask: np.ndarray) -> np.ndarray:
    whole = onnxruntime.InferenceSession(folder / "embedding.ort", providers=["CPUExecutionProvider"])
    return whole.run(None, {"fbank": features[None], "weights": mask[None].astype(np.float32)})[0][0]


def test_trunk_and_pooling_give_what_the_whole_network_gives(
    folder: Path, speech: list[Features], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "_ranges", dict)  # all in float32
    mask = np.random.default_rng(3).random(25) > 0.4
    encoder = VoiceEncoder(folder / "embedding.ort")

    described = encoder.embed(encoder.trace(speech[0]), mask)

    np.testing.assert_allclose(described, whole_network(folder, speech[0], mask), atol=1e-5)


def test_eight_bits_describe_a_voice_as_the_whole_network_does(folder: Path, speech: list[Features]) -> None:
    encoder = VoiceEncoder(folder / "embedding.ort")
    everywhere = np.ones(25, bool)

    pairs = [
        (encoder.embed(encoder.trace(block), everywhere), whole_network(folder, block, everywhere)) for block in speech
    ]

    alike = [float(mine @ its) / np.linalg.norm(mine) / np.linalg.norm(its) for mine, its in pairs]
    assert len(alike) >= 4
    assert np.median(alike) > 0.98
    assert min(alike) > 0.9


def test_one_frame_is_enough(folder: Path) -> None:
    encoder = VoiceEncoder(folder / "embedding.ort")

    embedding = encoder.embed(np.ones((2560, 3), np.float32), np.array([False, True, False]))

    assert np.isfinite(embedding).all()


def test_the_space_is_ordered_by_what_tells_speakers_apart(folder: Path) -> None:
    space = VoiceSpace(folder)

    assert space(np.ones((2, 256), np.float32)).shape == (2, 128)
    assert (space.spread >= 0).all()
    assert space.spread.max() > 1.0


def test_frames_of_the_segmentation_fill_the_chunk() -> None:
    """Plaquet & Bredin 2023: 589 frames of 991 samples, 270 apart, in 160 000 samples."""
    assert (FRAMES - 1) * 270 + 991 <= 160_000 < FRAMES * 270 + 991
    assert frame_at(495.0) == 0
    assert frame_at(495.0 + 270 * 5) == 5
    assert boundary(1) - boundary(0) == pytest.approx(0.016875)


def test_a_tone_is_loudest_in_the_band_that_kaldi_has_there() -> None:
    """Kaldi: 80 triangles evenly spaced on 1127 ln(1 + f / 700) from 20 Hz to 8 kHz."""

    def mel(hz: float) -> float:
        return 1127 * math.log(1 + hz / 700)

    for hz in (300.0, 1000.0, 3000.0, 7000.0):
        tone = np.sin(2 * np.pi * hz * np.arange(16_000) / 16_000).astype(np.float32)
        place = (mel(hz) - mel(20)) / (mel(8000) - mel(20)) * 81 - 1
        assert abs(log_mel_bank(tone).mean(axis=0).argmax() - place) <= 0.75


def test_features_agree_with_a_peer() -> None:
    peer = pytest.importorskip("kaldi_native_fbank")
    samples = (np.random.default_rng(0).standard_normal(20_000) * 0.1).astype(np.float32)
    options = peer.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.window_type = "hamming"
    options.mel_opts.num_bins = 80
    bank = peer.OnlineFbank(options)
    bank.accept_waveform(16_000, (samples * 32768).tolist())
    bank.input_finished()
    expected = np.array([bank.get_frame(row) for row in range(bank.num_frames_ready)])

    np.testing.assert_allclose(log_mel_bank(samples), expected, atol=1e-3)
