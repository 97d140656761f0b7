"""Who is sure of what, against arithmetic."""

import numpy as np
import pytest

from backlit.measure.pseudo_labels import filled_rows, sure_rows

CHANCES = np.array([[0.90, 0.10], [0.97, 0.03], [0.20, 0.80], [0.99, 0.01], [0.95, 0.05], [0.60, 0.40]])


def test_rows_above_the_threshold_get_the_likeliest_class():
    places, classes = sure_rows(CHANCES, threshold=0.8, is_balanced=False)
    assert places.tolist() == [0, 1, 2, 3, 4]
    assert classes.tolist() == [0, 0, 1, 0, 0]
    assert len(sure_rows(CHANCES, threshold=1.0, is_balanced=False)[0]) == 0


def test_balance_keeps_the_surest_of_a_class_that_gives_more_than_the_median():
    # 4 of class 0, 1 of class 1: the median is 2.5, so 2 of class 0, the surest: rows 3 and 1
    places, classes = sure_rows(CHANCES, threshold=0.8, is_balanced=True)
    assert places.tolist() == [1, 2, 3]
    assert classes.tolist() == [0, 1, 0]


def test_balance_lets_one_row_through_where_most_classes_give_none():
    chances = np.array([[0.9, 0.05, 0.05], [0.95, 0.03, 0.02]])  # 2, 0, 0: the median is 0
    assert sure_rows(chances, threshold=0.8, is_balanced=True)[0].tolist() == [1]


def test_a_network_that_diverged_is_sure_of_nothing():
    assert len(sure_rows(np.full((3, 2), np.nan), threshold=0.0, is_balanced=True)[0]) == 0


def test_labelled_rows_come_in_turn_until_it_is_full():
    assert filled_rows(np.array([4, 7]), np.array([1]), size=6).tolist() == [1, 4, 7, 4, 7, 4]
    assert filled_rows(np.array([4]), np.array([1, 2]), size=3).tolist() == [1, 2, 4]
    with pytest.raises(AssertionError, match="bug in backlit: no room for the rows"):
        filled_rows(np.array([4]), np.array([1, 2]), size=2)
