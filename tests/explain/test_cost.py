"""What a gradient costs: hand numbers, products counted while NumPy computes, and what time says."""

import math

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import DataError
from backlit.explain.ops.dense import Dense

layers = keras.layers
MSE = "mean_squared_error"


def by_layer(found):
    return {one.layer: one for one in found.layers}


def test_two_dense_layers_by_hand():
    """2·3 + 3·1 = 9 forward; weights 9 back, inputs 3·1 (nothing learns before the first): 12; 13 weights."""
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3, "relu", name="a"), layers.Dense(1, name="b")])
    found = explain.cost(model, [1.0, 2.0], [0.5], loss=MSE)
    assert (by_layer(found)["a"].forward, by_layer(found)["a"].backward) == (6, 6)
    assert (by_layer(found)["b"].forward, by_layer(found)["b"].to_weights, by_layer(found)["b"].to_inputs) == (3, 3, 3)
    assert (found.forward, found.backward, found.backpropagation, found.n_weights) == (9, 12, 21, 13)
    assert (found.differences, found.ratio) == (14 * 9, 6.0)
    assert found.elementwise == 3  # three ReLUs
    both = explain.cost(model, [[1.0, 2.0], [3.0, 4.0]], [[0.5], [0.5]], loss=MSE)
    assert (both.n_samples, both.forward, both.backward, both.ratio) == (2, 18, 24, 6.0)


def test_a_convolution_by_hand():
    """4 windows of 2×2×3×5 = 60 products: 240; pooling makes 5 numbers; dense 5·2 = 10; weights 65 + 12."""
    model = keras.Sequential(
        [
            keras.Input((3, 3, 3)),
            layers.Conv2D(5, 2, name="conv"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(),
            layers.Dense(2, name="out"),
        ]
    )
    found = explain.cost(model, np.ones((3, 3, 3)), [0.0, 1.0], loss=MSE)
    assert (by_layer(found)["conv"].forward, by_layer(found)["conv"].backward) == (240, 240)
    assert by_layer(found)["pool"].elementwise == 5
    assert (by_layer(found)["out"].forward, by_layer(found)["out"].backward) == (10, 20)
    assert found.n_weights == 77
    assert found.differences == 78 * 250
    assert "flatten" not in by_layer(found)


def test_a_separable_convolution_by_hand():
    """4 windows: 2×2×3 = 12 products depthwise, 3·5 = 15 pointwise: 48 + 60; the inner gradient is needed: + 60."""
    model = keras.Sequential([keras.Input((3, 3, 3)), layers.SeparableConv2D(5, 2, name="conv")])
    conv = by_layer(explain.cost(model, np.ones((3, 3, 3)), np.ones((2, 2, 5)), loss=MSE))["conv"]
    assert (conv.forward, conv.to_weights, conv.to_inputs) == (108, 108, 60)


def test_a_recurrent_layer_by_hand():
    """6 steps of 2·3 and 3·3: 36 + 54; back through time needs the 54 again, though nothing before it learns."""
    model = keras.Sequential([keras.Input((6, 2)), layers.SimpleRNN(3, name="rnn")])
    rnn = by_layer(explain.cost(model, np.ones((6, 2)), np.ones(3), loss=MSE))["rnn"]
    assert (rnn.forward, rnn.to_weights, rnn.to_inputs) == (90, 90, 54)
    assert rnn.elementwise == 18  # one tanh for each unit and step
    model = keras.Sequential([keras.Input((6, 2)), layers.LSTM(3, name="rnn")])
    assert by_layer(explain.cost(model, np.ones((6, 2)), np.ones(3), loss=MSE))["rnn"].forward == 4 * 90


def test_attention_by_hand():
    """5 places of 6, 2 heads of 4: 3·5·48 in, 5·48 out, scores and mixture 2·5·5·4 each: 720 + 240 + 200 + 200.

    Back: weights 960, inputs of scores and mixture 2·400, of the last sums 240; those of the first are not needed.
    """
    sequence = keras.Input((5, 6))
    model = keras.Model(sequence, layers.MultiHeadAttention(2, 4, name="attention")(sequence, sequence))
    one = by_layer(explain.cost(model, np.ones((5, 6)), np.ones((5, 6)), loss=MSE))["attention"]
    assert (one.forward, one.to_weights, one.to_inputs) == (1360, 960, 1040)
    assert one.elementwise == 2 * 5 * 5  # the shares


def test_frozen_layers_need_no_gradient_of_their_own():
    """Frozen first: neither weights nor inputs. Frozen last: the inputs alone, for the sake of what stands before."""

    def found(first, last):
        parts = [layers.Dense(3, trainable=first, name="a"), layers.Dense(4, trainable=last, name="b")]
        model = keras.Sequential([keras.Input((2,)), *parts])
        costs = by_layer(explain.cost(model, [1.0, 2.0], np.ones(4), loss=MSE))
        return [(costs[name].to_weights, costs[name].to_inputs, costs[name].n_weights) for name in "ab"]

    assert found(True, True) == [(6, 0, 9), (12, 12, 16)]
    assert found(False, True) == [(0, 0, 0), (12, 0, 16)]
    assert found(True, False) == [(6, 0, 9), (0, 12, 0)]


def test_a_shared_layer_works_twice_and_has_its_weights_once():
    shared, start = layers.Dense(4, name="shared"), keras.Input((4,))
    found = explain.cost(keras.Model(start, shared(shared(start))), np.ones(4), np.ones(4), loss=MSE)
    assert (found.forward, found.n_weights) == (32, 20)
    assert (found.layers[0].to_weights, found.layers[0].to_inputs) == (32, 16)


class Counted(np.ndarray):
    """An array that counts the products of its matrix multiplications."""

    n_products = 0

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        plain = [np.asarray(one) for one in inputs]
        if ufunc is np.matmul:
            Counted.n_products += plain[0].size * plain[1].shape[-1]
        return getattr(ufunc, method)(*plain, **kwargs).view(Counted)


def test_the_count_is_what_numpy_multiplies(rng):
    """The second road: every matrix product of the rule itself, counted while it computes."""
    a, kernel = (rng.normal(size=shape).view(Counted) for shape in ((7, 5), (5, 3)))
    Counted.n_products = 0
    _, back = Dense().forward(a, kernel=kernel)
    forward = Counted.n_products
    back(np.ones((7, 3)).view(Counted))
    model = keras.Sequential([keras.Input((4,)), layers.Dense(5), layers.Dense(3, name="last")])
    last = by_layer(explain.cost(model, np.ones((7, 4)), np.ones((7, 3)), loss=MSE))["last"]
    assert forward == last.forward == 7 * 5 * 3
    assert Counted.n_products - forward == last.backward


def test_a_large_network_costs_thousands_of_times_as_much_by_differences():
    model = keras.Sequential([keras.Input((64,)), layers.Dense(64, "relu"), layers.Dense(10)])
    found = explain.cost(model, np.ones(64), np.ones(10), loss=MSE)
    assert found.n_weights == 4810
    assert 4811 / 3 < found.ratio < 4811 / 2  # a gradient costs two to three forward passes


def test_time_agrees_that_differences_are_slow():
    model = keras.Sequential([keras.Input((8,)), layers.Dense(20, "relu"), layers.Dense(4)])
    found = explain.cost(model, np.ones(8), np.ones(4), loss=MSE, timed=True)  # 264 weights
    assert found.seconds.n_timed == 200
    assert found.seconds.differences_s > found.seconds.backprop_s > 0.0
    assert found.seconds.ratio > 10.0
    assert "200 passes timed, the others taken to last as long" in found.say("en")
    small = explain.cost(
        keras.Sequential([keras.Input((2,)), layers.Dense(1)]), [1.0, 2.0], [1.0], loss=MSE, timed=True
    )
    assert small.seconds.n_timed == 4
    assert "(4 passes)" in small.say("en")
    assert "NumPy 实测" in small.say("zh")


def test_a_network_without_products():
    model = keras.Sequential([keras.Input((3,)), layers.ReLU()])
    found = explain.cost(model, np.ones(3), np.ones(3), loss=MSE)
    assert (found.forward, found.n_weights, found.elementwise) == (0, 0, 3)
    assert math.isnan(found.ratio)
    assert "nan forward passes" in found.say("en")


def test_the_table_in_both_languages():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3, "relu", name="a"), layers.Dense(1, name="b")])
    found = explain.cost(model, [1.0, 2.0], [0.5], loss=MSE)
    assert found.say("en").split("\n") == [
        "Multiply-adds for a batch of 1",
        "layer   learnable  forward pass  backward pass  forward differences",
        "a               9             6              6                   84",
        "b               4             3              6                   42",
        "in all         13             9             12                  126",
        "",
        "Backpropagation: one forward and one backward pass, 21 multiply-adds, 2.33 forward passes.",
        "One forward difference for each weight: 14 forward passes, 126 multiply-adds, 6.0 times as many.",
        "Not counted: biases, activation functions, pooling, normalisation, the loss; "
        "a forward pass makes 3 numbers that way.",
    ]
    chinese = found.say("zh").split("\n")
    assert chinese[1].split() == ["层", "可学习", "前向传播", "反向传播", "前向差分"]
    assert "是前者的 6.0 倍" in chinese[-2]


def test_a_sample_that_does_not_fit_is_refused():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    with pytest.raises(DataError, match=r"expected shape \(2,\)"):
        explain.cost(model, [1.0, 2.0, 3.0], [1.0], loss=MSE)
