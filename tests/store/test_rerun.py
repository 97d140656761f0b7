"""A rerun of a stored run has the same bits; where it cannot be, the message says what it needs."""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.errors import DataError, ModelError, SettingError
from backlit.store import Store, rows


def dense(*, dropout=0.0, **arguments):
    return keras.Sequential(
        [keras.layers.Dense(6, "relu"), keras.layers.Dropout(dropout), keras.layers.Dense(3, "softmax")], **arguments
    )


def fit(model, data, **settings):
    return bl.fit(model, data, verbose=False, **{"epochs": 3, **settings})


def test_one_network(assert_same):
    run = fit(dense(), "iris")
    again = Store().rerun("last")
    assert_same(run, again)
    assert run.experiment == again.experiment
    assert run.id == Store().listing()[0].rerun_of
    assert again.id == Store().listing()[0].id


def test_a_population_with_dropout_and_early_stopping(assert_same):
    run = fit(
        dense(dropout=0.5), "iris", epochs=8, learning_rate=[0.3, 0.001], seeds=3, early_stopping=1, momentum=None
    )
    assert "stopped early" in run.members["status"].to_list()
    assert_same(run, Store().rerun("last"))


def test_a_rerun_can_be_left_unkept(assert_same):
    run = fit(dense(), "iris", epochs=1)
    again = Store().rerun("last", save=False)
    assert "" == again.id
    assert 1 == len(Store().listing())
    assert_same(run, again)


def test_weights_that_were_given(assert_same):
    """A built model keeps its weights, so they are stored: no seed could draw them again."""
    model = dense(dropout=0.3)
    model.build((None, 4))
    model.layers[0].kernel.assign(np.full((4, 6), 0.1))
    run = fit(model, "iris")
    assert "kept" == run.experiment.weights
    keras.utils.set_random_seed(99)
    assert_same(run, Store().rerun("last"))


def test_a_compiled_model_that_has_trained_goes_on_from_its_optimisers_state(assert_same):
    data = bl.load("iris")
    model = dense()
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(*data.train, epochs=1, verbose=0)
    run = fit(model, data)
    assert_same(run, Store().rerun("last"))


def test_a_compiled_model_without_metrics_gets_none_in_the_rerun(assert_same):
    model = dense()
    model.compile("sgd", "sparse_categorical_crossentropy")
    run = fit(model, "iris", epochs=1)
    assert ["loss"] == run.metric_names
    assert_same(run, Store().rerun("last"))


def test_arrays_in_memory(assert_same, rng):
    inputs, targets = rng.normal(size=(40, 4)).astype("float32"), np.arange(40) % 3
    run = fit(dense(), (inputs, targets), validation_split=0.25, batch_size=16)
    assert run.experiment.data.recipe is None
    assert_same(run, Store().rerun("last"))


def test_a_csv(assert_same, csv):
    run = fit(dense(), str(csv))
    assert_same(run, Store().rerun("last"))


def test_class_weights_and_a_schedule(assert_same):
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 20)
    run = fit(
        dense(), "iris", learning_rate=None, optimizer=keras.optimizers.SGD(schedule), class_weight={0: 1.0, 1: 2.0}
    )
    assert_same(run, Store().rerun("last"))


def test_frozen_and_adapted_layers(assert_same):
    """Nothing draws their weights, so they have to come from the store."""
    data = bl.load("iris")
    normalise = keras.layers.Normalization()
    normalise.adapt(data.train[0])
    frozen = keras.layers.Dense(5, trainable=False)
    model = keras.Sequential([keras.layers.Input((4,)), normalise, frozen, keras.layers.Dense(3, "softmax")])
    run = fit(model, data, seeds=2, reinitialise=True)
    for member in run:
        assert any(np.array_equal(frozen.kernel, weights) for weights in member.weights())
    keras.utils.set_random_seed(7)
    assert_same(run, Store().rerun("last"))


def test_a_functional_model_and_a_rerun_of_its_rerun(assert_same):
    """Keras empties the config of a functional model that it reads."""
    inputs = keras.Input((4,))
    hidden = keras.layers.Dense(4, "relu")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3, "softmax")(keras.layers.Add()([inputs, hidden])))
    run = fit(model, "iris", seeds=2)
    again = Store().rerun("last")
    assert_same(run, again)
    assert run.experiment == again.experiment
    assert_same(run, Store().rerun("last"))


def test_loss_weights_and_an_optimiser_that_keras_does_not_find_by_itself(assert_same):
    model = dense()
    model.compile(keras.optimizers.Lamb(0.01), "sparse_categorical_crossentropy", loss_weights=0.5)
    assert_same(fit(model, "iris"), Store().rerun("last"))


@pytest.mark.slow
def test_two_devices_and_another_process(in_fresh_python):
    """Members lay on two devices; another process puts them there again and gets the same bits."""
    train = """
import backlit as bl, keras
model = keras.Sequential([keras.layers.Dense(6, "relu"), keras.layers.Dropout(0.2), keras.layers.Dense(3, "softmax")])
run = bl.fit(model, "iris", epochs=4, learning_rate=[0.1, 0.01], seeds=3, verbose=False)
assert run.trained.groups[0].placement.n_devices == 2
"""
    again = """
from backlit.store import Store
import backlit as bl, numpy as np
run, again = bl.open_run("last"), Store().rerun("last")
assert again.notes == run.notes
assert run.history.equals(again.history)
for one, other in zip(run.trained.groups[0].result.optimizer, again.trained.groups[0].result.optimizer, strict=True):
    assert one.tobytes() == other.tobytes()
print("same")
"""
    cores = "import backlit.engine.devices as devices; devices.n_cores = lambda: {}\n".format
    in_fresh_python(cores(2) + train)
    assert "same" == in_fresh_python(cores(2) + again)
    fewer = """
from backlit.store import Store
print(*Store().rerun("last", save=False).notes)
"""
    assert "Trained on 2 devices then, 1 here" in in_fresh_python(cores(1) + fewer)


# What a rerun needs


def test_a_csv_that_changed(csv):
    fit(dense(), str(csv), epochs=1)
    csv.write_text(csv.read_text().replace("5.1", "5.2", 1))
    with pytest.raises(
        DataError, match=r"expected `irises` as it was \(42\+9\+9 rows, digest .* received other contents"
    ):
        Store().rerun("last")


def test_a_csv_that_is_gone_leaves_all_but_its_rows(csv):
    run = fit(dense(), str(csv), epochs=1)
    expected, rows_before = run.predict(run.data.test[0]), run.data.test[0]
    csv.unlink()
    opened = bl.open_run()
    assert run.history.equals(opened.history)
    assert run.summary().equals(opened.summary())
    assert np.array_equal(expected, opened.predict(rows_before))
    assert opened.data.class_names == run.data.class_names
    assert np.array_equal(run.data.preparation.means, opened.data.preparation.means)
    assert "Only the first rows of `irises` are at hand" in str(opened.data.describe()[0])
    with pytest.raises(
        DataError, match=r"expected `.*irises.csv` as it was, received nothing at that place\. Put it back"
    ):
        opened.evaluate()
    with pytest.raises(DataError, match="Put it back, or pass the same rows"):
        Store().rerun("last")


def test_a_csv_that_moved_can_be_passed(csv, assert_same):
    run = fit(dense(), str(csv), epochs=1)
    moved = csv.rename(csv.with_name("moved.csv"))
    assert_same(run, Store().rerun("last", data=str(moved)))
    assert run.evaluate().equals(bl.open_run(run.id, data=str(moved)).evaluate())


def test_arrays_too_large_to_keep(monkeypatch, assert_same, rng):
    monkeypatch.setattr(rows, "MAX_DATA_BYTES", 1_000)  # 40 × 4 × 4 bytes + 40 × 8 bytes + 40 row numbers: 1,280
    inputs, targets = rng.normal(size=(40, 4)).astype("float32"), np.arange(40) % 3
    run = fit(dense(), (inputs, targets), validation_split=0.25, epochs=1)
    with pytest.raises(DataError, match=r"larger than the 0 MB that are kept, received nothing\. .*data=\(X, y\)"):
        Store().rerun("last")
    assert run.history.equals(bl.open_run().history)
    assert np.array_equal(run.predict(inputs), bl.open_run().predict(inputs))
    # The same rows, without a word about how they were split: the store remembers.
    assert_same(run, Store().rerun("last", data=(inputs, targets)))


def test_other_rows_are_refused(monkeypatch, rng):
    monkeypatch.setattr(rows, "MAX_DATA_BYTES", 1_000)
    inputs, targets = rng.normal(size=(40, 4)).astype("float32"), np.arange(40) % 3
    fit(dense(), (inputs, targets), epochs=1)
    with pytest.raises(DataError, match=r"expected `arrays` as it was \(40\+0\+0 rows"):
        Store().rerun("last", data=(inputs + 1, targets))
    with pytest.raises(DataError, match="received other contents"):
        bl.open_run("last", data=(inputs[:39], targets[:39]))


def test_a_loss_that_keras_cannot_write(assert_same):
    def flatness(targets, predictions):
        return keras.ops.mean(keras.ops.square(predictions - 0.3))

    run = fit(dense(), "iris", epochs=1, loss=flatness)
    with pytest.raises(ModelError, match=r'no description of loss `flatness`.*Store\(\)\.rerun\(".*", loss=…\)'):
        Store().rerun("last")
    with pytest.raises(ModelError, match="no description of loss `flatness`"):
        bl.open_run().evaluate()
    assert run.history.equals(bl.open_run().history)
    again = Store().rerun("last", loss=flatness)
    assert_same(run, again)
    assert run.evaluate().equals(bl.open_run(run.id, loss=flatness).evaluate())


def test_a_metric_that_keras_cannot_write(assert_same):
    def sureness(targets, predictions):
        return keras.ops.max(predictions, axis=-1)

    run = fit(dense(), "iris", epochs=1, metrics=[sureness])
    with pytest.raises(ModelError, match="metrics=…"):
        Store().rerun("last")
    assert_same(run, Store().rerun("last", metrics=[sureness]))


def test_a_model_that_keras_cannot_write(assert_same):
    model = keras.Sequential(
        [keras.layers.Input((4,)), keras.layers.Lambda(lambda x: x * 2), keras.layers.Dense(3, "softmax")]
    )
    run = fit(model, "iris", epochs=1)
    with pytest.raises(ModelError, match=r"no description of model `.*model=…"):
        Store().rerun("last")
    assert_same(run, Store().rerun("last", model=model))


def test_a_building_function_that_keras_cannot_write(assert_same):
    def build(factor):
        return keras.Sequential([keras.layers.Lambda(lambda x: x * factor), keras.layers.Dense(3, "softmax")])

    run = fit(build, "iris", epochs=1, vary={"factor": [1.0, 2.0]})
    with pytest.raises(ModelError, match="model=…"):
        Store().rerun("last")
    assert_same(run, Store().rerun("last", model=build))


def test_a_class_that_is_not_imported():
    """A registered layer is written by name; where nobody registers it, the message names it."""

    @keras.saving.register_keras_serializable("ours")
    class Doubled(keras.layers.Layer):
        def call(self, inputs):
            return inputs * 2

    fit(keras.Sequential([Doubled(), keras.layers.Dense(3, "softmax")]), "iris", epochs=1)
    keras.saving.get_custom_objects().clear()
    with pytest.raises(ModelError, match=r"Making the `model` of run .* Import the module that defines them"):
        Store().rerun("last")


def test_a_python_object_among_the_building_arguments():
    def build(activation):
        return keras.Sequential([keras.layers.Dense(3, activation)])

    fit(build, "iris", epochs=1, vary={"activation": [keras.activations.softmax, keras.activations.sigmoid]})
    assert 2 == len(bl.open_run().history.filter(split="train", metric="loss"))
    with pytest.raises(ModelError, match=r"no description of axes `softmax`, axes `sigmoid`.*Train it anew"):
        Store().rerun("last")


def test_another_float_type():
    fit(dense(), "iris", epochs=1)
    keras.config.set_floatx("float64")
    try:
        with pytest.raises(SettingError, match=r"expected Keras to compute in float32, as then, received float64"):
            Store().rerun("last")
    finally:
        keras.config.set_floatx("float32")


@pytest.fixture
def csv(tmp_path):
    """60 rows of iris, 20 of each class, as a file: 70/15/15 of 60 are 42, 9 and 9."""
    from sklearn.datasets import load_iris

    bunch = load_iris()
    lines = ["a,b,c,d,kind"]
    for start in (0, 50, 100):
        rows = range(start, start + 20)
        lines += [",".join(map(str, bunch.data[row])) + f",{bunch.target_names[bunch.target[row]]}" for row in rows]
    path = tmp_path / "irises.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
