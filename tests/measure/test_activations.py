"""Outputs of layers, of networks whose outputs are arithmetic."""

import keras
import numpy as np
import pytest

from backlit.errors import ModelError
from backlit.measure.activations import BATCH, last_hidden, outputs_of


@pytest.fixture
def tripling():
    """Times 3, then plus 1; the dense layer adds up."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((2,)),
            layers.Rescaling(3.0, name="triple"),
            layers.Dense(1, kernel_initializer="ones", name="sum"),
            layers.Dropout(0.5, name="drop"),
            layers.Dense(1, name="out"),
        ]
    )


def test_outputs_of_a_layer(tripling):
    rows = np.array([[1, 2], [3, 4]], np.float32)
    assert outputs_of(tripling, "triple", rows).tolist() == [[3, 6], [9, 12]]
    assert outputs_of(tripling, "sum", rows).tolist() == [[9], [21]]
    assert outputs_of(tripling, "drop", rows).tolist() == [[9], [21]]  # inference: nothing is dropped


@pytest.mark.parametrize("n", [1, BATCH, BATCH + 1, 2 * BATCH + 7])
def test_every_row_comes_once_however_many(tripling, n):
    rows = np.arange(2 * n, dtype=np.float32).reshape(n, 2)
    assert np.array_equal(outputs_of(tripling, "triple", rows), 3 * rows)


def test_the_last_hidden_layer_stands_before_the_last_weights(tripling):
    assert last_hidden(tripling) == "drop"


def test_mistakes(tripling):
    with pytest.raises(ModelError, match=r"received `triple_`\. Did you mean `triple`"):
        outputs_of(tripling, "triple_", np.ones((1, 2), np.float32))
    with pytest.raises(ModelError, match="a layer before the last one that has weights, received none"):
        last_hidden(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]))


class Unconnected(keras.Model):
    """Does not say how its layers are connected."""

    def __init__(self):
        super().__init__()
        self.first = keras.layers.Dense(2, name="first")

    def call(self, inputs):
        return self.first(inputs)


def test_a_subclassed_model_has_no_outputs_to_tap():
    model = Unconnected()
    model(np.ones((1, 2), np.float32))
    with pytest.raises(ModelError, match="expected a Sequential or Functional model, received `Unconnected`"):
        outputs_of(model, "first", np.ones((1, 2), np.float32))
