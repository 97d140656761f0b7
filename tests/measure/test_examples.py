"""Rows to look at."""

import numpy as np

from backlit.measure.examples import as_pictures, examples_of, few_training_rows
from tests.measure.stand_in import StandIn, rows_of


def numbered(n, **splits):
    return rows_of(
        np.arange(n, dtype="float32")[:, None], [i % 2 for i in range(n)], class_names=("no", "yes"), **splits
    )


def test_test_rows_come_first_evenly_spread():
    found = examples_of(StandIn(data=numbered(10, validation=[1], test=[3, 5, 7, 9, 2])), 3)
    assert ("test", [2, 5, 9]) == (found.split, found.rows.tolist())
    assert [[2.0], [5.0], [9.0]] == found.inputs.tolist()
    assert ("no", "yes", "yes") == found.names
    assert [0, 1, 1] == found.targets.tolist()


def test_without_test_rows_validation_and_then_training_rows():
    assert "validation" == examples_of(StandIn(data=numbered(4, validation=[1]))).split
    assert "train" == examples_of(StandIn(data=numbered(4))).split
    assert 4 == len(examples_of(StandIn(data=numbered(4)), 99).rows)


def test_amounts_have_no_names():
    data = rows_of([[1.0], [2.0]], [[0.5], [0.7]], task="regression")
    assert ("",) == examples_of(StandIn(data=data)).names


def test_some_training_rows_and_all_others():
    data = numbered(10, validation=[0], test=[9])
    few = few_training_rows(data, most=3)
    assert (3, [0], [9]) == (len(few.splits.train), few.splits.validation.tolist(), few.splits.test.tolist())
    assert set(few.splits.train) < set(range(1, 9))
    assert few.splits.train.tolist() == few_training_rows(data, most=3).splits.train.tolist()
    assert few_training_rows(data, most=8) is data


def test_pictures_get_a_channel():
    assert (2, 6, 6, 1) == as_pictures(np.zeros((2, 6, 6))).shape
    assert (2, 6, 6, 3) == as_pictures(np.zeros((2, 6, 6, 3))).shape
    assert as_pictures(np.zeros((2, 36))) is None
    assert as_pictures(np.zeros((2, 6, 6, 7))) is None
