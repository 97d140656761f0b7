"""Normalisation by the batch, by the sample, and by fixed numbers: by hand, and against Keras."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import ModelError
from backlit.explain.agreement import compare
from backlit.explain.ops.batch_normalisation import BatchNormalisation, MovingNormalisation
from backlit.explain.ops.layer_normalisation import LayerNormalisation, RootMeanSquare
from backlit.explain.ops.standardised import standardise
from tests.explain.agreeing import check, check_arithmetic, sequential

layers = keras.layers


def adapted():
    """A layer that found mean and variance in data: 1 and 3 have mean 2, variance 1."""
    layer = layers.Normalization()
    layer.adapt(np.array([[1.0, 10.0], [3.0, 30.0]], "float32"))
    return layer


MODELS = {
    "batch": lambda: sequential((3,), layers.Dense(4), layers.BatchNormalization(), layers.Dense(2, "tanh")),
    "batch-plain": lambda: sequential(
        (3,), layers.Dense(4), layers.BatchNormalization(scale=False, center=False), layers.Dense(2, "tanh")
    ),
    "batch-first-axis": lambda: sequential(
        (4, 3), layers.BatchNormalization(axis=1, scale=False), layers.TimeDistributed(layers.Dense(2))
    ),
    "batch-of-steps": lambda: sequential((4, 3), layers.Dense(3), layers.BatchNormalization(center=False)),
    "layer": lambda: sequential((3,), layers.Dense(4), layers.LayerNormalization(), layers.Dense(2)),
    "layer-two-axes": lambda: sequential((4, 3), layers.Dense(3), layers.LayerNormalization(axis=[1, 2], center=False)),
    "layer-first-axis": lambda: sequential((4, 3), layers.Dense(3), layers.LayerNormalization(axis=1, scale=False)),
    "root-mean-square": lambda: sequential((3,), layers.Dense(4), layers.RMSNormalization(), layers.Dense(2)),
    "root-mean-square-two-axes": lambda: sequential((4, 3), layers.Dense(3), layers.RMSNormalization(axis=[1, 2])),
    "rescaling": lambda: sequential((2,), layers.Rescaling([0.1, 3.0], offset=-1.0), layers.Dense(2)),
    "fixed": lambda: sequential((2,), layers.Normalization(mean=[0.1, 2.0], variance=[0.3, 4.0]), layers.Dense(2)),
    "fixed-inverted": lambda: sequential(
        (2,), layers.Normalization(axis=None, mean=0.1, variance=0.3, invert=True), layers.Dense(2)
    ),
    "adapted": lambda: sequential((2,), adapted(), layers.Dense(2)),
}


@pytest.mark.parametrize(
    ("name", "training"),
    [*((name, False) for name in MODELS), *((name, True) for name in MODELS if name.startswith("batch"))],
)
def test_gradients_equal_keras_and_every_line_comes_to_its_number(name, training, rng):
    model = MODELS[name]()
    x = rng.normal(1.0, 2.0, size=(5, *model.input_shape[1:]))
    found = check(model, x, rng.normal(size=(5, *model.output_shape[1:])), training=training)
    check_arithmetic(found)


def test_batch_statistics_take_part_in_the_gradient():
    """x = 0, 0, 3: mean 1, variance 2; with ε = 2 the spread is 2 and x̂ = −½, −½, 1.

    d = 1, 0, 0: mean ⅓, mean of d x̂ = −⅙. So ∂C/∂x = (1 − ⅓ − 1/12)/2, (−⅓ − 1/12)/2, (−⅓ + ⅙)/2.
    """
    value, back = BatchNormalisation(epsilon=2.0).forward(np.array([[0.0], [0.0], [3.0]]))
    assert value.tolist() == [[-0.5], [-0.5], [1.0]]
    found = back(np.array([[1.0], [0.0], [0.0]])).inputs[0]
    assert found.ravel() == pytest.approx([7 / 24, -5 / 24, -2 / 24])


def test_a_shift_of_the_whole_batch_changes_nothing():
    """So the bias in front of batch normalisation has the gradient 0, and does not learn."""
    x = np.array([[0.3], [-1.0], [2.0]])
    values = [BatchNormalisation().forward(x + shift)[0] for shift in (0.0, 7.0)]
    assert values[0] == pytest.approx(values[1])
    back = BatchNormalisation().forward(x)[1]
    assert back(np.array([[1.0], [-2.0], [5.0]])).inputs[0].sum() == pytest.approx(0.0, abs=1e-15)


def test_a_gradient_of_zero_is_compared_with_what_cancelled(rng):
    """Rounding errors are no disagreement, and a wrong gradient beside them still is one."""
    model = MODELS["batch"]()
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    found = check(model, x, y, training=True)
    place = found.graph.nodes[0].given["bias"]
    slopes: list[Any] = list(found.slopes.given)
    assert np.abs(slopes[place]).max() < 1e-15
    wrong = [one if i != place else one + 1e-6 for i, one in enumerate(slopes)]
    settings = {"targets": y, "loss": "mean_squared_error"}
    agreement = compare(model, found.graph, found.trace, replace(found.slopes, given=tuple(wrong)), **settings)
    assert not agreement.holds


def test_moving_averages_are_constants_by_hand():
    """(5 − 1) / √(3 + 1) = 2; 3 × 2 + 1 = 7; ∂/∂x = 3 / 2; ∂/∂γ = 2."""
    weights = {"moving_mean": [1.0], "moving_variance": [3.0], "gamma": [3.0], "beta": [1.0]}
    arrays = {name: np.array(numbers) for name, numbers in weights.items()}
    value, back = MovingNormalisation(epsilon=1.0).forward(np.array([[5.0]]), **arrays)
    found = back(np.array([[1.0]]))
    assert value.item() == 7.0
    assert found.inputs[0].item() == 1.5
    assert {name: gradient.item() for name, gradient in found.weights.items()} == {"gamma": 2.0, "beta": 1.0}


def test_moving_averages_move_as_in_keras(rng):
    model = sequential((3,), layers.BatchNormalization(momentum=0.9))
    x = rng.normal(2.0, 3.0, size=(8, 3))
    graph = explain.forward(model, x, training=True).graph
    operation, given = graph.nodes[0].operation, graph.given
    assert [given[place].path.split("/")[-1] for place in operation.moving] == ["moving_mean", "moving_variance"]
    mean, variance = operation.moved(x, mean=np.zeros(3), variance=np.ones(3))
    model(x.astype("float32"), training=True)
    assert np.asarray(model.layers[0].moving_mean.value) == pytest.approx(mean, rel=1e-6)
    assert np.asarray(model.layers[0].moving_variance.value) == pytest.approx(variance, rel=1e-6)


def test_a_frozen_layer_uses_its_moving_averages_even_while_training(rng):
    model = sequential((3,), layers.Dense(3), layers.BatchNormalization(), layers.Dense(2))
    model.layers[1].trainable = False
    found = check(model, rng.normal(size=(4, 3)), rng.normal(size=(4, 2)), training=True)
    assert isinstance(found.graph.nodes[1].operation, MovingNormalisation)


def test_layer_normalisation_by_hand():
    """Row 1, 3: mean 2; with ε = 3 the spread is 2: x̂ = −½, ½. d = γ g = 2, 0: mean 1, mean of d x̂ = −½.

    ∂C/∂x = (2 − 1 − ¼)/2, (0 − 1 + ¼)/2. Each sample by itself: the row of zeros changes nothing.
    """
    x, gamma = np.array([[1.0, 3.0], [0.0, 0.0]]), np.array([2.0, 1.0])
    value, back = LayerNormalisation(epsilon=3.0).forward(x, gamma=gamma, beta=np.array([0.0, 10.0]))
    assert value.tolist() == [[-1.0, 10.5], [0.0, 10.0]]
    found = back(np.array([[1.0, 0.0], [0.0, 0.0]]))
    assert found.inputs[0].tolist() == [[0.375, -0.375], [0.0, 0.0]]
    assert found.weights["gamma"].tolist() == [-0.5, 0.0]
    assert found.weights["beta"].tolist() == [1.0, 0.0]


def test_root_mean_square_by_hand():
    """Row 1, 7: √(50 / 2) = 5. d = 5, 0: mean of d x/r = ½ · 5 · ⅕ = ½; ∂C/∂x = (5 − ½ · ⅕)/5, (−½ · 7/5)/5."""
    operation = RootMeanSquare(epsilon=0.0)
    value, back = operation.forward(np.array([[1.0, 7.0]]), scale=np.array([5.0, 1.0]))
    assert value.tolist() == [[1.0, 1.4]]
    found = back(np.array([[1.0, 0.0]]))
    assert found.inputs[0].ravel() == pytest.approx([0.98, -0.14])
    assert found.weights["scale"].tolist() == [0.2, 0.0]


def test_equal_numbers_are_not_divided_by_zero():
    found = standardise(np.full((3, 1), 4.0), (0,), epsilon=0.25)
    assert found.values.tolist() == [[0.0]] * 3
    assert found.spread.item() == 0.5


def test_adapted_layers_use_what_they_found():
    """(3 − 2) / 1 and (10 − 20) / 10."""
    assert explain.forward(sequential((2,), adapted()), [3.0, 10.0]).output.tolist() == [[1.0, -1.0]]


@pytest.mark.filterwarnings("ignore:You passed `rms_scaling=True`")
@pytest.mark.parametrize(
    ("make", "received"),
    [
        (lambda: layers.BatchNormalization(renorm=True), "received `renorm=True`"),
        (lambda: layers.LayerNormalization(rms_scaling=True), r"received `LayerNormalization\(rms_scaling=True\)`"),
    ],
)
def test_forms_that_are_not_read_are_refused(make, received):
    with pytest.raises(ModelError, match=received):
        explain.forward(sequential((3,), make()), np.zeros(3))
