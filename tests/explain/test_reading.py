"""Reading Keras models: what is read, in which symbols, and what is refused, by name."""

import re

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import DataError, ModelError
from backlit.explain.reading import read_model

layers = keras.layers


class Own(keras.Model):
    """A model whose code nobody can read."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1)

    def call(self, inputs):
        return self.dense(inputs)


class Doubled(keras.layers.Layer):
    """A layer that nobody knows."""

    def call(self, inputs):
        return inputs * 2.0


class Halved(keras.layers.Layer):
    """Another one."""

    def call(self, inputs):
        return inputs / 2.0


def sequential(*chain, shape=(3,), **settings):
    return keras.Sequential([keras.Input(shape), *chain], **settings)


def test_layers_are_numbered_and_named_in_the_order_of_computing():
    model = sequential(layers.Dense(4, "relu"), layers.Dropout(0.5), layers.Dense(2, "softmax"))
    assert [node.symbol for node in read_model(model).nodes] == ["z^{(1)}", "a^{(1)}", "a^{(2)}", "z^{(3)}", "a^{(3)}"]


def test_a_model_inside_a_model_is_read_layer_by_layer(rng):
    inner = sequential(layers.Dense(3, "tanh", name="a"), layers.Dense(3, name="b"), name="inner")
    model = sequential(layers.Dense(3, name="first"), inner, layers.Dense(1, name="c"))
    rows = rng.normal(size=(2, 3))
    found = explain.forward(model, rows)
    assert [node.layer for node in found.graph.nodes] == ["first", "a", "a", "b", "c"]
    assert found.output == pytest.approx(np.asarray(model(rows)), abs=1e-6)


def test_a_layer_that_is_used_twice_has_one_set_of_weights(rng):
    inputs, shared = keras.Input((3,)), layers.Dense(3, "tanh", name="shared")
    model = keras.Model(inputs, shared(shared(inputs)))
    found = explain.backprop(model, rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), loss="mse")
    assert len(found.gradients) == 2
    assert found.agreement.worst_autodiff <= 1e-8


def test_all_layers_that_are_not_known_are_named():
    model = sequential(Doubled(name="double"), layers.Dense(2), Halved(name="half"), name="mixed")
    both = r"received also `double` \(Doubled\), `half` \(Halved\)"
    with pytest.raises(ModelError, match=rf"Explaining `mixed`: expected layers of these kinds: .*, Dense, .*{both}"):
        explain.forward(model, np.zeros(3))


def test_an_activation_of_ones_own_is_refused():
    model = sequential(layers.Dense(2, activation=lambda x: x * 2, name="own"))
    with pytest.raises(ModelError, match=r"layer `own`: expected one of the activation functions linear, .*<lambda>"):
        explain.forward(model, np.zeros(3))


@pytest.mark.parametrize(
    ("make", "received"),
    [
        (lambda: keras.Sequential([layers.Dense(1)]), "a model that is not built yet"),
        (Own, "`Own`, whose code cannot be read"),
    ],
)
def test_a_model_that_cannot_be_read_is_refused(make, received):
    with pytest.raises(ModelError, match=f"a built Sequential or functional model .*, received {received}"):
        explain.forward(make(), np.zeros(3))


def test_a_model_with_two_inputs_is_refused():
    first, second = keras.Input((3,)), keras.Input((3,))
    model = keras.Model([first, second], layers.Add()([first, second]))
    with pytest.raises(ModelError, match="with one input and one output, received 2 inputs and 1 outputs"):
        explain.forward(model, np.zeros(3))


def test_a_model_without_a_loss_is_refused():
    with pytest.raises(ModelError, match="expected a loss, received a model that is not compiled"):
        explain.backprop(sequential(layers.Dense(1)), np.zeros(3), [0.0])


@pytest.mark.parametrize(
    ("loss", "received"),
    [
        ("mean_absolute_percentage_error", "received `mean_absolute_percentage_error`"),
        (keras.losses.Huber(delta=2.0), "received `huber` with {'delta': 2.0}"),
        (lambda y, p: y - p, "received `<lambda>`"),
    ],
)
def test_a_loss_that_is_not_known_is_refused(loss, received):
    with pytest.raises(ModelError, match=f"expected one of the losses binary_crossentropy, .*{received}"):
        explain.backprop(sequential(layers.Dense(1)), np.zeros(3), [0.0], loss=loss)


@pytest.mark.parametrize("name", ["kernel", "bias", "activity"])
def test_a_penalty_is_refused(name):
    model = sequential(layers.Dense(1, name="punished", **{f"{name}_regularizer": "l2"}))
    with pytest.raises(ModelError, match=f"received a `{name}_regularizer` in the layer `punished`"):
        explain.backprop(model, np.zeros(3), [0.0], loss="mse")


@pytest.mark.parametrize(
    ("targets", "loss", "expected"),
    [
        ([1.0, 2.0], "mse", r"as many numbers as the network puts out, \(1, 3\), received \(1, 2\): \[1.0, 2.0\]"),
        (["a", "b", "c"], "mse", r"received \(1, 3\): \['a', 'b', 'c'\]"),
        (3, "sparse_categorical_crossentropy", r"classes 0\.\.2, received \(1,\): \[3\]"),
        (-1, "sparse_categorical_crossentropy", r"classes 0\.\.2, received \(1,\): \[-1\]"),
        ([0, 1], "sparse_categorical_crossentropy", r"classes 0\.\.2, received \(1, 2\): \[0, 1\]"),
    ],
)
def test_targets_that_do_not_fit_are_refused(targets, loss, expected):
    with pytest.raises(DataError, match=f"Reading the targets for the loss `.*`: expected .*{expected}"):
        explain.backprop(sequential(layers.Dense(3, "softmax")), np.zeros(3), targets, loss=loss)


@pytest.mark.parametrize("sample", [np.zeros(2), np.zeros((2, 4)), np.zeros((0, 3)), np.zeros((1, 1, 3)), 1.0])
def test_a_sample_of_another_shape_is_refused(sample):
    expected = f"expected shape (3,), or several of them, received shape {np.shape(sample)}"
    with pytest.raises(DataError, match=re.escape(expected)):
        explain.forward(sequential(layers.Dense(1)), sample)


def test_supported_layers_are_those_that_are_read():
    names = explain.supported_layers()
    assert names == sorted(set(names))
    assert {"Conv2D", "SeparableConv1D", "MaxPooling2D", "Flatten", "Dense"} <= set(names)
