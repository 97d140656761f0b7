"""Rows by class and split, and histograms of amounts."""

from typing import Any

import numpy as np
import pytest

from backlit.measure.balance import MOST_BINS, MOST_CLASSES, MOST_TARGETS, balance
from tests.measure.stand_in import StandIn, rows_of


def found(*given, **more) -> Any:
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
    amounts = np.array([[0.0], [1.0], [6.0], [12.0]], np.float32)  # 12 / 20 is more than 0.5: bins of width 1
    [histogram] = found(np.zeros((4, 1)), amounts, task="regression", test=[3])
    assert list(range(13)) == histogram.edges.tolist()
    assert [0, 1, 6] == np.flatnonzero(histogram.counts[0]).tolist()
    assert [11] == np.flatnonzero(histogram.counts[1]).tolist()
    assert 0 == histogram.number


def test_several_amounts_are_numbered():
    amounts = np.arange(20, dtype=np.float32).reshape(4, 5)
    histograms = found(np.zeros((4, 1)), amounts, task="regression")
    assert list(range(1, MOST_TARGETS + 1)) == [one.number for one in histograms]


@pytest.mark.parametrize(
    ("amounts", "edges"),
    [
        ([0.25, 3.46], [0.2, 0.4, 3.4, 3.6]),  # 3.21 / 20 = 0.16
        ([-1.0, 1.5], [-1.0, -0.8, 1.4, 1.6]),
        ([7.0, 7.0], [6.5, 7.5, 6.5, 7.5]),
        ([0.1, 0.3], [0.1, 0.11, 0.29, 0.3]),
        ([3000.0, 71000.0], [0.0, 5000.0, 70000.0, 75000.0]),
    ],
)
def test_borders_of_bins_are_round_numbers_and_no_row_is_lost(amounts, edges):
    [histogram] = found(np.zeros((2, 1)), np.array(amounts)[:, None], task="regression")
    np.testing.assert_allclose(edges, histogram.edges[[0, 1, -2, -1]], atol=1e-9)
    assert len(histogram.edges) <= MOST_BINS + 1
    assert 2 == histogram.counts.sum()


def test_an_amount_that_is_no_number_is_not_counted():
    [histogram] = found(np.zeros((3, 1)), np.array([[1.0], [2.0], [np.nan]]), task="regression")
    assert 2 == histogram.counts.sum()
