"""A member of a population is the same network alone, whoever else is there."""

import jax
import keras
import numpy as np
import pytest

from backlit.engine.devices import Placement
from tests.engine.populations import (
    amounts,
    blobs,
    dense,
    difference,
    images,
    linear,
    one_block,
    one_by_one,
    same,
    train_placed,
)

RATES = [0.03, 0.01, 0.003, 0.001]


def convolutional():
    return keras.Sequential(
        [
            keras.layers.Conv2D(3, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Dropout(0.3),
            keras.layers.Flatten(),
            keras.layers.Dense(3, "softmax"),
        ]
    )


def test_mapped_members_are_bit_for_bit_the_same_alone():
    data = images(20)
    together = train_placed(convolutional(), data, seeds=3)
    assert 1 == together.trained.groups[0].placement.block, "convolutions are mapped without being asked"
    for seed in range(3):
        alone = train_placed(convolutional(), data, seeds=[seed])
        assert same(together[seed], alone), f"seed {seed}"


def test_mapped_dense_members_are_bit_for_bit_the_same_alone():
    request = {"optimizer": "adam", "learning_rate": RATES, "seeds": [0]}
    together = train_placed(dense(8), blobs(20), one_by_one(4), **request)
    for member, rate in enumerate(RATES):
        alone = train_placed(dense(8), blobs(20), one_by_one(1), **{**request, "learning_rate": [rate]})
        assert same(together[member], alone)


# Rounding grows where training is chaotic: at a rate of 0.1 Adam's members part here by more than half their weights.
def test_dense_members_side_by_side_stay_close_to_themselves_alone():
    # 64 rows in batches of 16 are 4 steps an epoch; 50 epochs are 200 steps.
    request = {"epochs": 50, "batch_size": 16, "optimizer": "adam", "seeds": [0]}
    together = train_placed(dense(16, 8), blobs(64), one_block(4), learning_rate=RATES, **request)
    assert 200 == together.experiment.epochs * 64 // 16
    for member, rate in enumerate(RATES):
        alone = train_placed(dense(16, 8), blobs(64), one_by_one(1), learning_rate=[rate], **request)
        assert difference(together[member], alone) <= 1e-5


@pytest.mark.parametrize("placement", [one_block(4), one_by_one(4)], ids=["side by side", "mapped"])
def test_permuting_members_permutes_results(placement):
    order = [2, 0, 3, 1]
    request = {"optimizer": "adam", "seeds": [7]}
    run = train_placed(dense(8), blobs(), placement, learning_rate=RATES, **request)
    shuffled = train_placed(dense(8), blobs(), placement, learning_rate=[RATES[i] for i in order], **request)
    for place, member in enumerate(order):
        assert same(shuffled[place], run[member])
    assert not same(run[0], run[1])


def test_members_that_differ_in_seed_differ_in_weights_and_in_dropout():
    model = keras.Sequential([*dense(8).layers[:1], keras.layers.Dropout(0.5), keras.layers.Dense(3, "softmax")])
    run = train_placed(model, blobs(), seeds=2, epochs=0)
    first, second = run[0].weights(0), run[1].weights(0)
    for a, b in zip(first, second, strict=True):
        # A bias starts at zero in every member; kernels and the state of the dropout's generator do not.
        assert (not a.any() and not b.any()) or not np.array_equal(a, b)


@pytest.mark.parametrize("placement", [one_block(3), one_by_one(3)], ids=["side by side", "mapped"])
def test_a_member_that_diverges_changes_no_other(placement):
    request = {"optimizer": "sgd", "seeds": [0], "epochs": 6}
    healthy = train_placed(linear(), amounts(), placement, learning_rate=[0.1, 0.1, 0.01], **request)
    one_sick = train_placed(linear(), amounts(), placement, learning_rate=[0.1, 1e9, 0.01], **request)
    assert ["finished", "diverged", "finished"] == one_sick.members["status"].to_list()
    assert same(one_sick[0], healthy[0])
    assert same(one_sick[2], healthy[2])
    assert all(np.isfinite(weights).all() for weights in one_sick.weights(1))


def test_a_rerun_is_bit_identical():
    model = keras.Sequential([*dense(8).layers[:1], keras.layers.Dropout(0.5), keras.layers.Dense(3, "softmax")])
    runs = [train_placed(model, blobs(), seeds=3, learning_rate=[0.1, 0.01], optimizer="adam") for _ in range(2)]
    assert 6 == len(runs[0])
    assert all(same(one, other) for one, other in zip(*runs, strict=True))


def test_members_with_rows_in_orders_of_their_own_equal_themselves_alone():
    run = train_placed(dense(8), blobs(20), data_seed=[3, 4], optimizer="adam", seeds=[0])
    assert not same(run[0], run[1])
    for member, data_seed in enumerate([3, 4]):
        alone = train_placed(dense(8), blobs(20), one_by_one(1), data_seed=data_seed, optimizer="adam", seeds=[0])
        assert same(run[member], alone)


class CalledBack(keras.layers.Layer):
    """Adds a zero that Python computes: JAX does not know how to put such calls side by side."""

    def call(self, inputs):
        shape = jax.ShapeDtypeStruct(inputs.shape, inputs.dtype)
        return inputs + jax.pure_callback(np.zeros_like, shape, jax.lax.stop_gradient(inputs))

    def compute_output_shape(self, input_shape):
        return input_shape


def test_operations_that_cannot_be_vmapped_are_trained_one_after_another():
    def model():
        layers = [keras.layers.Flatten(), keras.layers.Dense(4), CalledBack(), keras.layers.Dense(3, "softmax")]
        return keras.Sequential(layers)

    run = train_placed(model(), images(16), one_block(2), seeds=2)
    assert 1 == run.trained.groups[0].placement.block
    alone = Placement(n_devices=1, block=1, n_slots=1)
    assert same(run[1], train_placed(model(), images(16), alone, seeds=[1]))
