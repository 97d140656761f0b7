"""The CPU loops equal Keras's own: values, gradients of inputs and weights, states. The rest is left to Keras."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from backlit.engine.recurrent import fast_loops

L = keras.layers
COVERED = {
    "lstm": lambda: L.LSTM(3),
    "lstm-sequences": lambda: L.LSTM(3, return_sequences=True),
    "lstm-states": lambda: L.LSTM(3, return_sequences=True, return_state=True),
    "lstm-backwards": lambda: L.LSTM(3, return_sequences=True, return_state=True, go_backwards=True),
    "lstm-without-bias": lambda: L.LSTM(3, use_bias=False),
    "lstm-dropout": lambda: L.LSTM(3, dropout=0.4, seed=1),
    "gru": lambda: L.GRU(3),
    "gru-states": lambda: L.GRU(3, return_sequences=True, return_state=True),
    "gru-backwards": lambda: L.GRU(3, return_sequences=True, return_state=True, go_backwards=True),
    "gru-without-bias": lambda: L.GRU(3, use_bias=False),
    "simple": lambda: L.SimpleRNN(3),
    "simple-states": lambda: L.SimpleRNN(3, return_sequences=True, return_state=True, go_backwards=True),
    "rnn-of-a-cell": lambda: L.RNN(L.LSTMCell(3), return_sequences=True),
    "bidirectional": lambda: L.Bidirectional(L.LSTM(3, return_sequences=True)),
    "bidirectional-gru": lambda: L.Bidirectional(L.GRU(3, return_state=True)),
}
NOT_COVERED = {
    "relu": lambda: L.LSTM(3, activation="relu"),
    "hard-sigmoid": lambda: L.GRU(3, recurrent_activation="hard_sigmoid"),
    "recurrent-dropout": lambda: L.SimpleRNN(3, recurrent_dropout=0.5, seed=1),
    "reset-before": lambda: L.GRU(3, reset_after=False),
    "unrolled": lambda: L.LSTM(3, unroll=True),
    "half": lambda: L.LSTM(3, dtype="mixed_bfloat16"),
    "stacked-cells": lambda: L.RNN([L.LSTMCell(3), L.GRUCell(2)]),
}
MASKED = {
    "lstm": lambda zero: L.LSTM(3, return_sequences=True, return_state=True, zero_output_for_mask=zero),
    "lstm-last": lambda zero: L.LSTM(3, zero_output_for_mask=zero),
    "gru": lambda zero: L.GRU(3, return_sequences=True, go_backwards=True, zero_output_for_mask=zero),
    "simple": lambda zero: L.SimpleRNN(3, return_state=True, zero_output_for_mask=zero),
}


def _some(names, *quick):
    return [pytest.param(name, marks=() if name in quick else pytest.mark.slow) for name in names]


SHAPE = (2, 4, 5)  # batch, step, feature


def both(layer, rng, mask=None, batched=False):
    """Outputs, and gradients of a weighted sum of all outputs, by Keras's loop and by ours; in one compilation."""
    layer.build(SHAPE)
    weights = [jnp.asarray(rng.normal(size=v.shape).astype("float32")) for v in layer.trainable_variables]
    if batched:
        weights = [jnp.stack([w, 0.5 * w]) for w in weights]
    rest = [v.value for v in layer.non_trainable_variables]
    inputs = jnp.asarray(rng.normal(size=SHAPE).astype("float32"))
    keywords = {} if mask is None else {"mask": mask}

    def compute(weights, inputs):
        def weighted_sum(weights, inputs):
            outputs, _ = layer.stateless_call(weights, rest, inputs, training=True, **keywords)
            parts = [jnp.asarray(part, "float32") for part in jax.tree.leaves(outputs)]
            return sum((p * jnp.cos(jnp.arange(p.size, dtype=p.dtype)).reshape(p.shape)).sum() for p in parts), parts

        return jax.value_and_grad(weighted_sum, argnums=(0, 1), has_aux=True)(weights, inputs)

    if batched:
        compute = jax.vmap(compute, in_axes=(0, None))

    @jax.jit
    def twice(weights, inputs):
        own = compute(weights, inputs)
        with fast_loops():
            return own, compute(weights, inputs)

    return twice(weights, inputs)


def assert_equal(pair):
    expected, actual = (jax.tree.leaves(tree) for tree in pair)
    assert len(expected) == len(actual)
    for want, have in zip(expected, actual, strict=True):
        np.testing.assert_allclose(have, want, rtol=2e-5, atol=2e-5)


def differs(pair):
    """Whether ours was another program: rounding shows it."""
    expected, actual = (jax.tree.leaves(tree) for tree in pair)
    return any(not np.array_equal(a, b) for a, b in zip(expected, actual, strict=True))


@pytest.mark.parametrize("name", _some(COVERED, "lstm-states", "gru-states", "bidirectional"))
def test_values_and_gradients_equal_keras(name, rng):
    pair = both(COVERED[name](), rng)
    assert_equal(pair)
    assert differs(pair), "Keras's own loop ran"


@pytest.mark.parametrize("name", NOT_COVERED)
def test_what_is_not_covered_is_left_to_keras(name):
    layer = NOT_COVERED[name]()
    layer.build(SHAPE)
    trace = lambda: str(jax.make_jaxpr(lambda inputs: layer(inputs, training=True))(jnp.ones(SHAPE)))  # noqa: E731
    expected = trace()
    with fast_loops():
        assert expected == trace()


@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("name", _some(MASKED, "lstm"))
def test_masked_steps_keep_the_states(name, zero, rng):
    # A gap, a short row, and for one row the first and the last step.
    mask = jnp.array([[True, False, True, False], [False, True, True, False]])
    assert_equal(both(MASKED[name](zero), rng, mask=mask))


@pytest.mark.parametrize("name", _some(["lstm-states", "gru-states", "simple-states"], "lstm-states"))
def test_members_side_by_side_equal_keras(name, rng):
    assert_equal(both(COVERED[name](), rng, batched=True))


def test_a_given_first_state_and_its_gradient_equal_keras(rng):
    layer = L.LSTM(3)
    layer.build(SHAPE)
    inputs = jnp.asarray(rng.normal(size=SHAPE).astype("float32"))
    first = [jnp.asarray(rng.normal(size=(2, 3)).astype("float32")) for _ in range(2)]
    gradient = jax.grad(lambda states: jnp.sin(layer(inputs, initial_state=states)).sum())
    expected = gradient(first)
    with fast_loops():
        assert_equal((expected, gradient(first)))


def test_a_layer_that_demands_cudnn_is_told_so_by_keras(rng):
    with pytest.raises(ValueError, match="use_cudnn=True"):
        both(L.LSTM(3, use_cudnn=True), rng)


def test_a_hidden_unit_by_hand():
    # w = u = 1, b = 0: h1 = tanh(1), h2 = tanh(tanh(1) + 2).
    layer = L.SimpleRNN(1, kernel_initializer="ones", recurrent_initializer="ones")
    inputs = jnp.array([[[1.0], [2.0]]])
    layer.build(inputs.shape)
    with fast_loops():
        assert np.tanh(np.tanh(1.0) + 2.0) == pytest.approx(layer(inputs).item(), abs=1e-6)


def test_a_second_run_has_the_same_bits(rng):
    layer = L.LSTM(4)
    layer.build(SHAPE)
    inputs = jnp.asarray(rng.normal(size=SHAPE).astype("float32"))
    with fast_loops():
        gradient = jax.jit(jax.grad(lambda x: layer(x).sum()))
        assert np.array_equal(gradient(inputs), gradient(inputs))


def test_the_loop_is_keras_own_again_afterwards():
    before = L.LSTM.inner_loop
    with fast_loops():
        assert L.LSTM.inner_loop is not before
    assert L.LSTM.inner_loop is before
