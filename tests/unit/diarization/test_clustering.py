"""Voices drawn at random, with weights of the space drawn at random too."""

from pathlib import Path

import numpy as np
import pytest

from panglot.diarization import SpeakerBounds
from panglot.diarization.clustering import find_voices, similarities
from panglot.diarization.plda import VoiceSpace
from panglot.diarization.stretches import Stretches
from panglot.errors import WeightsCorruptError, WeightsMissingError

SHAPES = {
    "xvec_mean1": ("<f8", 256),
    "xvec_lda": ("<f4", 256 * 128),
    "xvec_mean2": ("<f4", 128),
    "plda_mu": ("<f8", 128),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("space")
    for name, (dtype, size) in SHAPES.items():
        np.zeros(size, dtype).tofile(folder / name)
    np.eye(256, 128, dtype="<f4").tofile(folder / "xvec_lda")
    (np.eye(128, dtype="<f8") * 3).tofile(folder / "plda_tr")
    np.full(128, 8.0, "<f8").tofile(folder / "plda_psi")
    return folder


@pytest.fixture(scope="module")
def space(folder) -> VoiceSpace:
    return VoiceSpace(folder)


def draw(counts, *, spread=0.4, seed=3):
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(counts)), counts)
    means = rng.standard_normal((len(counts), 128))
    rows = means[truth] + spread * rng.standard_normal((len(truth), 128))
    order = rng.permutation(len(truth))
    return np.pad(rows, ((0, 0), (0, 128)))[order].astype(np.float32), truth[order]


def stretches(embeddings, seconds=2.0):
    return Stretches(embeddings=embeddings, seconds=np.full(len(embeddings), seconds))


@pytest.mark.parametrize("seconds", [1.0, 10.0], ids=["short", "long"])
@pytest.mark.parametrize("counts", [[40], [30, 20], [20] * 12], ids=["one", "two", "twelve"])
def test_each_speaker_is_found(space, seconds, counts) -> None:
    embeddings, truth = draw(counts)

    voices, warning = find_voices(stretches(embeddings, seconds), space=space, bounds=SpeakerBounds())

    found = similarities(embeddings, voices).argmax(axis=1)
    assert warning is None
    assert len(voices) == len(counts)
    assert len(set(zip(found, truth, strict=True))) == len(counts)


@pytest.mark.parametrize("wanted", [1, 2, 5])
def test_an_exact_number_is_kept(space, wanted) -> None:
    embeddings, _ = draw([20, 20, 20])

    voices, warning = find_voices(
        stretches(embeddings), space=space, bounds=SpeakerBounds(minimum=wanted, maximum=wanted)
    )

    assert (len(voices), warning) == (wanted, None)


def test_more_than_there_can_be(space) -> None:
    embeddings, _ = draw([2, 1])

    voices, warning = find_voices(stretches(embeddings), space=space, bounds=SpeakerBounds(minimum=4))

    assert len(voices) == 3
    assert warning is not None
    assert "4 or more" in warning


def test_one_stretch(space) -> None:
    embeddings, _ = draw([1])

    voices, _ = find_voices(stretches(embeddings, 0.3), space=space, bounds=SpeakerBounds())

    np.testing.assert_allclose(similarities(embeddings, voices), [[1.0]], atol=1e-6)


@pytest.mark.parametrize(("others", "speakers"), [(90, 2), (110, 1)])
def test_in_a_long_recording_a_cough_is_nobody(space, others, speakers) -> None:
    embeddings, _ = draw([others, 1])

    voices, _ = find_voices(stretches(embeddings), space=space, bounds=SpeakerBounds())

    assert len(voices) == speakers


def test_a_word_founds_nobody_beside_longer_speech(space) -> None:
    embeddings, _ = draw([1, 1, 1])
    seconds = np.array([9.0, 1.2, 9.0])

    voices, _ = find_voices(Stretches(embeddings=embeddings, seconds=seconds), space=space, bounds=SpeakerBounds())

    assert len(voices) == 2


def test_who_varies_is_one_person(space) -> None:
    embeddings, _ = draw([60, 60], spread=0.9)

    voices, _ = find_voices(stretches(embeddings, 5.0), space=space, bounds=SpeakerBounds())

    assert len(voices) == 2


def test_many_stretches_are_clustered_in_parts(space) -> None:
    embeddings, truth = draw([1500, 1200, 40])

    voices, _ = find_voices(stretches(embeddings), space=space, bounds=SpeakerBounds())

    found = similarities(embeddings, voices).argmax(axis=1)
    assert len(voices) == 3
    assert len(set(zip(found, truth, strict=True))) == 3


def test_the_space_is_checked(folder, tmp_path) -> None:
    for name in ("xvec_mean1", "xvec_lda", "xvec_mean2", "plda_mu", "plda_tr"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(WeightsMissingError, match="plda_psi"):
        VoiceSpace(tmp_path)
    (tmp_path / "plda_psi").write_bytes(b"1234")
    with pytest.raises(WeightsCorruptError, match="plda_psi"):
        VoiceSpace(tmp_path)
