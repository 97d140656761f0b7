"""Numbers about clusters, against arithmetic."""

import numpy as np
import pytest

from backlit.measure.clusters import MOST_SILHOUETTE_ROWS, contingency, purity, silhouette


def test_counts_of_each_cluster_in_each_class():
    clusters, classes = np.array([0, 0, 0, 2]), np.array([1, 1, 0, 2])
    expected = [[1, 2, 0], [0, 0, 0], [0, 0, 1]]  # cluster 1 is empty
    assert expected == contingency(clusters, classes, n_clusters=3, n_classes=3).tolist()


def test_purity_gives_each_cluster_to_its_most_frequent_class():
    # 3 of 4 and 2 of 2 rows are right: 5 / 6
    assert purity(np.array([[3, 1], [0, 2]])) == pytest.approx(5 / 6)
    assert purity(np.array([[1, 0], [0, 1]])) == 1


def test_silhouette_by_hand():
    points = np.array([[0.0], [1.0], [10.0], [11.0]])
    # rows 0 and 3: own 1, other (10 + 11) / 2: 1 - 1 / 10.5; rows 1 and 2: own 1, other (9 + 10) / 2: 1 - 1 / 9.5
    expected = 1 - (1 / 10.5 + 1 / 9.5) / 2
    assert silhouette(points, np.array([0, 0, 1, 1])) == pytest.approx(expected)
    assert silhouette(points, np.array([0, 1, 0, 1])) < 0


def test_silhouette_of_one_cluster_or_of_single_rows_is_not_a_number():
    points = np.array([[0.0], [1.0], [2.0]])
    assert np.isnan(silhouette(points, np.zeros(3, int)))
    assert np.isnan(silhouette(points, np.arange(3)))


def test_silhouette_draws_from_many_rows_and_repeats_itself(rng):
    points = rng.normal(size=(2 * MOST_SILHOUETTE_ROWS, 1))
    clusters = (points[:, 0] > 0).astype(int)
    first = silhouette(points, clusters)
    assert first == silhouette(points, clusters)
    assert first != silhouette(points, clusters, seed=1)
