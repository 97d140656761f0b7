"""A few training rows."""

import numpy as np

from backlit.measure.preview import MOST_PICTURES, preview
from tests.measure.stand_in import StandIn, rows_of


def found(*given, **more):
    return preview(StandIn(data=rows_of(*given, **more)))


def test_the_first_training_rows_of_each_class():
    ids = [0, 1, 0, 1, 0, 1, 0, 1, 0]
    few = found(np.arange(9.0)[:, None], ids, class_names=("a", "b"), test=[0])
    assert [2, 4, 6, 1, 3, 5] == [told.row for told in few.told]
    assert ("a", "a", "a", "b", "b", "b") == few.labels


def test_pictures_of_many_classes_are_one_each_and_at_most_thirty():
    ids = np.repeat(np.arange(40), 2)
    pictures = np.zeros((80, 8, 8, 1), np.float32) + ids[:, None, None, None]
    few = found(pictures, ids)
    assert (MOST_PICTURES, 8, 8, 1) == few.pictures.pixels.shape
    assert [str(i) for i in range(30)] == list(few.labels)
    assert () == few.told


def test_amounts_run_from_the_smallest_to_the_largest():
    amounts = np.arange(11, dtype=np.float32)[::-1, None]
    few = found(np.zeros((11, 1)), amounts, task="regression")
    assert ("0", "2", "4", "6", "8", "10") == few.labels
    assert few.has_amounts


def test_labels_are_all_named():
    labels = np.array([[1, 1], [0, 0]], np.float32)
    few = found(np.zeros((2, 1)), labels, task="multi-label", class_names=("red", "round"))
    assert ("red, round", "–") == few.labels


def test_without_training_rows_there_is_nothing_to_show():
    assert found(np.zeros((2, 1)), [0, 1], train=[], test=[0, 1]) is None
