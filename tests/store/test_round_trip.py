"""A run that was kept and opened is the run that was trained."""

from typing import Any

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.store import Store


def test_everything_comes_back(population, assert_same):
    id = Store().keep(population)
    opened = Store().open(id)
    assert id == opened.id
    assert population.experiment == opened.experiment
    assert population.notes == opened.notes
    assert population.trained.notes == opened.trained.notes
    assert population.plan == opened.plan
    assert (population.compile_s, population.run_s) == (opened.compile_s, opened.run_s)
    assert population.samples_per_s == opened.samples_per_s
    assert population.summary().equals(opened.summary(), null_equal=True)
    assert population.best == opened.best
    assert_same(population, opened)


def test_an_opened_run_scores_predicts_and_saves(population, tmp_path):
    opened = Store().open(Store().keep(population))
    rows = population.data.test[0]
    expected = population.predict(rows)
    assert population.evaluate().equals(opened.evaluate())
    assert np.array_equal(expected, opened.predict(rows))
    assert np.array_equal(population.predict(rows, member=2), opened[2].predict(rows))
    saved: Any = keras.models.load_model(opened.save(tmp_path / "model.keras"))
    raw = population.data.coded[population.data.splits.test]
    np.testing.assert_allclose(expected, saved.predict(raw, verbose=0), rtol=1e-5)


def test_one_member_of_a_population_can_be_kept_alone(population):
    opened = Store().open(Store().keep(population[3]))
    assert 1 == len(opened)
    assert population[3].history.equals(opened.history)


def test_groups_of_different_structure_come_back(assert_same):
    def build(units):
        return keras.Sequential([keras.layers.Dense(units), keras.layers.Dense(3, "softmax")])

    run = bl.fit(build, "iris", epochs=1, vary={"units": [2, 3]}, batch_size=64, save=False, verbose=False)
    opened = Store().open(Store().keep(run))
    assert 2 == len(opened.trained.groups)
    assert_same(run, opened)
    assert run.evaluate().equals(opened.evaluate())
    assert "Dense 2, Dense 3 (+1)" == Store().listing()[0].model


def test_tuples_among_the_building_arguments_come_back():
    def build(widths):
        return keras.Sequential([*(keras.layers.Dense(n) for n in widths), keras.layers.Dense(3, "softmax")])

    run = bl.fit(build, "iris", epochs=1, vary={"widths": [(2,), (2, 2)]}, batch_size=64, save=False, verbose=False)
    opened = Store().open(Store().keep(run))
    assert run.experiment == opened.experiment
    assert run.members.equals(opened.members)
    assert run.evaluate("validation").equals(opened.evaluate("validation"))


def test_diverged_members_come_back(assert_same):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(32, 2)).astype("float32"), rng.normal(size=32).astype("float32")
    model = keras.Sequential([keras.layers.Dense(1)])
    run = bl.fit(
        model, rows, epochs=6, optimizer="sgd", learning_rate=[0.01, 1e20], loss="mse", save=False, verbose=False
    )
    assert ["finished", "diverged"] == run.members["status"].to_list()
    opened = Store().open(Store().keep(run))
    assert_same(run, opened)
    row = Store().listing()[0]
    assert (1, 1, 0) == (row.n_finished, row.n_diverged, row.n_stopped_early)


def test_no_epochs_come_back(assert_same):
    model = keras.Sequential([keras.layers.Dense(3, "softmax")])
    run = bl.fit(model, "iris", epochs=0, save=False, verbose=False)
    opened = Store().open(Store().keep(run))
    assert len(run.weights(0)) == len(opened.weights(0))
    assert_same_weights(run, opened)
    assert Store().listing()[0].best is None


def test_half_precision_weights_come_back():
    model = keras.Sequential([keras.layers.Dense(3, "softmax", dtype="bfloat16")])
    run = bl.fit(model, "iris", epochs=1, save=False, verbose=False)
    opened = Store().open(Store().keep(run))
    assert "bfloat16" == opened.weights(0)[0].dtype.name
    assert_same_weights(run, opened)


def assert_same_weights(run, opened):
    for one, other in zip(run.weights(0), opened.weights(0), strict=True):
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()


def test_a_model_as_large_as_its_metrics_say(population):
    """The listing shows what is on disk."""
    store = Store()
    id = store.keep(population)
    on_disk = sum(path.stat().st_size for path in (store.home / "runs" / id).iterdir())
    assert on_disk == store.listing()[0].size_bytes


def test_origin_tells_versions_and_machine(population):
    store = Store()
    origin = store.origin(store.keep(population))
    assert bl.__version__ == origin.versions["backlit"]
    assert keras.__version__ == origin.versions["keras"]
    assert "cores" in origin.machine


def test_fit_keeps_what_it_trains():
    model = keras.Sequential([keras.layers.Dense(3, "softmax")])
    run = bl.fit(model, "iris", epochs=1, verbose=False)
    assert run.id == bl.open_run().id == bl.runs()["id"][0]


@pytest.mark.parametrize("metrics", [[], ["accuracy"]])
def test_weighted_metrics_of_a_compiled_model_come_back(metrics):
    rows = np.eye(4, dtype="float32"), np.array([0, 1, 0, 1])
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=metrics or None, weighted_metrics=["accuracy"])
    run = bl.fit(model, rows, sample_weight=np.array([1.0, 2.0, 3.0, 4.0]), epochs=1, save=False, verbose=False)
    opened = Store().open(Store().keep(run))
    assert run.evaluate("train").equals(opened.evaluate("train"))
    assert run.history.equals(Store().rerun("last").history)
