"""The plane of two features: probabilities on a grid, rows on it, units of the data."""

import numpy as np
import pytest

from backlit.data import Preparation
from backlit.measure.plane import MOST_POINTS, RESOLUTION, plane
from tests.measure.stand_in import StandIn, rows_of

INPUTS = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]], np.float32)


def right_half(rows):
    """Class 1 where the first feature is above zero."""
    is_right = (rows[:, :1] > 0).astype(np.float32)
    return np.concatenate([1 - is_right, is_right], 1)


def test_the_network_is_asked_everywhere_and_unseen_rows_lie_on_the_plane():
    data = rows_of(INPUTS, [0, 1, 0, 1], test=[1, 2], class_names=("left", "right"), feature_names=("a", "b"))
    found = plane(StandIn(data=data, predict=right_half))
    assert (RESOLUTION, RESOLUTION, 2) == found.chances.shape
    # A tenth of the range of 2 on either side; the left half is class 0, the right one class 1.
    np.testing.assert_allclose([-1.2, 1.2], found.x[[0, -1]], atol=1e-6)
    assert [[1.0, 0.0], [0.0, 1.0]] == found.chances[0, [0, -1]].tolist()
    assert ([[1.0, 0.0], [0.0, -1.0]], [1, 0]) == (found.points.tolist(), found.classes.tolist())
    assert (("a", "b"), "test rows", False) == (found.names, found.split_words.en, found.is_prepared)


def test_standardised_columns_are_shown_in_their_own_units():
    preparation = Preparation(np.array([10.0, 20.0]), np.array([2.0, 5.0]))
    data = rows_of(INPUTS, [0, 1, 0, 1], preparation=preparation, coded=preparation.undo(INPUTS))
    found = plane(StandIn(data=data, predict=right_half))
    # -1.2 and 1.2 spreads of 2 around 10, and of 5 around 20
    np.testing.assert_allclose([7.6, 12.4, 14.0, 26.0], [*found.x[[0, -1]], *found.y[[0, -1]]], atol=1e-5)
    np.testing.assert_allclose([8.0, 20.0], found.points[0])
    assert not found.is_prepared


def test_of_many_rows_some_are_shown():
    inputs = np.random.default_rng(0).normal(size=(MOST_POINTS + 50, 2)).astype(np.float32)
    found = plane(StandIn(data=rows_of(inputs, inputs[:, 0] > 0), predict=right_half))
    assert MOST_POINTS == len(found.points) == len(np.unique(found.points, axis=0))
    assert found.classes.tolist() == (found.points[:, 0] > 0).astype(int).tolist()


@pytest.mark.parametrize(
    ("inputs", "task"),
    [
        (np.zeros((4, 3), np.float32), "classification"),
        (np.zeros((4, 2), np.int32), "classification"),
        (INPUTS, "regression"),
    ],
)
def test_it_takes_two_amounts_and_classes(inputs, task):
    targets = np.arange(4.0, dtype=np.float32)[:, None] if task == "regression" else [0, 1, 0, 1]
    assert plane(StandIn(data=rows_of(inputs, targets, task=task), predict=right_half)) is None
