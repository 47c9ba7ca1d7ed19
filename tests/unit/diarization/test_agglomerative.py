import numpy as np
import pytest

from panglot.diarization.agglomerative import agglomerate, renumbered


def cluster(points, linkage="centroid", **options):
    points = np.asarray(points, float).reshape(-1, 1)
    return agglomerate(points, weights=np.ones(len(points)), linkage=linkage, **options).tolist()


def test_what_is_close_is_joined() -> None:
    assert cluster([5.0, 0.0, 0.3, 5.2, 0.1], within=1.0) == [0, 1, 1, 0, 1]


def test_nothing_is_close() -> None:
    assert cluster([0, 2, 4], within=1.0) == [0, 1, 2]


def test_the_distance_is_that_of_centroids() -> None:
    assert cluster([0.0, 1.0, 1.9], within=1.5) == [0, 0, 0]
    assert cluster([0.0, 1.0, 1.9], within=1.4) == [0, 1, 1]


def test_the_number_is_kept() -> None:
    assert cluster([0, 1, 10, 11, 30], least=2) == [0, 0, 0, 0, 1]


def test_ward_keeps_large_clusters_apart() -> None:
    points = [0.0] * 20 + [1.0] * 20 + [3.0]
    assert len(set(cluster(points, linkage="centroid", least=2)[:40])) == 1
    assert len(set(cluster(points, linkage="ward", least=2)[:40])) == 2


def test_a_weight_stands_for_as_many_points() -> None:
    apart = np.array([[0.0], [1.0], [2.4]])
    for weights, expected in (([1.0, 9.0, 1.0], [0, 0, 1]), ([9.0, 1.0, 1.0], [0, 0, 1])):
        labels = agglomerate(apart, weights=np.array(weights), linkage="centroid", within=1.6)
        assert labels.tolist() == (expected if weights[0] == 9.0 else [0, 0, 0])


def test_agrees_with_a_peer_on_numbers() -> None:
    peer = pytest.importorskip("scipy.cluster.hierarchy")
    points = np.random.default_rng(2).standard_normal((60, 4))
    for count in (2, 5, 20):
        labels = agglomerate(points, weights=np.ones(60), linkage="ward", least=count)
        expected = peer.cut_tree(peer.linkage(points, "ward"), count).ravel()
        assert labels.tolist() == renumbered(expected).tolist()


def test_agrees_with_a_peer_on_distances() -> None:
    peer = pytest.importorskip("scipy.cluster.hierarchy")
    points = np.random.default_rng(2).standard_normal((60, 4))
    for within in (0.7, 1.2, 1.6):
        labels = agglomerate(points, weights=np.ones(60), linkage="centroid", within=within)
        expected = peer.fcluster(peer.linkage(points, "centroid"), within, "distance")
        assert 1 < labels.max() < 59
        assert labels.tolist() == renumbered(expected).tolist()


def test_one_point() -> None:
    assert cluster([3.0]) == [0]
