"""The last hidden layer's outputs on two directions."""

import keras
import numpy as np
import pytest

from backlit.measure.embedded import MOST_ROWS, embedding, principal_plane
from tests.measure.stand_in import StandIn, rows_of


def network(*, units=2):
    layers = keras.layers
    hidden = layers.Dense(units, kernel_initializer="identity", name="hidden")
    return keras.Sequential([keras.Input((2,)), hidden, layers.Dense(2, name="out")])


def chances(rows):
    return np.full((len(rows), 2), 0.5)


def test_most_of_the_spread_lies_along_the_first_direction():
    # Sums of squares 4² + 4² = 32 and 2² + 2² = 8 of 40.
    found = principal_plane(np.array([[4.0, 0.0], [-4.0, 0.0], [0.0, 2.0], [0.0, -2.0]]))
    assert found is not None
    points, shares = found
    np.testing.assert_allclose([0.8, 0.2], shares)
    np.testing.assert_allclose([4.0, 4.0, 0.0, 0.0], np.abs(points[:, 0]), atol=1e-12)


@pytest.mark.parametrize(
    "outputs", [np.zeros((5, 3)), np.ones((5, 1)), np.eye(2), np.array([[np.nan, 1.0], [0.0, 1.0], [2.0, 3.0]])]
)
def test_what_has_no_plane(outputs):
    assert principal_plane(outputs) is None


def test_unseen_rows_go_through_the_last_hidden_layer():
    inputs = np.array([[9, 9], [4, 0], [-4, 0], [0, 2], [0, -2]], np.float32)
    data = rows_of(inputs, [0, 0, 0, 1, 1], test=[1, 2, 3, 4])
    found = embedding(StandIn(data=data, predict=chances, model=network()))
    np.testing.assert_allclose((0.8, 0.2), found.shares, rtol=1e-5)
    assert ("hidden", [0, 0, 1, 1], (4, 2)) == (found.layer, found.classes.tolist(), found.points.shape)


def test_of_many_rows_a_thousand_are_projected():
    inputs = np.random.default_rng(0).normal(size=(MOST_ROWS + 10, 2)).astype(np.float32)
    found = embedding(StandIn(data=rows_of(inputs, inputs[:, 0] > 0), predict=chances, model=network()))
    assert MOST_ROWS == len(found.points) == len(found.classes)


def test_without_a_hidden_layer_there_is_nothing_to_show():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    data = rows_of(np.eye(4, 2, dtype=np.float32), [0, 1, 0, 1])
    assert embedding(StandIn(data=data, predict=chances, model=model)) is None
