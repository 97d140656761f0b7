"""A network that was compiled before is used again when only numbers differ, and never otherwise."""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.engine.prepare import NETWORKS

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
    ids=lambda change: "-".join(change),
)
def test_numbers_alone_compile_nothing(change):
    first = {"optimizer": keras.optimizers.SGD(0.1), **SILENT}
    bl.fit(network(), "iris", **first, **({"learning_rate": 0.1} if "learning_rate" in change else {}))
    bl.fit(network(), "iris", **first | change)
    assert 1 == n_programs()


@pytest.mark.parametrize(
    "change",
    [{"optimizer": "adam"}, {"optimizer": keras.optimizers.SGD(0.1, momentum=0.5)}, {"batch_size": 8}, {"l2": 0.1}],
    ids=["optimizer", "momentum", "batch_size", "l2"],
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


def functional(middle, **compiled):
    inputs = keras.Input((4,))
    model = keras.Model(inputs, L.Dense(3, "softmax")(middle(inputs)))
    if compiled:
        model.compile(loss="sparse_categorical_crossentropy", **compiled)
    return model


@pytest.mark.parametrize(
    "models",
    [
        lambda: (functional(L.Activation("relu")), functional(L.Activation("tanh"))),
        lambda: (functional(L.ReLU(), loss_weights=1.0), functional(L.ReLU(), loss_weights=0.5)),
    ],
    ids=["activation", "loss weights"],
)
def test_functional_models_that_differ_are_not_shared(models):
    one, other = models()
    bl.fit(one, "iris", **SILENT)
    after_one = bl.fit(other, "iris", **SILENT)
    NETWORKS.forget()
    alone = bl.fit(other, "iris", **SILENT)
    assert alone.history.equals(after_one.history)
    for expected, actual in zip(alone.weights(0), after_one.weights(0), strict=True):
        np.testing.assert_array_equal(expected, actual)


def test_a_frozen_layer_deep_inside_is_not_shared():
    def model(value):
        inner = keras.Sequential([keras.Input((4,)), L.Dense(4, kernel_initializer=keras.initializers.Constant(0.0))])
        inner.layers[0].kernel.assign(np.full((4, 4), value))
        inner.layers[0].trainable = False
        return keras.Sequential([keras.Input((4,)), inner, L.Dense(3, "softmax")])

    for value in (0.1, 0.2):
        run = bl.fit(model(value), "iris", seeds=2, reinitialise=True, **SILENT)
        assert any(np.array_equal(np.full((4, 4), np.float32(value)), weights) for weights in run.weights(1))
