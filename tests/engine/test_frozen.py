"""Frozen layers keep what they hold, and are drawn by the seed where they hold nothing yet."""

import keras
import numpy as np

import backlit as bl


def network(*, is_built):
    frozen = keras.layers.Dense(5, trainable=False)
    head = keras.layers.Dense(3, "softmax")
    return keras.Sequential([*([keras.layers.Input((4,))] if is_built else []), frozen, head])


def fit(model, **settings):
    return bl.fit(model, "iris", epochs=1, save=False, verbose=False, **settings)


def test_frozen_layers_of_a_built_model_keep_their_weights_whatever_the_seed():
    model = network(is_built=True)
    model.layers[0].kernel.assign(np.full((4, 5), 0.25))
    run = fit(model, seeds=2, reinitialise=True)
    for member in run:
        kernels = [weights for weights in member.weights() if weights.shape == (4, 5)]
        assert [[0.25] * 5] * 4 == kernels[0].tolist()
    heads = [next(w for w in member.weights() if w.shape == (5, 3)) for member in run]
    assert not np.array_equal(*heads)


def test_frozen_layers_without_weights_are_drawn_by_the_seed():
    first, second = fit(network(is_built=False), seeds=2), fit(network(is_built=False), seeds=2)
    assert first.history.equals(second.history)
    kernels = [next(w for w in member.weights() if w.shape == (4, 5)) for member in first]
    assert not np.array_equal(*kernels)
