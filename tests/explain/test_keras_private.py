"""What Keras does not promise to keep: each function of `_keras_private.py` does what its docstring says."""

import jax
import keras
import numpy as np
import pytest

from backlit.explain._keras_private import (
    Place,
    calls_of,
    noted_calls,
    operation_class,
    promoting_float64,
    run_symbolically,
    take_float64,
)
from backlit.explain.float64 import as_float64, in_float64

dense = keras.layers.Dense


def walked(model, place=-1):
    """Each operation's name with the places that go in; the n-th visited puts out place n."""
    visits = []

    def visit(operation, inputs, called):
        assert inputs == tuple(one.number for one in keras.tree.flatten(called.args) if isinstance(one, Place))
        visits.append((operation.name, inputs))
        return len(visits) - 1

    return visits, run_symbolically(model, (place,), visit)


def test_a_sequential_model_is_walked_in_order():
    visits, out = walked(keras.Sequential([keras.Input((2,)), dense(3, name="first"), dense(1, name="second")]))
    assert visits == [("first", (-1,)), ("second", (0,))]
    assert out == 1


def test_a_branch_goes_into_two_operations_and_comes_together_in_order():
    inputs = keras.Input((2,))
    left = dense(3, name="left")(inputs)
    right = dense(3, name="right")(left)
    both = keras.layers.Subtract(name="both")([right, left])
    visits, out = walked(keras.Model(inputs, both))
    assert visits == [("left", (-1,)), ("right", (0,)), ("both", (1, 0))]
    assert out == 2


def test_a_layer_that_is_used_twice_is_visited_twice():
    inputs, shared = keras.Input((2,)), dense(2, name="shared")
    visits, out = walked(keras.Model(inputs, shared(shared(inputs))))
    assert visits == [("shared", (-1,)), ("shared", (0,))]
    assert out == 1


def test_a_model_inside_a_model_is_one_operation_that_can_be_walked_itself():
    inner = keras.Sequential([keras.Input((2,)), dense(2, name="a"), dense(2, name="b")], name="inner")
    outer = keras.Sequential([keras.Input((2,)), inner, dense(1, name="last")])
    visits, _ = walked(outer)
    assert visits == [("inner", (-1,)), ("last", (0,))]
    visits, out = walked(inner, place=7)
    assert visits == [("a", (7,)), ("b", (0,))]
    assert out == 1


def test_an_operation_is_visited_with_the_names_of_its_inputs():
    inputs = keras.Input((3, 2))
    attended = keras.layers.Attention(name="attention")([inputs, dense(2, name="value")(inputs)])
    seen = []

    def visit(operation, inputs, called):
        seen.append((operation.name, inputs, keras.tree.map_structure(lambda place: place.number, called.args)))
        return len(seen) - 1

    run_symbolically(keras.Model(inputs, attended), (-1,), visit)
    assert seen == [("value", (-1,), (-1,)), ("attention", (-1, 0), ([-1, 0],))]


MEAN = [keras.layers.Reshape((3, 1)), keras.layers.GlobalAveragePooling1D()]


@pytest.mark.parametrize(
    "make",
    [
        lambda: dense(3, use_bias=False),
        lambda: keras.Sequential([keras.Input((3,)), dense(3, use_bias=False)]),
    ],
    ids=["layer", "model"],
)
def test_a_copy_in_float64_rounds_neither_its_inputs_nor_a_mean(make):
    """1/3 in float32 is off by 3e-8, and so would be every mean of three that Keras takes."""
    model = keras.Sequential([keras.Input((3,)), make(), *MEAN])
    row = np.array([[1 / 3, 1 / 7, 1 / 9]])
    with in_float64():
        found = np.asarray(as_float64(model, [np.eye(3)]).call(jax.numpy.asarray(row)))
    assert str(found.dtype) == "float64"
    assert abs(found.item() - row.mean()) < 1e-15
    assert keras.config.floatx() == "float32"
    assert keras.ops.mean(keras.ops.ones((2,))).dtype == "float32"


def test_an_operation_of_a_plus_is_found_by_name():
    first = keras.Input((2,))
    model = keras.Model(first, first + first)
    [(operation, before, after)] = calls_of(model)
    assert type(operation) is operation_class("Add")
    assert (before, after) == (((2,), (2,)), ((2,),))


def test_each_use_of_a_layer_comes_with_its_shapes():
    inputs, shared = keras.Input((2, 3)), dense(3, name="shared")
    model = keras.Model(inputs, dense(1, name="last")(shared(shared(inputs))))
    assert [(layer.name, before, after) for layer, before, after in calls_of(model)] == [
        ("shared", ((2, 3),), ((2, 3),)),
        ("shared", ((2, 3),), ((2, 3),)),
        ("last", ((2, 3),), ((2, 1),)),
    ]


def test_calls_are_noted_with_what_stands_before_the_activation_and_no_longer_afterwards():
    """x = 1, −1; identity weights: before ReLU 1, −1, after it 1, 0."""
    layer = dense(2, "relu", use_bias=False, name="noted")
    model = keras.Sequential([keras.Input((2,)), layer])
    layer.set_weights([np.eye(2)])
    row = np.array([[1.0, -1.0]], np.float32)
    with noted_calls([layer]) as calls:
        model(row)
    [call] = calls
    assert call.layer is layer
    assert [np.asarray(values).tolist() for values in (call.inputs, call.before, call.outputs)] == [
        [[1.0, -1.0]],
        [[1.0, -1.0]],
        [[1.0, 0.0]],
    ]
    assert layer.activation is keras.activations.relu
    model(row)
    assert len(calls) == 1


def test_float64_stays_what_it_is_inside_alone():
    with promoting_float64():
        assert keras.backend.result_type("float64", "float64") == "float64"
    assert keras.backend.result_type("float64", "float64") == "float32"


def test_a_model_and_the_models_inside_it_take_float64():
    inner = keras.Sequential([keras.Input((2,)), dense(2)])
    numbers = keras.Input((2,), dtype="int32")
    outer = keras.Model(numbers, inner(keras.layers.Embedding(3, 2)(numbers)))
    take_float64(outer)
    assert outer.inputs[0].dtype == "int32"
    assert inner.inputs[0].dtype == "float64"
