"""Clusters of rows whose groups are plain to see."""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.data import from_arrays, load
from backlit.errors import SettingError

THREE = np.array([[0, 0], [0, 1], [10, 0], [10, 1], [0, 10], [1, 10], [0, 11]], np.float32)


def test_groups_that_lie_apart_are_found_and_counted():
    found = bl.cluster(THREE, k=3)
    assert found.labels.tolist() == [2, 2, 1, 1, 0, 0, 0] or found.labels.tolist() == [1, 1, 2, 2, 0, 0, 0]
    assert np.bincount(found.labels).tolist() == [3, 2, 2]  # the largest first
    assert found.centres[0] == pytest.approx([1 / 3, 31 / 3])
    assert found.scores.columns == ["k", "inertia", "silhouette", "smallest"]
    # sums of squares: 0.5, 0.5, and of (0,10) (1,10) (0,11): 2/3 + 2/3
    assert found.scores["inertia"][0] == pytest.approx(0.5 + 0.5 + 4 / 3)
    assert found.contingency is None
    assert found.purity is None


def test_the_silhouette_chooses_how_many():
    found = bl.cluster(THREE, k=range(2, 6))
    assert found.k == 3
    assert found.scores["k"].to_list() == [2, 3, 4, 5]
    assert found.silhouette == found.scores["silhouette"].max()
    assert any("chosen by the silhouette among 2, 3, 4, 5" in str(line) for line in found.lines())


def test_other_rows_go_to_the_nearest_centre():
    found = bl.cluster(THREE, k=3)
    assert found.assign(THREE).tolist() == found.labels.tolist()
    assert found.assign(np.array([[9.0, 3.0]]))[0] == found.labels[2]


def test_classes_judge_and_are_not_told():
    classes = np.array([0, 0, 1, 1, 1, 1, 1])
    data = from_arrays(THREE, classes)
    found = bl.cluster(data, k=3)
    assert found.purity == 1
    assert found.largest_class == pytest.approx(5 / 7)
    assert found.contingency.select("0", "1").sum().row(0) == (2, 5)
    other = bl.cluster(from_arrays(THREE, 1 - classes), k=3)
    assert found.labels.tolist() == other.labels.tolist()


def test_a_split_is_clustered_and_others_are_left_out():
    data = load("iris")
    assert len(bl.cluster(data, k=3).labels) == data.splits.sizes[0]
    found = bl.cluster(data, k=3, split="test")
    assert found.rows.tolist() == data.splits.test.tolist()
    assert len(bl.cluster(data, k=3, split="all").labels) == len(data)


def test_a_hidden_layer_is_clustered():
    data = load("iris")
    model = keras.Sequential([keras.layers.Dense(4, "relu", name="hidden"), keras.layers.Dense(3, "softmax")])
    run = bl.fit(model, data, epochs=1, save=False, verbose=False)
    found = bl.cluster(run, k=2)
    assert found.on == "hidden"
    assert found.centres.shape == (2, 4)
    assert found.labels.tolist() == bl.cluster(run, on="hidden", k=2).labels.tolist()
    assert bl.cluster(run, on="inputs", k=2).centres.shape == (2, 4)
    assert np.array_equal(found.assign(data.train[0]), found.labels)


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (THREE, {"k": 1}, "whole numbers from 2, below the number of rows, 7, received 1"),
        (THREE, {"k": 7}, "received 7"),
        (THREE, {"k": [2, 2.5]}, r"received \[2, 2.5\]"),
        (THREE, {"on": "hidden"}, "received `hidden`. Give a Run"),
        (THREE, {"split": "train_"}, "received `train_`. Did you mean `train`"),
        (THREE.astype(int), {"k": 2}, "whole numbers of type int32, as token ids are"),
    ],
)
def test_mistakes(source, options, message):
    with pytest.raises(SettingError, match=message):
        bl.cluster(source, **options)


def test_an_empty_split_is_a_mistake():
    data = from_arrays(THREE, np.array([0, 0, 1, 1, 1, 1, 1]))
    with pytest.raises(SettingError, match="rows in the split `test`, received none"):
        bl.cluster(data, k=2, split="test")
