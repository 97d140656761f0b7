"""What `fit` refuses, and in which words: one row for each `raise` of the request and of the training it starts."""

import jaxtyping
import keras
import numpy as np
import pytest

import backlit as bl
from backlit.data import from_arrays
from backlit.errors import DataError, ModelError, SettingError
from tests.engine.populations import amounts, blobs, dense, linear


@pytest.fixture(autouse=True)
def _as_users_call_it():
    """Without the type checks of the test suite, which would be there before backlit's own words."""
    before = jaxtyping.config.jaxtyping_disable
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", before)


SCHEDULE = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)


@pytest.mark.parametrize("value", [0, -1, 1.5, "8", True, None])
def test_a_batch_is_a_whole_number_of_at_least_1(value):
    with pytest.raises(
        SettingError, match=f"`batch_size`: expected a whole number of at least 1, received `{value!r}`"
    ):
        bl.fit(dense(), blobs(), batch_size=value, save=False)


@pytest.mark.parametrize("value", [-1, 0.5, "ten", True])
def test_epochs_are_a_whole_number_of_at_least_0(value):
    with pytest.raises(SettingError, match=f"`epochs`: expected a whole number of at least 0, received `{value!r}`"):
        bl.fit(dense(), blobs(), epochs=value, save=False)


@pytest.mark.parametrize("name", ["learning_rate", "l1", "l2", "weight_decay", "clipnorm", "clipvalue"])
@pytest.mark.parametrize("value", [-0.1, "big", float("nan"), True])
def test_sizes_are_numbers_of_at_least_0(name, value):
    with pytest.raises(SettingError, match=f"`{name}`: expected a number of at least 0.*received `{value!r}`"):
        bl.fit(dense(), blobs(), save=False, optimizer="sgd", **{name: value})
    with pytest.raises(SettingError, match=f"received `{value!r}`"):
        bl.fit(dense(), blobs(), save=False, optimizer="sgd", **{name: [0.1, value]})


@pytest.mark.parametrize("name", ["dropout", "momentum"])
@pytest.mark.parametrize("value", [-0.1, 1.5, "half"])
def test_fractions_are_from_0_to_1(name, value):
    with pytest.raises(SettingError, match=f"`{name}`: expected a number from 0 to 1.0.*received `{value!r}`"):
        bl.fit(dense(), blobs(), save=False, optimizer="sgd", **{name: value})


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"seeds": 0}, r"`seeds`: expected a whole number of at least 1, or a list of seeds, received `0`"),
        ({"seeds": 2.5}, r"received `2.5`"),
        ({"seeds": True}, r"received `True`"),
        ({"seeds": []}, r"the axis `seed`: expected a list with at least one value, received `\[\]`"),
        ({"seeds": [0, -3]}, r"`seed`: expected a whole number of at least 0, received `-3`"),
        ({"seed": -1}, r"`seed`: expected a whole number of at least 0, received `-1`"),
        ({"learning_rate": []}, r"the axis `learning_rate`: expected a list with at least one value"),
        ({"vary": 5}, r"`vary`: expected a dictionary of lists, or `zipped\(…\)`, received `5`"),
        ({"vary": {"l2": 0.1}}, r"the axis `l2`: expected a list with at least one value, received `0.1`"),
        ({"vary": {"seed": [1, 2]}}, r"expected seeds in `seeds`, received an axis `seed`"),
        ({"vary": {"l2": [0.1, 0.2]}, "l2": [0.3]}, r"received `l2` twice"),
        ({"vary": {"l2": [0.1, 0.2]}, "l2": 0.3}, r"received `l2` twice"),
        ({"vary": {"units": [1, 2]}}, r"received `units`"),
        ({"learning_rte": 0.1}, r"received `learning_rte`.*`learning_rate`"),
        ({"loss": "mean_square_error"}, r"Looking up the loss: .*received `mean_square_error`.*`mean_squared_error`"),
        ({"loss": ["mse", "maee"]}, r"received `maee`"),
        ({"optimizer": "adm"}, r"Looking up the optimiser: .*received `adm`.*`adam`"),
        ({"optimizer": ["sgd", "adamm"]}, r"received `adamm`"),
        ({"early_stopping": -1}, r"`early_stopping`: expected the patience in epochs.*received `-1`"),
        ({"early_stopping": "soon"}, r"received `'soon'`"),
        ({"early_stopping": 2}, r"expected validation rows, because it watches `val_loss`, received none"),
        ({"class_weight": {0: 1.0, 3: 2.0}}, r"`class_weight`: expected classes 0..2, received `3`"),
        ({"class_weight": {0: 2.0}, "sample_weight": np.ones(24)}, r"either `class_weight` or `sample_weight`"),
        ({"dropout": 0.5}, r"expected a model with a Dropout layer, received `sequential\w*`"),
        ({"dropout": [0.0, 0.5]}, r"which has none"),
        ({"learning_rate": 0.1, "optimizer": keras.optimizers.SGD(SCHEDULE)}, r"either `learning_rate` or a schedule"),
        ({"learning_rate": [0.1, 0.2], "optimizer": keras.optimizers.SGD(SCHEDULE)}, r"received both"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_named(arguments, match):
    with pytest.raises((SettingError, ModelError), match=match):
        bl.fit(dense(), blobs(), save=False, **arguments)


@pytest.mark.parametrize(
    ("lists", "match"),
    [
        ({"learning_rate": [0.1, 0.2], "momentum": [0.9]}, "received learning_rate: 2, momentum: 1"),
        ({"learning_rate": 0.1, "momentum": [0.9]}, "received learning_rate: 0, momentum: 1"),
        ({}, "received nothing"),
    ],
)
def test_zipped_lists_are_of_the_same_length(lists, match):
    with pytest.raises(SettingError, match=match):
        bl.zipped(**lists)


@pytest.mark.parametrize("data", [amounts(4)], ids=["regression"])
def test_class_weights_need_classes(data):
    with pytest.raises(SettingError, match="expected a classification task, received regression"):
        bl.fit(linear(), data, class_weight={0: 1.0}, save=False)


@pytest.mark.parametrize(
    ("model", "match"),
    [
        ("mlp", "expected a Keras model, or a function that builds one, received `str`"),
        (lambda: 7, "expected a Keras model, received `int`"),
    ],
)
def test_what_is_no_model_is_refused(model, match):
    with pytest.raises(ModelError, match=match):
        bl.fit(model, blobs(), save=False)


def test_a_schedule_is_a_learning_rate():
    run = bl.fit(dense(), blobs(16), learning_rate=SCHEDULE, epochs=2, batch_size=8, optimizer="sgd", save=False)
    # 4 steps; the next rate is 0.1 · 0.9^(4 / 10).
    assert 0.1 * 0.9**0.4 == pytest.approx(float(run.model.optimizer.learning_rate))


def test_axes_are_read_from_lists_ranges_and_arrays():
    run = bl.fit(dense(), blobs(), epochs=0, learning_rate=np.array([0.1, 0.2]), seeds=range(3), l2=(0.1,), save=False)
    assert ("learning_rate", "l2", "seed") == run.axes
    assert 6 == len(run)
    assert [0.1, 0.1, 0.1, 0.2, 0.2, 0.2] == run.members["learning_rate"].to_list()
    assert [0, 1, 2, 0, 1, 2] == run.members["seed"].to_list()


def test_seeds_count_from_the_first_seed():
    run = bl.fit(dense(), blobs(), epochs=0, seeds=3, seed=10, save=False)
    assert [10, 11, 12] == run.members["seed"].to_list()


def test_keras_meaning_of_validation_split_is_the_last_rows():
    data = (np.arange(10, dtype="float32")[:, None], np.arange(10) % 2)
    run = bl.fit(keras.Sequential([keras.layers.Dense(2)]), data, validation_split=0.2, epochs=0, save=False)
    assert [8.0, 9.0] == run.data.validation[0][:, 0].tolist()


def test_validation_data_of_another_shape_is_refused():
    with pytest.raises(DataError, match=r"\(24, 6\) / \(3, 5\)"):
        bl.fit(dense(), blobs().train, validation_data=(np.zeros((3, 5)), np.zeros(3, int)), save=False)


def test_sample_weights_of_another_length_are_refused():
    with pytest.raises(DataError, match="24 finite numbers"):
        bl.fit(dense(), blobs(), sample_weight=np.ones(5), save=False)
    with pytest.raises(DataError, match="24 finite numbers"):
        bl.fit(dense(), from_arrays(*blobs().train), sample_weight=-np.ones(24), save=False)


def test_what_is_written_of_a_model_is_the_whole_model():
    inputs = keras.Input((6,))
    hidden = keras.layers.Dense(4, "tanh")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3, "softmax")(keras.layers.Add()([hidden, hidden])))
    run = bl.fit(model, blobs(), epochs=0, save=False, verbose=False)
    again = keras.saving.deserialize_keras_object(run.experiment.models[0].config)
    assert [type(layer) for layer in model.layers] == [type(layer) for layer in again.layers]
    assert (None, 3) == again.output_shape
