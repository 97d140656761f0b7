"""What a group's program does with batches and epochs, and that it is compiled once."""

import jax
import keras
import numpy as np
import pytest

import backlit as bl
from backlit.data import from_arrays
from backlit.engine.orders import epoch_order
from backlit.engine.prepare import NETWORKS
from tests.engine.populations import amounts, blobs, dense, linear, same, train_placed


def weight(run, member=0):
    return float(run.weights(member)[0][0, 0])


def losses(run, split="train"):
    frame = run.history
    return frame.filter((frame["split"] == split) & (frame["metric"] == "loss"))["value"].to_list()


def test_the_last_short_batch_is_trained_on_and_weighs_what_it_holds():
    # Rate 0.1, three equal rows in batches of 2 and 1. w = 1: loss 1, w = 1 - 0.1 · 2 = 0.8; loss 0.64,
    # w = 0.8 - 0.1 · 1.6 = 0.64. The epoch's loss is (2 · 1 + 1 · 0.64) / 3 = 0.88.
    run = train_placed(linear(), amounts(3), optimizer="sgd", learning_rate=0.1, batch_size=2, epochs=1)
    assert 0.64 == pytest.approx(weight(run))
    assert [pytest.approx(0.88)] == losses(run)


def test_validation_is_scored_with_the_weights_at_the_end_of_the_epoch():
    # One step an epoch: w is 0.8 and then 0.64, its loss w².
    data = amounts(2, n_validation=3)
    run = train_placed(linear(), data, optimizer="sgd", learning_rate=0.1, batch_size=2, epochs=2)
    assert [pytest.approx(1.0), pytest.approx(0.64)] == losses(run)
    assert [pytest.approx(0.64), pytest.approx(0.4096)] == losses(run, "validation")


def test_more_validation_rows_than_fit_one_evaluation():
    # 1,100 rows are scored 512 at a time and 76 at last; the first has target 12, all others 0, w stays 1.
    inputs, targets = np.ones((1100, 1), "float32"), np.zeros((1100, 1), "float32")
    targets[0] = 12.0
    data = from_arrays(inputs[:2], targets[1:3], validation=(inputs, targets), task="regression")
    run = train_placed(linear(), data, optimizer="sgd", learning_rate=0.0, epochs=1)
    assert [pytest.approx((11**2 + 1099) / 1100)] == losses(run, "validation")


def test_a_batch_larger_than_the_data_is_all_of_them():
    request = {"optimizer": "adam", "epochs": 4, "seeds": [0]}
    assert same(*(train_placed(dense(8), blobs(12), batch_size=size, **request) for size in (12, 500)))


def test_no_epochs_give_the_first_weights():
    model = dense(8, optimizer="adam")
    run = bl.fit(model, blobs(12), epochs=0, save=False, verbose=False)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), run.weights(0), strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), run.model.get_weights(), strict=True))
    assert 0 == len(run.history)
    assert ["finished"] == run.members["status"].to_list()


def test_each_epoch_has_an_order_of_its_own_that_depends_on_nothing_else():
    orders = [epoch_order(50, data_seed=0, epoch=epoch, shuffle=True) for epoch in (0, 0, 1)]
    assert orders[0].tolist() == orders[1].tolist() != orders[2].tolist()
    assert list(range(50)) == sorted(orders[0].tolist())
    assert list(range(50)) == epoch_order(50, data_seed=0, epoch=3, shuffle=False).tolist()


@pytest.fixture
def compilations():
    """A list that grows with every program that XLA compiles or fetches from its cache."""
    found = []

    def note(event, duration, **_):
        if event == "/jax/core/compile/backend_compile_duration":
            found.append(event)

    jax.monitoring.register_event_duration_secs_listener(note)
    yield found
    jax.monitoring.unregister_event_duration_listener(note)


def test_a_group_is_compiled_once_however_many_epochs_and_chunks(compilations):
    # 300 rows are 38 steps an epoch: the first call trains 32 of them, later calls the rest, and then many epochs.
    def count(epochs, rates):
        NETWORKS.forget()
        del compilations[:]
        train_placed(dense(8), blobs(300), epochs=epochs, optimizer="sgd", learning_rate=rates, seeds=[0])
        return len(compilations)

    count(2, [0.1, 0.01])
    few = count(2, [0.1, 0.01])
    assert few > 0, "nothing was counted"
    assert few == count(200, [0.1, 0.01])
    assert few == count(2, [0.3, 0.2]), "a rate is an argument of the program"


def test_a_schedule_is_followed():
    # The rate is 0.1 in the first step and 0.2 after it: w = 1 - 0.2 = 0.8, then 0.8 · (1 - 0.4) = 0.48.
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([0], [0.1, 0.2])
    run = train_placed(linear(), amounts(2), optimizer=keras.optimizers.SGD(schedule), batch_size=2, epochs=2)
    assert 0.48 == pytest.approx(weight(run))


@pytest.mark.parametrize(("name", "penalty"), [("l1", 0.5), ("l2", 1.0)])
def test_penalties_that_are_traced(name, penalty):
    # l1 adds 0.5 · |w|, l2 adds 0.5 · w². With w = 1 and a rate of 0.1 the gradient is 2 plus 0.5 or 1.
    run = train_placed(linear(), amounts(2), optimizer="sgd", learning_rate=0.1, epochs=1, **{name: 0.5})
    assert 1 - 0.1 * (2 + penalty) == pytest.approx(weight(run))
    assert [pytest.approx(1.5)] == losses(run)


def test_l2_as_an_axis_equals_kerass_regulariser():
    def regularised(size):
        layer = keras.layers.Dense(3, "softmax", kernel_regularizer=keras.regularizers.L2(size))
        return keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, "tanh"), layer])

    keras.utils.set_random_seed(2)
    model, data = dense(), blobs(16)
    run = train_placed(model, data, l2=[0.1, 0.3], optimizer="sgd", learning_rate=0.2)
    for member, size in enumerate([0.1, 0.3]):
        layer = keras.layers.Dense(3, "softmax", kernel_regularizer=keras.regularizers.L2(size))
        theirs = keras.Sequential([keras.Input((6,)), layer])
        theirs.set_weights(model.get_weights())
        alone = train_placed(theirs, data, optimizer="sgd", learning_rate=0.2)
        for a, b in zip(run.weights(member), alone.weights(0), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_momentum_as_an_axis_equals_momentum_given():
    request = {"seeds": [0], "learning_rate": 0.1}
    run = train_placed(dense(8), blobs(16), optimizer="sgd", momentum=[0.0, 0.5, 0.9], **request)
    assert [(0,), (1, 2)] == [one.group.members for one in run.trained.groups]
    for member, momentum in enumerate([0.0, 0.5, 0.9]):
        optimizer = keras.optimizers.SGD(0.1, momentum=momentum)
        alone = train_placed(dense(8), blobs(16), optimizer=optimizer, **request)
        for a, b in zip(run.weights(member), alone.weights(0), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


VALUES = {
    "momentum": [0.5, 0.9],
    "beta_1": [0.5, 0.8],
    "beta_2": [0.9, 0.99],
    "rho": [0.5, 0.8],
    "epsilon": [1e-3, 1e-4],
    "weight_decay": [0.1, 0.3],
    "clipnorm": [0.05, 0.2],
}
GROUPED = {"clipvalue": [0.01, 0.1], "initial_accumulator_value": [0.2, 0.5], "beta": [0.1, 0.5]}
OPTIMISERS = {
    name: kind
    for name, kind in vars(keras.optimizers).items()
    if name[0].isupper() and name not in ("Optimizer", "OptimizerMap", "MultiOptimizer", "LossScaleOptimizer")
}


def _equals_settings_given(kind, lists):
    request = {"seeds": [0], "learning_rate": 0.05, "epochs": 2}
    run = train_placed(dense(4), blobs(16), optimizer=kind(), vary=bl.zipped(**lists), **request)
    assert max(np.abs(a - b).max() for a, b in zip(run.weights(0), run.weights(1), strict=True)) > 1e-5
    for member in range(2):
        made = kind(**{name: values[member] for name, values in lists.items()})
        alone = train_placed(dense(4), blobs(16), optimizer=made, **request)
        for a, b in zip(run.weights(member), alone.weights(0), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    return run


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n == "AdamW" else pytest.mark.slow) for n in OPTIMISERS])
def test_settings_of_an_optimiser_that_are_traced_equal_settings_given(name):
    kind = OPTIMISERS[name]
    lists = {name: values for name, values in VALUES.items() if name in kind().get_config()}
    run = _equals_settings_given(kind, lists)
    assert 1 == len(run.trained.groups)
    assert set(lists) < set(run.trained.groups[0].group.traced)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIMISERS)
def test_settings_of_an_optimiser_that_make_groups_equal_settings_given(name):
    kind = OPTIMISERS[name]
    lists = {name: values for name, values in GROUPED.items() if name in kind().get_config()}
    assert 2 == len(_equals_settings_given(kind, lists).trained.groups)


def test_dropout_as_an_axis_equals_the_layers_own_rate():
    def model(rate):
        return keras.Sequential(
            [keras.layers.Dense(8, "tanh"), keras.layers.Dropout(rate), keras.layers.Dense(3, "softmax")]
        )

    run = train_placed(model(0.7), blobs(16), dropout=[0.0, 0.2, 0.5], optimizer="sgd", seeds=[0])
    assert [(0,), (1, 2)] == [one.group.members for one in run.trained.groups]
    for member, rate in enumerate([0.0, 0.2, 0.5]):
        alone = train_placed(model(rate), blobs(16), optimizer="sgd", seeds=[0])
        # A layer made with rate 0 has no random generator, whose state would come after the weights.
        for a, b in zip(run.weights(member)[:4], alone.weights(0)[:4], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("epochs", [0, 1])
def test_the_model_of_a_member_has_its_own_settings(epochs):
    pairs = bl.zipped(learning_rate=[0.1, 0.25], momentum=[0.3, 0.6])
    run = train_placed(dense(4), blobs(16), vary=pairs, optimizer="sgd", epochs=epochs)
    for member, (rate, momentum) in enumerate([(0.1, 0.3), (0.25, 0.6)]):
        optimizer = run[member].model.optimizer
        assert (pytest.approx(rate), momentum) == (float(optimizer.learning_rate), optimizer.momentum)
