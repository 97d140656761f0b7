"""What `fit` itself does: data arguments in Keras's meaning, and nothing lost when the store fails."""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.fitting import dataset_for


@pytest.fixture
def rows(rng):
    return rng.normal(size=(10, 2)).astype("float32"), np.arange(10) % 2


def test_validation_split_takes_the_last_rows_as_keras_does(rows):
    # 10 rows, 0.2: the last two validate, unshuffled.
    data = dataset_for(rows, validation_split=0.2)
    assert [8, 9] == data.splits.validation.tolist()
    assert list(range(8)) == data.splits.train.tolist()


def test_validation_data_and_weights_of_rows(rows):
    weight = np.full(10, 3.0)
    data = dataset_for(rows, validation_data=(rows[0][:4], rows[1][:4]), sample_weight=weight)
    assert (10, 4, 0) == data.splits.sizes
    assert [3.0] * 10 + [1.0] * 4 == data.sample_weight.tolist()


def test_weights_on_a_dataset_keep_its_preparation():
    table = bl.load("iris")
    data = dataset_for(table, sample_weight=np.full(len(table.splits.train), 2.0))
    assert data.preparation is table.preparation
    assert {2.0} == set(data.sample_weight[data.splits.train].tolist())
    assert {1.0} == set(data.sample_weight[data.splits.test].tolist())


def test_a_split_of_a_dataset_is_no_longer_stratified():
    data = dataset_for("iris", validation_split=0.5)
    assert not data.splits.is_stratified
    assert data.splits.seed is None
    assert 23 == len(data.splits.test)


def test_rows_that_validate_do_not_prepare_the_others():
    """Rows that trained when the table was prepared, and now validate, leave its means."""
    data = dataset_for("iris", validation_split=0.5)
    np.testing.assert_allclose(data.train[0].mean(0), 0, atol=1e-5)
    assert abs(data.validation[0].mean(0)).max() > 0.1


def test_a_run_that_cannot_be_kept_is_returned_all_the_same(rows, monkeypatch, capsys):
    from backlit.errors import StoreError
    from backlit.language import text

    def fail(*_, **__):
        raise StoreError("disk-full", what=text("Keeping the run"), fix=text("Stopped."))

    monkeypatch.setattr("backlit.store.Store.keep", fail)
    run = bl.fit(keras.Sequential([keras.layers.Dense(2)]), rows, epochs=1, verbose=False)
    assert run.unkept.code == "disk-full"
    assert run.id == ""
    assert "Keeping the run" in capsys.readouterr().err
    assert len(run.history)
