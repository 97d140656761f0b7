import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as by_sklearn
from sklearn.metrics import precision_score, recall_score

from backlit.errors import DataError
from backlit.measure import confusion_matrix, most_frequent_mistakes, precision, recall


def test_rows_are_true_and_columns_are_predicted():
    """Class 0 has three rows: one found, two called 1. Class 1 has one row, called 2. Class 2 has none."""
    matrix = confusion_matrix(np.array([0, 0, 0, 1]), np.array([0, 1, 1, 2]), n_classes=3)
    assert [[1, 2, 0], [0, 0, 1], [0, 0, 0]] == matrix.tolist()


def test_recall_and_precision():
    """Recall: 8 of 10 and 9 of 10. Precision: 8 of 9 and 9 of 11."""
    matrix = np.array([[8, 2], [1, 9]])
    assert [8 / 10, 9 / 10] == recall(matrix).tolist()
    assert [8 / 9, 9 / 11] == precision(matrix).tolist()


def test_a_class_without_rows_has_no_recall_and_one_that_was_never_given_no_precision():
    matrix = np.array([[2, 1, 0], [0, 0, 0], [1, 0, 0]])
    np.testing.assert_array_equal([2 / 3, np.nan, 0.0], recall(matrix))
    np.testing.assert_array_equal([2 / 3, 0.0, np.nan], precision(matrix))


def test_against_scikit_learn(rng):
    targets, predicted = rng.integers(0, 6, (2, 500))
    matrix = confusion_matrix(targets, predicted, n_classes=6)
    assert by_sklearn(targets, predicted, labels=range(6)).tolist() == matrix.tolist()
    np.testing.assert_allclose(recall_score(targets, predicted, average=None), recall(matrix))
    np.testing.assert_allclose(precision_score(targets, predicted, average=None), precision(matrix))


def test_mistakes_come_most_frequent_first_and_without_those_that_never_happened():
    matrix = np.array([[9, 0, 2], [5, 9, 0], [2, 0, 9]])
    found = most_frequent_mistakes(matrix, n=9)
    assert [(1, 0, 5), (0, 2, 2), (2, 0, 2)] == [(each.true, each.predicted, each.n_rows) for each in found]
    assert len(most_frequent_mistakes(matrix, n=1)) == 1


def test_ids_that_are_no_classes_are_refused():
    with pytest.raises(DataError, match=r"labels 0\.\.2 .*received 3 at 1 places, first at index 1"):
        confusion_matrix(np.array([0, 1]), np.array([0, 3]), n_classes=3)
    with pytest.raises(DataError, match=r"`targets` 2, `predicted` 1"):
        confusion_matrix(np.array([0, 1]), np.array([0]), n_classes=3)
