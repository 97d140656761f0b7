"""Weights that a model's layers hold already are never lost without a word."""

import keras
import numpy as np
import pytest

import backlit as bl

L = keras.layers
SILENT = {"save": False, "verbose": False}


@pytest.fixture
def base():
    """A pretrained layer: every weight is 0.1."""
    layer = L.Dense(3, "relu")
    layer.build((None, 4))
    layer.set_weights([np.full_like(weight, 0.1) for weight in layer.get_weights()])
    return layer


def with_head(base):
    model = keras.Sequential([base, L.Dense(3, "softmax")])
    assert not model.built
    return model


def test_a_pretrained_base_in_an_unbuilt_model_is_kept(base):
    run = bl.fit(with_head(base), "iris", epochs=0, **SILENT)
    kernel, bias, head, _ = run.weights(0)
    np.testing.assert_array_equal(np.float32(0.1), kernel)
    np.testing.assert_array_equal(np.float32(0.1), bias)
    assert len(np.unique(head)) == head.size  # drawn
    assert run.experiment.weights == "kept"


def test_the_head_of_a_kept_base_is_drawn_by_the_seed(base):
    heads = [bl.fit(with_head(base), "iris", epochs=0, seed=seed, **SILENT).weights(0)[2] for seed in (3, 3, 4)]
    np.testing.assert_array_equal(heads[0], heads[1])
    assert not np.array_equal(heads[0], heads[2])


def test_several_seeds_would_lose_a_pretrained_base_and_are_refused(base):
    with pytest.raises(bl.ModelError, match="received weights that were loaded, trained or set"):
        bl.fit(with_head(base), "iris", epochs=0, seeds=2, **SILENT)


def test_a_frozen_base_is_kept_in_every_member(base):
    base.trainable = False
    run = bl.fit(with_head(base), "iris", epochs=1, seeds=2, **SILENT)
    for member in run:
        held = [weight for weight in member.weights(0) if weight.shape == (4, 3)]
        np.testing.assert_array_equal(np.float32(0.1), held[0])


def test_drawing_anew_on_request(base):
    run = bl.fit(with_head(base), "iris", epochs=0, seeds=2, reinitialise=True, **SILENT)
    assert not np.array_equal(run.weights(0)[0], run.weights(1)[0])
