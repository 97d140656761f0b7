"""Out-of-fold predictions and the scores of combined predictions, by hand numbers."""

import math

import numpy as np
import pytest

from backlit.data import Dataset, Splits
from backlit.measure.out_of_fold import out_of_fold
from backlit.measure.scores import class_chances, predicted_classes, scores_of


def data_of(targets, task, **names):
    targets = np.asarray(targets)
    rows = np.arange(len(targets))
    return Dataset(
        "d", np.zeros((len(targets), 1), "float32"), targets, task=task, splits=Splits.of_rows(rows), **names
    )


def test_each_row_gets_the_mean_of_those_who_held_it_out():
    held_out = [
        (np.array([2, 0]), np.array([[0.2, 0.8], [0.4, 0.6]])),
        (np.array([0]), np.array([[0.8, 0.2]])),
    ]
    found = out_of_fold(4, held_out)
    # row 0: (0.4 + 0.8) / 2; row 2: 0.2; rows 1 and 3 were never held out
    assert [[0.6, 0.4], [0.2, 0.8]] == found[[0, 2]].round(9).tolist()
    assert np.isnan(found[[1, 3]]).all()


def test_scores_of_classes():
    data = data_of([0, 1, 1], "classification")
    outputs = np.array([[0.5, 0.5], [0.2, 0.8], [0.9, 0.1]])
    # −(ln 0.5 + ln 0.8 + ln 0.1) / 3; the first is right as the first of equals
    expected = {"loss": -(math.log(0.5) + math.log(0.8) + math.log(0.1)) / 3, "accuracy": 2 / 3}
    assert pytest.approx(expected) == scores_of(outputs, data, np.arange(3))


def test_scores_of_some_rows_only():
    data = data_of([0, 1, 1], "classification")
    assert 0.0 == scores_of(np.array([[0.9, 0.1]]), data, np.array([2]))["accuracy"]


def test_one_output_for_two_classes():
    data = data_of([0, 1], "classification")
    found = scores_of(np.array([[0.25], [0.5]]), data, np.arange(2))
    # chances of the true class: 0.75 and 0.5; at one half it is not yet class 1
    assert pytest.approx(-(math.log(0.75) + math.log(0.5)) / 2) == found["loss"]
    assert 0.5 == found["accuracy"]
    assert [0, 0] == predicted_classes(np.array([[0.25], [0.5]])).tolist()
    assert [[0.75, 0.25]] == class_chances(np.array([[0.25]])).tolist()


def test_a_class_that_was_ruled_out_costs_a_finite_loss():
    data = data_of([0], "classification")
    assert pytest.approx(-math.log(1e-7)) == scores_of(np.array([[0.0, 1.0]]), data, np.arange(1))["loss"]


def test_scores_of_labels():
    data = data_of(np.array([[1, 0], [1, 1]], "float32"), "multi-label")
    outputs = np.array([[0.8, 0.5], [0.4, 0.9]])
    # as they are: 0.8, 0.5, 0.4, 0.9; right: all but the third (0.5 is not above one half)
    expected = -sum(map(math.log, (0.8, 0.5, 0.4, 0.9))) / 4
    assert pytest.approx({"loss": expected, "binary_accuracy": 0.75}) == scores_of(outputs, data, np.arange(2))


def test_scores_of_amounts():
    data = data_of(np.array([[1.0], [3.0]], "float32"), "regression")
    # differences 1 and −2: squares 1 and 4, sizes 1 and 2
    expected = {"loss": 2.5, "mean_absolute_error": 1.5}
    assert pytest.approx(expected) == scores_of(np.array([[2.0], [1.0]]), data, np.arange(2))
