"""Dropout: masks while training, nothing for predictions."""

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import ModelError
from backlit.explain.ops.dropout import Dropout
from backlit.explain.ops.identity import Identity
from tests.explain.agreeing import check, functional, sequential

layers = keras.layers
MASKS = {
    "each": (layers.Dropout(0.5), (2, 4, 3)),
    "channels": (layers.SpatialDropout1D(0.5), (2, 1, 3)),
    "steps": (layers.Dropout(0.5, noise_shape=(None, None, 1)), (2, 4, 1)),
}


@pytest.mark.parametrize("name", MASKS)
def test_masks_have_their_shape_and_gradients_equal_keras(name, rng):
    layer, shape = MASKS[name]
    model = sequential((4, 3), layers.Dense(3), type(layer).from_config(layer.get_config()), layers.Dense(2))
    found = check(model, rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 2)), training=True)
    [mask] = [step.value for step in found if step.symbol == "m^{(2)}"]
    assert mask.shape == shape
    assert set(np.unique(mask)) <= {0.0, 2.0}  # 1 / (1 − ½)


def test_whole_feature_maps_are_dropped(rng):
    model = sequential((4, 4, 1), layers.Conv2D(3, 2), layers.SpatialDropout2D(0.5), layers.Flatten(), layers.Dense(2))
    found = check(model, rng.normal(size=(2, 4, 4, 1)), rng.normal(size=(2, 2)), training=True)
    assert next(step.shape for step in found if step.symbol.startswith("m^")) == (2, 1, 1, 3)


def test_dropped_numbers_get_no_gradient():
    """Mask 2, 0: the value is 2 · 3, 0; on the way back 2 · 1, 0."""
    value, back = Dropout(0.5).forward(np.array([[3.0, 5.0]]), mask=np.array([[2.0, 0.0]]))
    assert value.tolist() == [[6.0, 0.0]]
    assert back(np.array([[1.0, 1.0]])).inputs[0].tolist() == [[2.0, 0.0]]


def test_a_mask_drops_its_share(rng):
    mask = Dropout(0.2).draw_mask(rng, (100, 100))
    assert (mask == 0).mean() == pytest.approx(0.2, abs=0.02)
    assert mask.max() == 1.25
    assert mask.mean() == pytest.approx(1.0, abs=0.02)


def test_another_seed_is_another_mask():
    model = sequential((8,), layers.Dropout(0.5))
    outputs = [explain.forward(model, np.ones(8), training=True, seed=seed).output.tolist() for seed in (0, 0, 1)]
    assert outputs[0] == outputs[1] != outputs[2]


@pytest.mark.parametrize("kind", [layers.Dropout, layers.GaussianDropout, layers.GaussianNoise, layers.AlphaDropout])
def test_predictions_drop_nothing_and_say_so(kind):
    found = explain.forward(sequential((2,), kind(0.5)), [1.0, 2.0])
    assert found.output.tolist() == [[1.0, 2.0]]
    assert isinstance(found.graph.nodes[0].operation, Identity)
    assert found[2].words.say("en") == "nothing is dropped: this is a prediction"


def test_a_rate_of_zero_drops_nothing_even_while_training():
    found = explain.forward(sequential((2,), layers.Dropout(0.0)), [1.0, 2.0], training=True)
    assert found.output.tolist() == [[1.0, 2.0]]
    assert found[2].words.say("en") == "nothing is dropped: the rate is 0"


def twice(x):
    drop = layers.Dropout(0.5)
    return drop(drop(x))


@pytest.mark.parametrize(
    ("wire", "received"),
    [
        (twice, "received `a layer of dropout that is called twice`"),
        (lambda x: layers.Dropout(1.0)(x), "received `rate=1.0`"),
        (lambda x: layers.GaussianNoise(0.1)(x), "received `GaussianNoise while training`"),
        (lambda x: layers.AlphaDropout(0.1)(x), "received `AlphaDropout while training`"),
    ],
)
def test_forms_that_are_not_read_are_refused(wire, received):
    with pytest.raises(ModelError, match=received):
        explain.forward(functional((4, 3), wire), np.zeros((4, 3)), training=True)


def test_sequences_without_a_fixed_length_are_refused():
    model = sequential((None, 3), layers.Dropout(0.5))
    with pytest.raises(ModelError, match=r"received `inputs of the shape \(None, None, 3\)`"):
        explain.forward(model, np.zeros((4, 3)), training=True)
