"""Steps that cores share: the same training as on one core up to rounding, and the same bits again."""

import keras
import numpy as np
import pytest

from backlit.data import from_arrays
from backlit.engine import devices
from backlit.engine._jax_private import sharing_devices
from backlit.engine.devices import Placement, place_members
from backlit.engine.slices import n_shared_slices
from tests.engine.populations import dense, difference, same, train_placed

L = keras.layers
SHARED = Placement(n_devices=1, block=1, n_slots=1, n_shares=2)
ALONE = Placement(n_devices=1, block=1, n_slots=1)
REQUEST = {"optimizer": "adam", "epochs": 3, "batch_size": 8, "metrics": ["accuracy"], "seeds": [0]}


def convolutional():
    layers = [L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D(), L.Flatten(), L.Dense(3, "softmax")]
    return keras.Sequential([keras.Input((6, 6, 1)), *layers])


def recurrent():
    return keras.Sequential([keras.Input((6, 6, 1)), L.Reshape((6, 6)), L.LSTM(5), L.Dense(3, "softmax")])


def attentive():
    inputs = keras.Input((6, 6, 1))
    x = L.Reshape((6, 6))(inputs)
    # No biases: softmax does not see that of the keys, whose gradient is rounding alone.
    x = L.LayerNormalization()(L.MultiHeadAttention(2, 3, use_bias=False)(x, x) + x)
    return keras.Model(inputs, L.Dense(3, "softmax")(L.GlobalAveragePooling1D()(x)))


def pictures(n_rows, *, weighted=False, n_validation=6):
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(n_rows + n_validation, 6, 6, 1)).astype("float32"), np.arange(n_rows + n_validation) % 3
    weight = rng.uniform(0.5, 2, n_rows) if weighted else None
    held_out = (x[n_rows:], y[n_rows:])
    return from_arrays(x[:n_rows], y[:n_rows], validation=held_out, sample_weight=weight)


@pytest.mark.parametrize("make", [convolutional, recurrent, attentive])
def test_a_shared_step_is_the_step_of_one_core(make):
    # 44 rows: five batches of 8, and one of 4.
    model = make()
    alone, shared = (train_placed(model, pictures(44), placement, **REQUEST) for placement in (ALONE, SHARED))
    assert SHARED == shared.trained.groups[0].placement
    assert difference(alone, shared) < 1e-4
    mine, theirs = alone.history["value"].to_numpy(), shared.history["value"].to_numpy()
    np.testing.assert_allclose(mine, theirs, rtol=1e-4)


def test_a_last_batch_that_cannot_be_cut_is_done_by_every_core():
    alone, shared = (train_placed(convolutional(), pictures(43), placement, **REQUEST) for placement in (ALONE, SHARED))
    assert difference(alone, shared) < 1e-4


def test_weights_of_examples_and_penalties_count_once():
    request = {**REQUEST, "l2": 0.1, "class_weight": {0: 1.0, 1: 5.0, 2: 0.5}}
    alone, shared = (train_placed(convolutional(), pictures(40), placement, **request) for placement in (ALONE, SHARED))
    assert difference(alone, shared) < 1e-4
    assert difference(alone, train_placed(convolutional(), pictures(40), SHARED, **REQUEST)) > 1e-2


def test_shared_steps_give_the_same_bits_again_with_and_without_probes():
    run = train_placed(convolutional(), pictures(40), SHARED, early_stopping=2, **REQUEST)
    assert same(run, train_placed(convolutional(), pictures(40), SHARED, early_stopping=2, probes=True, **REQUEST))


def test_probes_see_in_a_shared_training_what_they_see_alone():
    alone, shared = (
        train_placed(convolutional(), pictures(40), placement, probes=["gradient_norm"], **REQUEST)
        for placement in (ALONE, SHARED)
    )
    np.testing.assert_allclose(alone.probes["value"].to_numpy(), shared.probes["value"].to_numpy(), rtol=1e-3)


def test_each_core_has_as_many_slices():
    model = convolutional()
    assert [2, 2, 1, 2] == [n_shared_slices(model, size, n_shares=2) for size in (8, 2, 7, 6)]
    assert 1 == n_shared_slices(model, 8, n_shares=3)


def test_who_shares():
    common = {"member_bytes": 1, "is_convolutional": True, "has_own_order": False, "n_devices": 2}
    long, short = 2 * devices.SHARED_S, devices.SHARED_S / 2
    assert 2 == place_members(1, step_s=long, may_share=lambda _: True, **common).n_shares
    assert 1 == place_members(1, step_s=short, may_share=lambda _: True, **common).n_shares
    assert 1 == place_members(1, step_s=long, may_share=lambda _: False, **common).n_shares
    assert 1 == place_members(2, step_s=long, may_share=lambda _: True, **common).n_shares, "members fill the cores"
    one_core = {**common, "n_devices": 1}
    assert 1 == place_members(1, step_s=long, may_share=lambda _: True, **one_core).n_shares


def test_what_a_step_is_taken_to_cost():
    # Dense(3): 36 weights and 3 biases, used once: 6 · 39 · 10; convolution: 40 numbers at 16 places, 48 · 3 + 3 after.
    flat = keras.Sequential([keras.Input((12,)), L.Dense(3)])
    assert 6 * 39 * 10 == devices.step_flops(flat, 10)
    assert 6 * 10 * (40 * 16 + 51) == devices.step_flops(convolutional(), 10)
    # LSTM(5) on 6 steps: 4 · (6 + 5 + 1) · 5 = 240 numbers six times, once more for the cell inside; then 18.
    assert 6 * 10 * (240 * 7 + 18) == devices.step_flops(recurrent(), 10)
    assert devices.has_small_products(recurrent())
    assert devices.has_small_products(attentive())
    assert not devices.has_small_products(dense(4))


def test_devices_that_share_belong_to_one_client():
    two = sharing_devices(2)
    assert two == sharing_devices(2)
    assert 1 == len({device.client for device in two}) == len({device.process_index for device in two})
