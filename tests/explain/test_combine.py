"""Where branches meet: by hand, against Keras, and what the steps say about gradients with several parts."""

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import ModelError
from backlit.explain.ops.combine import Concatenated, Largest, Mean, Product, Sum
from backlit.explain.steps import with_symbols
from tests.explain.agreeing import check, check_arithmetic, functional

layers, ops = keras.layers, keras.ops


def branches(x, n):
    return [layers.Dense(4, "tanh")(x) for _ in range(n)]


MODELS = {
    "add": lambda x: layers.Add()(branches(x, 3)),
    "add-itself": lambda x: layers.Add()([x, x]),
    "subtract": lambda x: layers.Subtract()(branches(x, 2)),
    "average": lambda x: layers.Average()(branches(x, 3)),
    "multiply": lambda x: layers.Multiply()(branches(x, 3)),
    "square": lambda x: layers.Multiply()([layers.Dense(4)(x)] * 2),
    "maximum": lambda x: layers.Maximum()(branches(x, 3)),
    "minimum": lambda x: layers.Minimum()(branches(x, 2)),
    "concatenate": lambda x: layers.Concatenate()([*branches(x, 2), x]),
    "repeated": lambda x: layers.Multiply()([layers.Dense(1)(x), layers.Dense(4)(x)]),
    "around": lambda x: layers.Dense(2)(x + layers.Dense(3, "relu")(x)),
    "written": lambda x: (1 - layers.Dense(4)(x) * layers.Dense(4)(x)) / 3.0 - 2 * layers.Dense(4)(x),
    "negative": lambda x: -layers.Dense(4)(x) + np.array([1.0, 2.0, 3.0, 4.0]),
    "largest": lambda x: ops.maximum(*branches(x, 2)),
}


@pytest.mark.parametrize("name", MODELS)
def test_gradients_equal_keras_and_every_line_comes_to_its_number(name, rng):
    model = functional((3,), MODELS[name])
    found = check(model, rng.normal(size=(4, 3)), rng.normal(size=(4, *model.output_shape[1:])))
    check_arithmetic(found)


@pytest.mark.parametrize(
    "wire",
    [
        lambda x: ops.mean(layers.Dense(2)(x), axis=1),
        lambda x: ops.mean(layers.Dense(2)(x), axis=[1, -1], keepdims=True),
        lambda x: layers.Concatenate(axis=1)([x, layers.Dense(3)(x)]),
    ],
)
def test_sequences_equal_keras(wire, rng):
    model = functional((4, 3), wire)
    check_arithmetic(check(model, rng.normal(size=(2, 4, 3)), rng.normal(size=(2, *model.output_shape[1:]))))


def test_values_and_gradients_by_hand():
    """a = 2, b = 3, c = 5; the gradient at the output is 7."""
    numbers, slope = [np.array([[number]]) for number in (2.0, 3.0, 5.0)], np.array([[7.0]])
    cases = {
        Sum((1.0, 1.0, 1.0)): (10.0, [7.0, 7.0, 7.0]),
        Product(3): (30.0, [15 * 7.0, 10 * 7.0, 6 * 7.0]),
        Largest(3): (5.0, [0.0, 0.0, 7.0]),
        Largest(3, is_smallest=True): (2.0, [7.0, 0.0, 0.0]),
    }
    for operation, (expected, parts) in cases.items():
        value, back = operation.forward(*numbers)
        assert value.item() == expected
        assert [part.item() for part in back(slope).inputs] == parts


def test_a_repeated_input_gets_the_sum_of_its_uses():
    """(2) beside (1, 3, 5): products 2, 6, 10; ∂/∂2 = 1 · 1 + 3 · 1 + 5 · 1 = 9."""
    value, back = Product().forward(np.array([[2.0]]), np.array([[1.0, 3.0, 5.0]]))
    assert value.tolist() == [[2.0, 6.0, 10.0]]
    assert [part.tolist() for part in back(np.ones((1, 3))).inputs] == [[[9.0]], [[2.0, 2.0, 2.0]]]


def test_equal_numbers_share_the_gradient_and_lie_on_a_kink():
    _, back = Largest().forward(np.array([[1.0]]), np.array([[1.0]]))
    assert [part.item() for part in back(np.array([[1.0]])).inputs] == [0.5, 0.5]
    before, at = (Largest().pieces(np.array([[x]]), np.array([[1.0]])).tolist() for x in (0.9, 1.0))
    assert before != at


def test_concatenated_parts_go_back_to_their_own():
    _, back = Concatenated(n_inputs=2).forward(np.zeros((1, 2)), np.zeros((1, 1)))
    assert [part.tolist() for part in back(np.array([[1.0, 2.0, 3.0]])).inputs] == [[[1.0, 2.0]], [[3.0]]]


def test_a_mean_shares_the_gradient_out():
    value, back = Mean((1,)).forward(np.array([[[1.0], [3.0]]]))
    assert value.tolist() == [[2.0]]
    assert back(np.array([[1.0]])).inputs[0].tolist() == [[[0.5], [0.5]]]


def test_the_road_around_a_layer_is_a_part_of_the_gradient(rng):
    found = check(functional((3,), MODELS["around"]), rng.normal(size=(1, 3)), rng.normal(size=(1, 2)))
    parts = [step for step in found if r"\vert" in step.symbol]
    around = {node.layer for node in found.graph.nodes if -1 in node.inputs}
    assert {part.words.say("en") for part in parts} == {f"part of the gradient, by way of {name}" for name in around}
    total = next(step for step in found if step.uses == tuple(part.number for part in parts))
    assert total.value == pytest.approx(sum(part.value for part in parts))


def test_symbols_reach_every_input_of_many():
    letters = {r"\OUT": "y", r"\IN": "a", r"\INB": "b", r"\INC": "c"}
    assert with_symbols(Sum((1.0,) * 3).formula, letters) == "y = a + b + c"


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (r"\OUT_j = \KERNEL_{kj} \IN_k + \BIAS_j", "z_j = w_{kj} x_k"),
        (r"\OUT_c = \GAMMA_c \frac{\IN_c}{s} + \BETA_c \\ s = 1", r"z_c = \frac{x_c}{s} \\ s = 1"),
        (r"\OUT = \Phi(\IN)", r"z = \Phi(x)"),
    ],
)
def test_weights_that_a_layer_does_not_have_leave_its_formula(formula, expected):
    assert with_symbols(formula, {r"\OUT": "z", r"\IN": "x", r"\KERNEL": "w"}) == expected


def test_a_dense_layer_without_bias_can_be_shown(rng):
    check(functional((3,), lambda x: layers.Dense(2, use_bias=False)(x)), rng.normal(size=(2, 3)), np.zeros((2, 2)))


@pytest.mark.parametrize(
    ("wire", "received"),
    [
        (lambda x: layers.Add()([layers.GlobalAveragePooling1D()(x), x]), "received `inputs with 2 and 3 axes`"),
        (lambda x: x / (x + 2.0), "received `a / b`"),
        (lambda x: 1.0 / x, r"received `TrueDivide\(1.0, a\)`"),
        (lambda x: x + layers.Dense(3).kernel_initializer((4, 3)), "a fixed number"),
        (lambda x: ops.mean(x), "axes without the batch's"),
    ],
)
def test_forms_that_are_not_read_are_refused(wire, received):
    with pytest.raises(ModelError, match=received):
        explain.forward(functional((3, 3) if "axes`" in received else (4, 3), wire), np.ones((4, 3)))
