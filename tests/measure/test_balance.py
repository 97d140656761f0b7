"""Rows by class and split, and histograms of amounts."""

import numpy as np

from backlit.measure.balance import MOST_CLASSES, MOST_TARGETS, N_BINS, balance
from tests.measure.stand_in import StandIn, rows_of


def found(*given, **more):
    return balance(StandIn(data=rows_of(*given, **more)))


def test_rows_of_each_class_in_each_split():
    counts = found(np.zeros((6, 1)), [0, 0, 0, 1, 0, 1], validation=[2, 3], test=[5], class_names=("cat", "dog"))
    assert [[3, 0], [1, 1], [0, 1]] == counts.counts.tolist()  # rows 0, 1, 4; rows 2, 3; row 5
    assert ["training rows", "validation rows", "test rows"] == [words.en for words in counts.splits]
    assert (("cat", "dog"), 2, False) == (counts.names, counts.n_classes, counts.has_several)


def test_of_many_classes_the_largest_are_named():
    ids = np.repeat(np.arange(30), 1 + np.arange(30))  # class i has i + 1 rows
    counts = found(np.zeros((len(ids), 1)), ids)
    assert (MOST_CLASSES, 30) == (len(counts.names), counts.n_classes)
    assert ("29", 30, "5", 6) == (counts.names[0], counts.counts[0, 0], counts.names[-1], counts.counts[0, -1])


def test_a_row_counts_for_each_of_its_labels():
    labels = np.array([[1, 1], [0, 1], [0, 0]], np.float32)
    counts = found(np.zeros((3, 1)), labels, task="multi-label", class_names=("red", "round"))
    assert ([[1, 2]], True) == (counts.counts.tolist(), counts.has_several)


def test_amounts_have_a_histogram_with_the_same_bins_in_all_splits():
    amounts = np.array([[0.0], [1.0], [6.0], [12.0]], np.float32)  # 12 bins of width 1
    [histogram] = found(np.zeros((4, 1)), amounts, task="regression", test=[3])
    assert list(range(N_BINS + 1)) == histogram.edges.tolist()
    assert [0, 1, 6] == np.flatnonzero(histogram.counts[0]).tolist()
    assert [11] == np.flatnonzero(histogram.counts[1]).tolist()
    assert 0 == histogram.number


def test_several_amounts_are_numbered():
    amounts = np.arange(20, dtype=np.float32).reshape(4, 5)
    histograms = found(np.zeros((4, 1)), amounts, task="regression")
    assert list(range(1, MOST_TARGETS + 1)) == [one.number for one in histograms]
