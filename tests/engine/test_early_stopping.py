"""Early stopping is `keras.callbacks.EarlyStopping`: the same epoch, the same weights, the same history."""

import keras
import numpy as np
import pytest

from backlit.engine import EarlyStopping
from backlit.engine.devices import Placement
from tests.engine.populations import blobs, dense, one_block, one_by_one, same, train_placed

DATA = blobs(24, n_validation=9, seed=3)
RULES = [
    EarlyStopping(patience=0),
    EarlyStopping(patience=2),
    EarlyStopping(patience=2, restore_best_weights=False),
    EarlyStopping(patience=1, min_delta=0.02),
    EarlyStopping(patience=1, start_from_epoch=6),
    EarlyStopping(patience=3, monitor="val_accuracy"),
    EarlyStopping(patience=2, monitor="loss", min_delta=0.05),
    EarlyStopping(patience=2, monitor="accuracy", mode="max"),
    EarlyStopping(patience=2, monitor="val_loss", mode="max"),
    EarlyStopping(patience=30),
]


def trained_by_keras(model, rule, *, epochs):
    callback = keras.callbacks.EarlyStopping(**rule.model_dump())
    history = model.fit(
        *DATA.train,
        validation_data=DATA.validation,
        epochs=epochs,
        batch_size=8,
        shuffle=False,
        verbose=0,
        callbacks=[callback],
    )
    return callback, history.history


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(3)
    return dense(12, optimizer=keras.optimizers.SGD(0.6, momentum=0.8), metrics=["accuracy"])


@pytest.mark.parametrize(
    "rule",
    [pytest.param(rule, marks=() if rule in RULES[:6] else pytest.mark.slow) for rule in RULES],
    ids=lambda rule: repr(rule).removeprefix("EarlyStopping"),
)
def test_the_same_epoch_and_the_same_weights_as_keras(rule, model):
    run = train_placed(model, DATA, epochs=20, shuffle=False, early_stopping=rule)
    theirs = keras.models.clone_model(model)
    theirs.set_weights(model.get_weights())
    callback, history = trained_by_keras(theirs, rule, epochs=20)

    stopped = run.members["stop_epoch"].to_list()[0]
    assert (callback.stopped_epoch + 1 if callback.stopped_epoch else None) == stopped
    for name, values in history.items():
        split, metric = ("validation", name[4:]) if name.startswith("val_") else ("train", name)
        ours = run.history.filter((run.history["split"] == split) & (run.history["metric"] == metric))
        np.testing.assert_allclose(ours["value"].to_numpy(), values, rtol=1e-4, err_msg=name)
    for ours, weights in zip(run.weights(0), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(ours, weights, rtol=1e-3, atol=1e-5)


def test_rules_of_this_table_do_stop(model):
    stops = [train_placed(model, DATA, epochs=20, shuffle=False, early_stopping=rule).members for rule in RULES[:4]]
    assert all(members["status"].to_list() == ["stopped early"] for members in stops)


RATES = [3.0, 0.003, 1.0, 0.01, 0.6, 0.1, 0.3]


@pytest.mark.parametrize(
    "placement", [one_by_one(7), one_block(7), Placement(n_devices=2, block=2, n_slots=8)], ids=lambda p: str(p)
)
def test_members_that_stop_are_compacted_away_and_nothing_else_changes(placement):
    request = {"epochs": 60, "early_stopping": 1, "optimizer": "sgd", "seeds": [1], "metrics": ["accuracy"]}
    run = train_placed(dense(12), DATA, placement, learning_rate=RATES, **request)
    stops = run.members["stop_epoch"].to_list()
    assert len(set(stops)) >= 4, "members have to stop at different times for this test to show anything"
    for member, rate in enumerate(RATES):
        alone = train_placed(dense(12), DATA, one_by_one(1), learning_rate=[rate], **request)
        assert stops[member] == alone.members["stop_epoch"].to_list()[0]
        if placement.block == 1:
            assert same(run[member], alone)
        else:
            for a, b in zip(run.weights(member), alone.weights(0), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
