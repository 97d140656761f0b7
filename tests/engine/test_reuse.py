"""A network that was compiled before is used again when only numbers differ, and never otherwise."""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.engine.train import NETWORKS

L = keras.layers
SILENT = {"save": False, "verbose": False, "epochs": 2}


@pytest.fixture(autouse=True)
def nothing_held():
    NETWORKS.forget()


def network(units=4, activation="relu"):
    return keras.Sequential([L.Dense(units, activation), L.Dropout(0.2), L.Dense(3, "softmax")])


def n_programs():
    return sum(len(network.programs) for network in NETWORKS._held.values())


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate": 0.5},
        {"seed": 7},
        {"epochs": 5},
        {"optimizer": keras.optimizers.SGD(0.3)},  # the optimiser's own rate
        {"class_weight": None},
    ],
    ids=str,
)
def test_numbers_alone_compile_nothing(change):
    first = {"optimizer": keras.optimizers.SGD(0.1), **SILENT}
    bl.fit(network(), "iris", **first, **({"learning_rate": 0.1} if "learning_rate" in change else {}))
    bl.fit(network(), "iris", **first | change)
    assert 1 == n_programs()


@pytest.mark.parametrize(
    "change",
    [{"optimizer": "adam"}, {"optimizer": keras.optimizers.SGD(0.1, momentum=0.5)}, {"batch_size": 8}, {"l2": 0.1}],
    ids=str,
)
def test_another_structure_is_another_program(change):
    first = {"optimizer": keras.optimizers.SGD(0.1), **SILENT}
    bl.fit(network(), "iris", **first)
    bl.fit(network(), "iris", **first | change)
    assert 2 == n_programs()


def test_another_network_or_other_data_are_another_program():
    bl.fit(network(), "iris", **SILENT)
    bl.fit(network(units=5), "iris", **SILENT)
    bl.fit(network(activation="tanh"), "iris", **SILENT)
    bl.fit(network(), "wine", **SILENT)
    assert 4 == n_programs()


def test_a_network_used_again_gives_the_same_bits_as_a_new_one():
    again = {"optimizer": keras.optimizers.SGD(0.3, momentum=0.5), **SILENT}
    bl.fit(network(), "iris", optimizer=keras.optimizers.SGD(0.1, momentum=0.5), **SILENT)
    used_again = bl.fit(network(), "iris", **again)
    NETWORKS.forget()
    new = bl.fit(network(), "iris", **again)
    for expected, actual in zip(new.weights(0), used_again.weights(0), strict=True):
        np.testing.assert_array_equal(expected, actual)
    assert new.history.equals(used_again.history)


def test_adapted_layers_and_custom_losses_are_never_shared():
    def mine(targets, predictions):
        return keras.losses.sparse_categorical_crossentropy(targets, predictions)

    def adapted():
        layer = L.Normalization()
        layer.adapt(bl.load("iris").train[0])
        return keras.Sequential([layer, L.Dense(3, "softmax")])

    bl.fit(network(), "iris", loss=mine, **SILENT)
    bl.fit(adapted(), "iris", **SILENT)
    assert 0 == n_programs()


def test_models_of_one_program_are_each_their_own():
    first, second = (bl.fit(network(), "iris", seed=seed, **SILENT).model for seed in (0, 1))
    assert first is not second
    assert not np.array_equal(first.get_weights()[0], second.get_weights()[0])
