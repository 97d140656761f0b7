"""Layers measured on one batch, by numbers that can be redone by hand."""

import keras
import numpy as np
import pytest

from backlit.measure import measure_layers
from backlit.measure.layers import N_ROWS, parameter_formula


@pytest.fixture
def doubling():
    """x → 2x by a Dense layer without bias, trained on mean squared error."""
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer=keras.initializers.Constant(2.0), name="double")
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile(optimizer="sgd", loss="mse")
    return model


def test_activation_and_gradient_are_those_of_the_batch(doubling):
    """Inputs 1, 3 give 2, 6: mean 4, spread 2. Loss mean((wx)²): gradient mean(2wx²) = (4 + 36) / 2 = 20 at w = 2."""
    inputs = np.array([[1.0], [3.0]], "float32")
    [row] = measure_layers(doubling, inputs, np.zeros((2, 1), "float32"))
    assert (row.name, row.kind, row.output_shape) == ("double", "Dense", (1,))
    assert (row.activation_mean, row.activation_std) == (4.0, 2.0)
    assert row.gradient_norm == pytest.approx(20.0)
    assert (row.n_params, row.formula) == (1, "1×1 = 1")


def test_only_the_first_rows_are_looked_at(doubling):
    inputs = np.ones((N_ROWS + 50, 1), "float32")
    inputs[N_ROWS:] = 1e6
    [row] = measure_layers(doubling, inputs, np.zeros((N_ROWS + 50, 1), "float32"))
    assert row.activation_mean == 2.0


def test_the_model_is_left_as_it_was(doubling):
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.BatchNormalization(), keras.layers.Dropout(0.5), doubling_head()]
    )
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    before = [np.asarray(variable.value) for variable in model.variables]
    inputs = np.arange(32, dtype="float32").reshape(8, 4)
    first = measure_layers(model, inputs, np.ones((8, 1), "float32"))
    assert first == measure_layers(model, inputs, np.ones((8, 1), "float32"))
    for old, variable in zip(before, model.variables, strict=True):
        assert np.array_equal(old, np.asarray(variable.value))
    assert [row.formula for row in first] == ["4 + 4 + 4 + 4 = 16", "0", "4×1 + 1 = 5"]
    assert first[1].gradient_norm is None


def doubling_head():
    return keras.layers.Dense(1)


def test_frozen_layers_have_parameters_and_no_gradient(doubling):
    doubling.layers[0].trainable = False
    doubling.compile(optimizer="sgd", loss="mse")
    [row] = measure_layers(doubling, np.ones((2, 1), "float32"), np.zeros((2, 1), "float32"))
    assert (row.n_params, row.gradient_norm) == (1, None)


def test_a_subclassed_model_shows_parameters_and_gradients():
    class Small(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(2)

        def call(self, x):
            return self.dense(x)

    model = Small()
    model.compile(optimizer="sgd", loss="mse")
    inputs = np.ones((4, 3), "float32")
    model(inputs)
    [row] = measure_layers(model, inputs, np.ones((4, 2), "float32"))
    assert (row.output_shape, row.activation_mean, row.formula) == (None, None, "3×2 + 2 = 8")
    assert row.gradient_norm is not None
    assert row.gradient_norm > 0


def test_a_layer_used_twice_shows_its_first_use():
    shared = keras.layers.Dense(2, name="shared")
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1, name="last")(shared(shared(inputs))))
    model.compile(optimizer="sgd", loss="mse")
    rows = measure_layers(model, np.ones((4, 2), "float32"), np.ones((4, 1), "float32"))
    assert [(row.name, row.output_shape) for row in rows] == [("shared", (2,)), ("last", (1,))]


def test_tokens_are_read_as_whole_numbers():
    model = keras.Sequential(
        [
            keras.Input((3,), dtype="int32"),
            keras.layers.Embedding(5, 2),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(2, "softmax"),
        ]
    )
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
    rows = measure_layers(model, np.array([[0, 1, 2], [3, 4, 0]]), np.array([0, 1]))
    assert [row.output_shape for row in rows] == [(3, 2), (2,), (2,)]


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([], "0"),
        ([(4,)], "4"),
        ([(2, 3), (3,)], "2×3 + 3 = 9"),
        ([()], "1"),
        ([(3, 3, 16, 32), (32,)], "3×3×16×32 + 32 = 4640"),
    ],
)
def test_the_formula_adds_up(shapes, expected):
    assert parameter_formula(shapes) == expected
