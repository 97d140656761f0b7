"""What Keras does not promise to keep is still there, and does what the engine relies on."""

import operator

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from backlit.engine import _keras_private as private
from backlit.engine.adapted import copy_adapted, restore_adapted, written_adapted
from tests.engine.populations import dense


def test_compile_arguments_are_the_live_objects():
    loss, optimizer, metric = keras.losses.MeanSquaredError(), keras.optimizers.Adam(), keras.metrics.MeanSquaredError()
    model = dense()
    model.compile(optimizer, loss, loss_weights=0.5, metrics=[metric], weighted_metrics=["mae"])
    given = private.compile_arguments(model)
    assert loss is given["loss"]
    assert optimizer is given["optimizer"]
    assert 0.5 == given["loss_weights"]
    assert metric is given["metrics"][0]
    assert ["mae"] == list(given["weighted_metrics"])


def test_in_mixed_precision_the_optimiser_is_the_one_that_scales_the_loss():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.dtype_policy = "mixed_float16"
    model.compile("sgd", "mse")
    assert isinstance(private.compile_arguments(model)["optimizer"], keras.optimizers.LossScaleOptimizer)


def test_the_compiled_loss_leaves_penalties_out():
    # Predictions 1 and 3 for targets 0 and 1 with weights 1 and 0.5: (1 · 1 + 0.5 · 4) / 2; the penalty is 0.01 · 2².
    layer = keras.layers.Dense(1, kernel_regularizer="l2", kernel_initializer=keras.initializers.Constant(2.0))
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile("sgd", "mse")
    targets, predictions = jnp.array([[0.0], [1.0]]), jnp.array([[1.0], [3.0]])
    assert 1.5 == private.compiled_loss(model, targets, predictions, jnp.array([1.0, 0.5]))
    assert model.losses


def test_the_initialiser_of_each_variable_is_recorded_while_asked_for():
    with private.recorded_initializers() as made_by:
        layer = keras.layers.Dense(3, kernel_initializer="he_normal", bias_initializer=keras.initializers.Constant(2.0))
        layer.build((None, 2))
    assert isinstance(made_by[id(layer.kernel)], keras.initializers.HeNormal)
    assert isinstance(made_by[id(layer.bias)], keras.initializers.Constant)
    n_before = len(made_by)
    keras.layers.Dense(3).build((None, 2))
    assert n_before == len(made_by)


def test_zeros_stand_for_draws_that_come_later():
    with private.recorded_initializers(draws=False) as made_by:
        dense = keras.layers.Dense(2, bias_initializer="ones")
        dense.build((None, 3))
    assert 0 == np.abs(dense.kernel).max()
    assert [1, 1] == np.asarray(dense.bias).tolist()
    assert isinstance(made_by[id(dense.kernel)], keras.initializers.GlorotUniform)


def test_recording_ends_with_an_error_too():
    original = keras.Variable._initialize_with_initializer
    with pytest.raises(ValueError, match="stop"), private.recorded_initializers():
        raise ValueError("stop")
    assert original is keras.Variable._initialize_with_initializer


def test_a_python_lambda_is_written_and_read_inside_trusted_code_only():
    layer = keras.layers.Lambda(lambda x: x * 2)
    with private.trusted_code():
        copy = keras.layers.Lambda.from_config(layer.get_config())
        config = layer.get_config()
    assert 6 == int(copy(np.array(3)))
    with pytest.raises(ValueError, match="disallowed by default"):
        keras.layers.Lambda.from_config(config)


def test_variables_of_metrics_and_optimiser_are_made_without_a_step():
    model = dense(4, optimizer="adam", metrics=["accuracy"])
    before = model.get_weights()
    private.build_compiled(model, np.zeros((2, 6), "float32"), np.zeros(2, "int32"))
    assert model.optimizer.built
    # Two kernels and two biases with two moments each, the rate and the count of steps.
    assert 4 * 2 + 2 == len(model.optimizer.variables)
    assert 4 == len(model.metrics_variables), "sum and count of the loss and of the accuracy"
    assert 0 == int(model.optimizer.iterations.value)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_the_rate_is_a_variable_of_the_optimiser_unless_a_schedule_computes_it():
    optimizer = keras.optimizers.SGD(0.25)
    assert 0.25 == float(private.rate_variable(optimizer).value)
    optimizer.build([])
    assert any(private.rate_variable(optimizer) is variable for variable in optimizer.variables)
    wrapped = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5))
    assert 0.5 == float(private.rate_variable(wrapped).value)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    assert private.rate_variable(keras.optimizers.SGD(schedule)) is None


def test_variables_that_start_as_copies_of_weights_are_found():
    weights = [keras.Variable(np.full(3, 2.0, "float32")), keras.Variable(np.full(2, 5.0, "float32"))]
    optimizer = keras.optimizers.ScheduleFreeAdamW()
    optimizer.build(weights)
    pairs = private.weight_copies(optimizer)
    assert [0, 1] == [weight for _, weight in pairs]
    for place, weight in pairs:
        assert np.array_equal(optimizer.variables[place].value, weights[weight].value)
    other = keras.optimizers.Adam()
    other.build(weights)
    assert [] == private.weight_copies(other)


def test_the_operations_of_a_graph_are_its_layers_and_the_functions_between_them():
    inputs = keras.Input((4,))
    dense = keras.layers.Dense(2)
    graph = keras.Model(inputs, keras.ops.mean(dense(inputs), axis=0))
    names = [type(operation).__name__ for operation in private.graph_operations(graph) or []]
    assert ["InputLayer", "Dense", "Mean"] == names
    assert [dense] == private.graph_operations(keras.Sequential([inputs, dense]))

    class Own(keras.Sequential):
        pass

    assert private.graph_operations(Own([inputs, dense])) is None


def test_operations_are_replaced_for_a_while():
    inputs = np.ones((1, 4, 4, 1), "float32")
    originals = private.backend_operations(("max_pool",))
    layer = keras.layers.MaxPooling2D()
    with private.replaced_operations({"max_pool": lambda *_, **__: jnp.full((1, 2, 2, 1), 7.0)}):
        assert 7.0 == float(layer(inputs)[0, 0, 0, 0])
    assert 1.0 == float(layer(inputs)[0, 0, 0, 0])
    assert originals == private.backend_operations(("max_pool",))


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow])
def test_a_traced_number_computes_like_the_number(operation):
    @jax.jit
    def compute(value):
        number = private.TracedNumber(value)
        return operation(number, 3.0), operation(3.0, number), operation(number, jnp.array([2.0])), -number

    left, right, array, negative = compute(jnp.float32(0.5))
    assert operation(0.5, 3.0) == pytest.approx(float(left))
    assert operation(3.0, 0.5) == pytest.approx(float(right))
    assert operation(0.5, 2.0) == pytest.approx(float(array[0]))
    assert -0.5 == float(negative)


def test_a_traced_number_answers_what_keras_asks_as_a_number_above_zero_would():
    @jax.jit
    def ask(value):
        number = private.TracedNumber(value)
        assert number
        assert number != 0
        assert number == number
        assert number > 0
        assert number >= 0
        assert not number < 0
        assert not number <= 0
        assert {number: 1}[number]
        return jnp.asarray(number) + 1.0

    assert 1.5 == float(ask(jnp.float32(0.5)))


def test_what_a_layer_has_adapted_to_is_copied_and_written():
    def model():
        return keras.Sequential([keras.Input((2,)), keras.layers.Normalization(), keras.layers.Dense(1)])

    given, copied, restored = model(), model(), model()
    given.layers[0].adapt(np.array([[1.0, 0.0], [5.0, 4.0]]))  # means 3 and 2, variances 4
    copy_adapted(given, copied)
    restore_adapted(restored, written_adapted(given))
    for one in (copied, restored):
        np.testing.assert_allclose(one.layers[0](np.array([[5.0, 4.0]])), [[1.0, 1.0]], rtol=1e-6)
    assert [[3.0, 2.0], [4.0, 4.0]] == written_adapted(given)[0][:2]


def test_the_loop_over_time_is_replaced_for_a_while():
    layer = keras.layers.LSTM(2)
    inputs = np.ones((1, 3, 2), "float32")
    before = layer(inputs)
    asked = []

    def loop(original, layer, *args, **kwargs):
        asked.append(layer)
        last, outputs, states = original(layer, *args, **kwargs)
        return last + 1.0, outputs, states

    with private.replaced_loops(loop):
        np.testing.assert_allclose(layer(inputs), np.asarray(before) + 1.0 + 1.0)
    # LSTM's own method hands over to RNN's on a CPU: both are replaced.
    assert [layer, layer] == asked
    np.testing.assert_array_equal(before, layer(inputs))


def test_outputs_are_tapped_by_layer_and_call_and_only_inside():
    shared = keras.layers.Dense(2, kernel_initializer="ones")
    inputs = keras.Input((2,))
    model = keras.Model(inputs, shared(keras.layers.Flatten()(shared(inputs))))
    x = np.ones((1, 2), "float32")
    with private.tapped_outputs([shared], {(0, 0): jnp.full((1, 2), 10.0)}) as outputs:
        result = model(x)
    # Ones: 2 and 2, plus 10 each: 12 and 12; so 24 and 24.
    assert {(0, 0): [[12.0, 12.0]], (0, 1): [[24.0, 24.0]]} == {call: value.tolist() for call, value in outputs.items()}
    assert [[24.0, 24.0]] == result.tolist()
    assert [[4.0, 4.0]] == model(x).tolist(), "nothing is added afterwards"


def test_a_mask_passes_a_tapped_layer():
    model = keras.Sequential([keras.layers.Embedding(3, 2, mask_zero=True), keras.layers.LSTM(2)])
    rows = np.array([[1, 2, 0], [2, 0, 0]])
    expected = np.asarray(model(rows))
    with private.tapped_outputs(model.layers, {}):
        np.testing.assert_array_equal(expected, np.asarray(model(rows)))
