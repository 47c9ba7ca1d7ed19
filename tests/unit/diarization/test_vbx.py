import numpy as np

from panglot.diarization.vbx import vbx

SPREAD = np.linspace(20.0, 0.1, 128)


def draw(counts, seed=1):
    rng = np.random.default_rng(seed)
    means = rng.standard_normal((len(counts), 128)) * np.sqrt(SPREAD)
    truth = np.repeat(np.arange(len(counts)), counts)
    return means[truth] + rng.standard_normal((len(truth), 128)), truth


def test_each_point_goes_to_its_speaker_and_what_is_too_many_fades() -> None:
    points, truth = draw([60, 50, 70])
    first = truth * 3 + np.arange(len(truth)) % 3

    belief = vbx(points, weights=np.ones(len(points)), spread=SPREAD, labels=first)

    found = belief.argmax(axis=1)
    assert belief.shape[1] == 3
    assert len(set(zip(found, truth, strict=True))) == 3
    np.testing.assert_allclose(belief.sum(axis=1), 1.0, atol=1e-6)


def test_one_speaker_stays_one() -> None:
    points, _ = draw([80])

    belief = vbx(points, weights=np.ones(80), spread=SPREAD, labels=np.arange(80) % 4)

    assert belief.shape[1] == 1


def test_a_weight_stands_for_as_many_points() -> None:
    points, truth = draw([10, 10])

    weighted = vbx(points, weights=np.full(20, 5.0), spread=SPREAD, labels=truth)
    repeated = vbx(np.repeat(points, 5, axis=0), weights=np.ones(100), spread=SPREAD, labels=np.repeat(truth, 5))

    np.testing.assert_allclose(weighted, repeated[::5], atol=1e-9)
