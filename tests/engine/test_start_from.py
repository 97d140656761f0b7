"""Stages: members that begin with the weights of the members of another run."""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.errors import ModelError, SettingError
from backlit.store import Store
from tests.engine.populations import blobs, dense

L = keras.layers


def fit(model, data, **settings):
    return bl.fit(
        model, data, verbose=False, **{"epochs": 2, "batch_size": 8, "optimizer": "sgd", "save": False, **settings}
    )


def equal(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def normalised(*, is_frozen=False):
    """A layer that may be frozen, batch statistics, dropout and a head."""
    base = L.Dense(5, "relu", trainable=not is_frozen)
    layers = [base, L.BatchNormalization(trainable=not is_frozen), L.Dropout(0.2), L.Dense(3, "softmax")]
    return keras.Sequential([keras.Input((6,)), *layers])


def test_each_member_begins_with_the_weights_of_its_number():
    first = fit(dense(4), blobs(), seeds=3, learning_rate=[0.1, 0.01])
    second = fit(dense(4), blobs(), seeds=3, learning_rate=[0.1, 0.01], start_from=first, epochs=0)
    for member in range(6):
        assert equal(first.weights(member), second.weights(member))
    assert not equal(first.weights(0), first.weights(1))
    assert "continued" == second.experiment.weights


def test_two_stages_are_one_training_where_the_optimiser_remembers_nothing():
    # Plain SGD without shuffling has no state but the weights: 2 + 3 epochs are 5.
    request = {"seeds": 2, "learning_rate": 0.1, "shuffle": False}
    whole = fit(dense(4), blobs(), epochs=5, **request)
    stages = fit(dense(4), blobs(), epochs=3, start_from=fit(dense(4), blobs(), epochs=2, **request), **request)
    for member in range(2):
        assert equal(whole.weights(member), stages.weights(member))


def test_the_optimiser_starts_fresh():
    request = {"seeds": 2, "optimizer": "adam", "shuffle": False}
    whole = fit(dense(4), blobs(), epochs=5, **request)
    stages = fit(dense(4), blobs(), epochs=3, start_from=fit(dense(4), blobs(), epochs=2, **request), **request)
    assert not equal(whole.weights(0), stages.weights(0))
    # 24 rows in batches of 8: three epochs are 9 steps, which Adam counts from 0.
    assert 9 in [
        int(leaf[0])
        for leaf in stages.trained.groups[0].result.optimizer
        if leaf[0].ndim == 0 and leaf.dtype.kind in "iu"
    ]


def test_an_optimiser_that_starts_from_the_weights_starts_from_these():
    first = fit(dense(4), blobs(), seeds=2, learning_rate=0.1)
    second = fit(dense(4), blobs(), seeds=2, start_from=first, epochs=0, optimizer=keras.optimizers.ScheduleFreeAdamW())
    kept = second.trained.groups[0].result
    for weights in kept.kept["trainable"]:
        assert any(np.array_equal(weights, leaf) for leaf in kept.optimizer)


def test_a_layer_that_was_frozen_learns_in_the_next_stage_and_the_other_way_round():
    frozen = fit(normalised(is_frozen=True), blobs(), seeds=2, learning_rate=0.1)
    thawed = fit(normalised(), blobs(), seeds=2, learning_rate=0.1, start_from=frozen)
    again = fit(normalised(is_frozen=True), blobs(), seeds=2, learning_rate=0.1, start_from=thawed)
    for member in range(2):
        before, learnt, after = (run.layer_weights(member) for run in (frozen, thawed, again))
        base = slice(0, 6)  # kernel, bias; scale, offset, mean and variance of the batches
        assert equal(learnt[base], after[base]), "a frozen layer stays as it was"
        assert not np.array_equal(before[0], learnt[0])
        assert not np.array_equal(learnt[6], after[6]), "the head learns on"
    unmoved = fit(normalised(), blobs(), seeds=2, start_from=frozen, epochs=0)
    assert equal(frozen.layer_weights(1), unmoved.layer_weights(1))


def test_members_can_be_chosen():
    first = fit(dense(4), blobs(), seeds=3)
    second = fit(dense(4), blobs(), seeds=2, start_from=[first[2], first[0]], epochs=0)
    assert equal(first.weights(2), second.weights(0))
    assert equal(first.weights(0), second.weights(1))


def test_stages_with_different_units_are_groups_of_their_own():
    def build(units):
        return dense(units)

    first = fit(build, blobs(), vary={"units": [3, 5]}, seeds=2)
    second = fit(build, blobs(), vary={"units": [3, 5]}, seeds=2, start_from=first, epochs=0)
    for member in range(4):
        assert equal(first.weights(member), second.weights(member))


def test_folds_go_on_from_folds():
    data = blobs(24)
    first = fit(dense(4), data, rows=bl.folds(3), seeds=2)
    second = fit(dense(4), data, rows=bl.folds(3), seeds=2, start_from=first, epochs=0)
    assert equal(first.weights(3), second.weights(3))


def test_it_is_kept_and_repeated(assert_same_runs):
    first = fit(normalised(), blobs(), seeds=2, save=True)
    second = fit(normalised(), blobs(), seeds=2, start_from=bl.open_run(first.id), save=True)
    again = Store().rerun(second.id)
    assert_same_runs(second, again)
    assert second.experiment == again.experiment
    third = fit(normalised(), blobs(), seeds=2, start_from=bl.open_run(second.id), epochs=0)
    assert equal(second.layer_weights(1), third.layer_weights(1))


@pytest.fixture
def assert_same_runs():
    def check(one, other):
        assert one.history.equals(other.history)
        for member in range(len(one)):
            assert equal(one.weights(member), other.weights(member))

    return check


def test_another_number_of_members():
    with pytest.raises(SettingError, match="a run of 3 members, as many as are to be trained, received 2 members"):
        fit(dense(4), blobs(), seeds=3, start_from=fit(dense(4), blobs(), seeds=2, epochs=0))


def test_other_shapes():
    first = fit(dense(4), blobs(), epochs=0)
    with pytest.raises(
        ModelError, match=r"member 0 .*expected weights of the shapes \(6, 5\), \(5,\), .*received \(6, 4\)"
    ):
        fit(dense(5), blobs(), start_from=first)


@pytest.mark.parametrize("given", [3, [], ["run"]])
def test_what_is_no_run(given):
    with pytest.raises(SettingError, match="a run, or a list of runs, received"):
        fit(dense(4), blobs(), start_from=given)
