"""A batch in slices has the batch's own gradient; where that is not so, or not known, nothing is cut."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from backlit.engine import slices
from backlit.engine._keras_private import build_compiled
from backlit.engine.slices import is_sliceable, n_slices
from backlit.engine.template import Template

L = keras.layers


def network(*extra, loss="sparse_categorical_crossentropy", metrics=(), kernel_regularizer=None):
    """A small CNN: 4 × 4 windows that see 3 · 3 · 2 = 18 numbers each, so an example's columns have 1152 bytes."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            L.Conv2D(4, 3, activation="relu", kernel_regularizer=kernel_regularizer),
            L.MaxPooling2D(),
            *extra,
            L.Flatten(),
            L.Dense(3, "softmax"),
        ]
    )
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=list(metrics))
    return model


def stepped(template, *, n_rows, is_weighted, settings):
    """Everything that one step returns."""
    rng = np.random.default_rng(3)
    state = {name: [jnp.asarray(leaf) for leaf in leaves] for name, leaves in template.state().items()}
    weight = jnp.asarray(rng.uniform(0.5, 2, n_rows), jnp.float32) if is_weighted else None
    inputs, targets = jnp.asarray(rng.normal(size=(n_rows, 6, 6, 2)), jnp.float32), rng.integers(0, 3, n_rows)
    parts = [state[name] for name in ("trainable", "non_trainable", "optimizer", "metrics")]
    step = jax.jit(lambda *arguments: template.update(*arguments))  # a new function: nothing is found in a cache
    return step(*parts, inputs, targets, weight, settings)


@pytest.mark.parametrize("is_weighted", [False, True])
def test_a_step_in_slices_is_the_step_of_the_batch(monkeypatch, is_weighted):
    model = network(metrics=["accuracy"], kernel_regularizer="l2")
    build_compiled(model, np.zeros((2, 6, 6, 2)), np.zeros(2, int))
    template = Template(model)
    calls = {"n_rows": 12, "is_weighted": is_weighted, "settings": {"l1": jnp.float32(0.01)}}
    whole = stepped(template, **calls)
    counted = []

    def counting(*arguments, n, n_shares):
        counted.append(n)
        return original(*arguments, n=n, n_shares=n_shares)

    original = slices.mean_over_slices
    monkeypatch.setattr("backlit.engine.template.mean_over_slices", counting)
    monkeypatch.setattr(slices, "CACHE_BYTES", 4 * 1152)
    in_slices = stepped(template, **calls)

    assert [3] == counted  # 12 examples, of which 4 fit
    for have, want in zip(jax.tree.leaves(in_slices), jax.tree.leaves(whole), strict=True):
        np.testing.assert_allclose(have, want, rtol=1e-5, atol=1e-6)
    assert any(np.abs(new - old).max() > 1e-3 for new, old in zip(whole[0], template.state()["trainable"], strict=True))


def test_a_slice_is_the_largest_part_whose_columns_fit(monkeypatch):
    # 5 examples fit, but 12 has no slices of 5, so 4. The weights are few: 18·4 + 4 + 16·3 + 3 = 127, 508 bytes.
    model = network()
    monkeypatch.setattr(slices, "CACHE_BYTES", 5 * 1152)
    assert 3 == n_slices(model, 12)
    assert 1 == n_slices(model, 11)  # a prime has no slices of 4 or more
    monkeypatch.setattr(slices, "CACHE_BYTES", 6 * 1152)
    assert 1 == n_slices(model, 8)  # little more than the cache: not worth two slices
    monkeypatch.setattr(slices, "CACHE_BYTES", 1)
    assert 3 == n_slices(model, 12)  # nothing fits: the smallest
    assert 1 == n_slices(keras.Sequential([keras.Input((6,)), L.Dense(3)]), 12)  # nothing convolves


def test_slices_do_not_sum_the_gradients_of_large_weights_often(monkeypatch):
    monkeypatch.setattr(slices, "CACHE_BYTES", 4 * 1152)
    # Weights of the dense layers: 16·400 + 400·3 and 403 biases, 32 kB; twice the columns of all 12 examples: 28 kB.
    assert 1 == n_slices(network(L.Flatten(), L.Dense(400)), 12)
    assert 3 == n_slices(network(L.Flatten(), L.Dense(40)), 12)  # 4 kB, less than twice the columns of 4: 9 kB


def own_loss(targets, predictions):
    return keras.ops.mean(keras.ops.square(predictions), axis=-1)


def own_activation(values):
    return values - keras.ops.mean(values, axis=0)


def graph():
    inputs = keras.Input((6, 6, 2))
    values = L.Conv2D(3, 3)(inputs)
    model = keras.Model(inputs, L.Dense(3)(L.Flatten()(values - keras.ops.mean(values, axis=0))))
    model.compile("sgd", "mse")
    return model


class OwnDense(L.Dense):
    def call(self, inputs, training=None):
        return super().call(inputs - keras.ops.mean(inputs, axis=0), training)


KL = keras.losses


def compiled(*layers, shape=(6, 2)):
    model = keras.Sequential([keras.Input(shape), *layers, L.Flatten(), L.Dense(3)])
    model.compile("sgd", "mse")
    return model


def residual():
    inputs = keras.Input((6, 2))
    values = L.LayerNormalization()(L.MultiHeadAttention(1, 2)(inputs, inputs) + inputs)
    model = keras.Model(inputs, L.Dense(3)(L.GlobalAveragePooling1D()(values)))
    model.compile("sgd", "mse")
    return model


CUT = {
    "recurrent": lambda: compiled(L.LSTM(2, return_sequences=True), L.Bidirectional(L.GRU(2))),
    "attention and a sum": residual,
    "words": lambda: compiled(L.Embedding(5, 2), shape=(6,)),
    "plain": lambda: network(),
    "by name": lambda: network(loss="mse"),
    "by short name": lambda: network(loss="crossentropy"),
    "by function": lambda: network(loss=keras.losses.mean_squared_error),
    "a loss object": lambda: network(loss=KL.MeanSquaredError()),
    "a model inside": lambda: network(keras.Sequential([L.Dense(4, "relu")])),
}
WHOLE = {
    "recurrent with random draws": lambda: compiled(L.LSTM(2, dropout=0.5)),
    "random draws both ways": lambda: compiled(L.Bidirectional(L.GRU(2, recurrent_dropout=0.5))),
    "recurrent with its own gates": lambda: compiled(L.LSTM(2, recurrent_activation=own_activation)),
    "words with a mask": lambda: compiled(L.Embedding(5, 2, mask_zero=True), L.LSTM(2), shape=(6,)),
    "normalised over the batch": lambda: compiled(L.Softmax(axis=0)),
    "batch statistics": lambda: network(L.BatchNormalization()),
    "random draws": lambda: network(L.Dropout(0.5)),
    "a loss of a layer": lambda: network(L.Dense(4, activity_regularizer="l2")),
    "own activation": lambda: network(L.Dense(4, own_activation)),
    "own layer": lambda: network(OwnDense(4)),
    "own code": lambda: network(L.Lambda(own_activation)),
    "statistics in a model inside": lambda: network(keras.Sequential([L.BatchNormalization()])),
    "a function between layers": graph,
    "own loss": lambda: network(loss=own_loss),
    "a sum": lambda: network(loss=KL.SparseCategoricalCrossentropy(reduction="sum")),
    "divided by the weights": lambda: network(loss=KL.MeanSquaredError(reduction="mean_with_sample_weight")),
    "over the whole batch": lambda: network(loss=KL.Dice()),
}


@pytest.mark.parametrize("name", CUT)
def test_a_mean_over_examples_is_cut(name):
    assert is_sliceable(CUT[name]())


@pytest.mark.parametrize("name", WHOLE)
def test_what_needs_the_whole_batch_is_not_cut(name):
    assert not is_sliceable(WHOLE[name]())
