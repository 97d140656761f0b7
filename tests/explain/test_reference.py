"""Training in NumPy is the engine's training, to the last digits; and what it does that the engine does otherwise."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.data import from_arrays
from backlit.errors import DataError, ModelError, SettingError
from tests.explain.oracle import CASES, eight_six_six_four, two_three_two

QUICK = ("2-3-2/sgd", "2-3-2/adam", "8-6-6-4/adam", "cnn/adam")  # the others are slow
pytestmark = pytest.mark.timeout(600)  # the first test waits for all comparisons
ROOT = Path(__file__).parents[2]
NOT_GIVEN = ("JAX_NUMPY_DTYPE_PROMOTION", "JAX_ENABLE_X64")
dense = keras.layers.Dense


@pytest.fixture(scope="session")
def engine_beside_reference(request):
    """By case: what `oracle.py` found, in a process of its own, for every case that this session tests."""
    asked = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    cases = list(dict.fromkeys(params["oracle_case"] for params in asked if "oracle_case" in params))
    done = subprocess.run(
        [sys.executable, "-m", "tests.explain.oracle", *cases],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in NOT_GIVEN},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {one["case"]: one for one in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize(
    "oracle_case", [pytest.param(case, marks=() if case in QUICK else pytest.mark.slow) for case in CASES]
)
def test_fifty_steps_are_those_of_the_compiled_program(oracle_case, engine_beside_reference):
    one = engine_beside_reference[oracle_case]
    assert one["n_steps"] == 50
    assert one["n_moved"] == one["n_weights"], "nothing is shown by weights that do not move"
    assert one["loss_error"] <= 1e-9
    assert max(one["weight_errors"]) <= 1e-9


@pytest.mark.parametrize("oracle_case", ["2-3-2/adam"])
def test_each_single_step_has_the_loss_of_the_compiled_program(oracle_case, engine_beside_reference):
    assert 0 < engine_beside_reference[oracle_case]["step_loss_error"] <= 1e-9


@pytest.mark.parametrize(
    ("build", "n_weights"),
    [(two_three_two, 2 * 3 + 3 + 3 * 2 + 2), (eight_six_six_four, 8 * 6 + 6 + 6 * 6 + 6 + 6 * 4 + 4)],
)
def test_the_snippets_of_the_notes_run_as_written(build, n_weights):
    with pytest.warns(UserWarning, match="Do not pass an `input_shape`"):
        model = build()
    assert model.count_params() == n_weights
    rows = np.ones((4, model.input_shape[1])), np.zeros(4, int)
    fitted = bl.reference.fit(model, rows, epochs=2, loss="sparse_categorical_crossentropy")
    assert fitted.losses[1] < fitted.losses[0]


def line(*, weight=1.0):
    """y = w x; with x = 1 and the target 3: C = (w − 3)²."""
    model = keras.Sequential([keras.Input((1,)), dense(1, use_bias=False)])
    model.set_weights([np.array([[weight]])])
    return model


ONE_ROW = (np.array([[1.0]]), np.array([3.0]))


def test_two_steps_by_hand():
    """∂C/∂w = 2 (w − 3): from w = 1 with the rate 0.1 to 1 + 0.4 = 1.4, then to 1.4 + 0.32 = 1.72."""
    fitted = bl.reference.fit(line(), ONE_ROW, epochs=2, learning_rate=0.1, loss="mse")
    assert fitted.losses == pytest.approx([4.0, 1.6**2])
    assert fitted.weights[0].item() == pytest.approx(1.72)
    assert repr(fitted).endswith("2 steps>")


def test_two_steps_with_momentum_by_hand():
    """v = 0.4, w = 1.4; then v = 0.5 × 0.4 + 0.32 = 0.52, w = 1.92."""
    fitted = bl.reference.fit(line(), ONE_ROW, epochs=2, learning_rate=0.1, momentum=0.5, loss="mse")
    assert fitted.weights[0].item() == pytest.approx(1.92)


def test_an_epoch_loss_counts_each_batch_by_its_rows():
    """Without learning, w = 1 and x = 1: rows cost (1 − y)², here 0, 4 and 16; batches 2 and 16, by rows 20 / 3."""
    rows = np.ones((3, 1)), np.array([1.0, 3.0, 5.0])
    fitted = bl.reference.fit(line(), rows, epochs=1, batch_size=2, learning_rate=0.0, loss="mse", shuffle=False)
    assert fitted.losses.tolist() == [2.0, 16.0]
    assert fitted.epoch_losses.tolist() == pytest.approx([20 / 3])


def test_the_order_of_rows_is_that_of_the_data_seed(rng):
    rows = rng.normal(size=(9, 1)), rng.normal(size=9)
    losses = [
        bl.reference.fit(line(), rows, epochs=1, batch_size=1, data_seed=seed, loss="mse").losses for seed in (0, 0, 1)
    ]
    assert np.array_equal(losses[0], losses[1])
    assert not np.array_equal(losses[0], losses[2])


def test_masks_of_dropout_are_drawn_by_the_seed_and_anew_in_each_step():
    """w = 1, x = 1, target 0, no learning: the loss is 0 where the input drops, and (1 / 0.5)² = 4 where it stays."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dropout(0.5), dense(1, use_bias=False)])
    model.set_weights([np.array([[1.0]])])
    rows = np.ones((1, 1)), np.zeros(1)
    settings = {"epochs": 200, "learning_rate": 0.0, "loss": "mse"}
    one, again, other = (bl.reference.fit(model, rows, seed=seed, **settings).losses for seed in (0, 0, 1))
    assert set(one.tolist()) == {0.0, 4.0}
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert 70 < (one > 0).sum() < 130  # half of 200, give or take four standard deviations of 7


def test_moving_averages_of_batch_normalisation_by_hand():
    """Rows 1 and 3: mean 2, variance 1. From mean 0 and variance 1 with the momentum 0.75: 0.25 × 2 = 0.5, and 1."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.BatchNormalization(momentum=0.75), dense(1)])
    rows = np.array([[1.0], [3.0]]), np.zeros(2)
    fitted = bl.reference.fit(model, rows, epochs=1, loss="mse")
    assert fitted.weights[2].tolist() == [0.5]
    assert fitted.weights[3].tolist() == [1.0]


def test_the_model_has_the_weights_and_the_given_one_is_left_alone():
    model = line()
    model.compile(keras.optimizers.SGD(0.25), "mean_squared_error")
    fitted = bl.reference.fit(model, ONE_ROW, epochs=1, optimizer=None)
    assert model.get_weights()[0].item() == 1.0
    assert fitted.model.get_weights()[0].item() == 2.0  # 1 − 0.25 × 2 (1 − 3)
    assert fitted.model.predict(ONE_ROW[0], verbose=0).item() == 2.0
    assert fitted.model.loss == "mean_squared_error"
    assert fitted.optimiser.learning_rate == 0.25


def test_frozen_weights_stay():
    model = keras.Sequential([keras.Input((1,)), dense(2, trainable=False), dense(1)])
    fitted = bl.reference.fit(model, ONE_ROW, epochs=3, optimizer="adam", loss="mse")
    assert np.array_equal(fitted.weights[0], model.get_weights()[0])
    assert not np.array_equal(fitted.weights[2], model.get_weights()[2])


def test_only_training_rows_are_used():
    data = from_arrays(*ONE_ROW, validation=(np.array([[1.0]]), np.array([99.0])), task="regression")
    assert bl.reference.fit(line(), data, epochs=1, loss="mse").losses.tolist() == [4.0]


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"epochs": -1}, SettingError, "Reading `epochs`: expected a whole number of at least 0, received `-1`"),
        ({"epochs": 1, "batch_size": 0}, SettingError, "at least 1, received `0`"),
        ({"epochs": 1, "optimizer": "rmsprop"}, ModelError, "received `rmsprop`"),
        ({"epochs": 1, "optimizer": None}, ModelError, "received `None`"),
    ],
)
def test_wrong_settings_are_named(settings, error, words):
    with pytest.raises(error, match=words):
        bl.reference.fit(line(), ONE_ROW, loss="mse", **settings)


def test_weighted_rows_are_refused():
    data = from_arrays(*ONE_ROW, sample_weight=np.array([2.0]), task="regression")
    with pytest.raises(DataError, match="expected rows that count equally"):
        bl.reference.fit(line(), data, epochs=1, loss="mse")
