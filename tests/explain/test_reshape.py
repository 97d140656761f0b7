"""The same numbers in other shapes: hand numbers, and every layer against Keras and differences."""

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.explain.ops.reshape import Permute, Reshape
from backlit.explain.ops.written import number
from backlit.formula import readable

layers = keras.layers
BLOCK = np.arange(6.0).reshape(1, 2, 3)  # 0 1 2 / 3 4 5


def test_row_by_row_by_hand():
    value, back = Reshape((-1,)).forward(BLOCK)
    assert value.tolist() == [[0, 1, 2, 3, 4, 5]]
    assert back(2 * value).inputs[0].tolist() == [[[0, 2, 4], [6, 8, 10]]]
    assert Reshape((3, 2)).forward(BLOCK)[0].tolist() == [[[0, 1], [2, 3], [4, 5]]]


def test_axes_in_another_order_by_hand():
    value, back = Permute((2, 1)).forward(BLOCK)
    assert value.tolist() == [[[0, 3], [1, 4], [2, 5]]]
    assert back(2 * value).inputs[0].tolist() == [[[0, 2, 4], [6, 8, 10]]]


@pytest.mark.parametrize(
    ("chain", "shape"),
    [
        ([layers.Permute((2, 3, 1)), layers.Reshape((3, -1)), layers.Permute((2, 1)), layers.Flatten()], (2, 3, 4)),
        ([layers.Flatten(), layers.Reshape((3, 1)), layers.Reshape((1, 3))], (3,)),
    ],
)
def test_they_agree_with_keras_and_with_differences(chain, shape, rng):
    """Dense layers stand before and behind, so that every number has a gradient of its own to bring back."""
    model = keras.Sequential([keras.Input(shape), layers.Dense(shape[-1]), *chain, layers.Dense(2)])
    rows, targets = rng.normal(size=(2, *shape)), rng.normal(size=(2, *model.output_shape[1:]))
    found = explain.backprop(model, rows, targets, loss="mse")
    assert found.agreement.worst_autodiff <= 1e-8
    assert found.agreement.worst_difference <= 1e-5
    assert len(found.say("en", entries=1).split("\n")) == len(found.say("zh", entries=1).split("\n"))


def test_every_entry_is_the_number_that_it_was_or_that_comes_back(rng):
    model = keras.Sequential([keras.Input((2, 3, 4)), layers.Permute((2, 3, 1)), layers.Reshape((4, 6))])
    found = explain.backprop(model, rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 6)), loss="mse", check=False)
    for step in found:
        if step.kind == "value" or step.symbol == r"\frac{\partial C}{\partial x}":
            for place in np.ndindex(step.shape):
                assert step.arithmetic(place) == number(step.value[place])


def test_the_formula_names_the_order():
    assert readable(Permute((3, 1, 2)).formula.replace(r"\OUT", "a").replace(r"\IN", "x")) == "a_(p,q,r) = x_(q,r,p)"
