import json

import numpy as np
import pytest

import backlit
from backlit.data import load
from backlit.errors import DataError, SettingError

X, Y = np.arange(40, dtype=np.float32).reshape(20, 2), np.arange(20) % 2


def test_arrays_all_train_unless_asked():
    data = load((X, Y))
    assert (20, 0, 0) == data.splits.sizes
    assert data.train[0].base is X or data.train[0] is data.inputs
    asked = load((X, Y), validation_split=0.2, test_split=0.1)
    assert (14, 4, 2) == asked.splits.sizes
    assert asked.splits.is_stratified


def test_pairs_as_keras_gives_them():
    data = load(((X, Y), (X[:4], Y[:4])), validation_split=0.25)
    assert (15, 5, 4) == data.splits.sizes
    assert [20, 21, 22, 23] == data.splits.test.tolist()


def test_options_of_arrays():
    assert "regression" == load((X, Y), task="regression").task
    with pytest.raises(SettingError, match=r"Loading `arrays`: .*received `tasc`. Did you mean `task`\?"):
        load((X, Y), tasc="regression")
    with pytest.raises(SettingError, match="received `target`"):
        load((X, Y), target="y")


def test_a_dataset_stays_itself_and_can_be_dealt_out_again():
    data = load((X, Y), validation_split=0.2)
    assert data is load(data)
    again = load(data, seed=1)
    assert (16, 4, 0) == again.splits.sizes
    assert data.splits.validation.tolist() != again.splits.validation.tolist()
    assert (10, 4, 6) == load(data, test_split=0.3).splits.sizes


def test_a_dataset_keeps_the_test_rows_it_came_with():
    data = load(((X, Y), (X[:4], Y[:4])))
    assert [20, 21, 22, 23] == load(data, validation_split=0.5, seed=2).splits.test.tolist()
    with pytest.raises(SettingError, match=r"come with 4 test rows, received test_split=0\.2"):
        load(data, test_split=0.2)


def test_a_catalogue_set_is_made_again_from_its_recipe():
    again = load(load("iris"), validation_split=0.3)
    assert (82, 45, 23) == again.splits.sizes
    np.testing.assert_allclose(again.train[0].mean(0), 0, atol=1e-5)  # standardised by the new training rows


def test_a_dataset_in_memory_takes_no_other_options():
    with pytest.raises(SettingError, match=r"Loading a Dataset again: .*received `noise`"):
        load(load((X, Y)), noise=0.2)


def test_recipes_can_be_written_as_json():
    recipe = load("shapes", n=24, target="colour", seed=2).recipe
    assert {"source": "shapes", "options": {"target": "colour", "seed": 2, "n": 24}} == json.loads(json.dumps(recipe))


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match=r"none.csv`: expected a file that is there, received nothing at that place"):
        load(tmp_path / "none.csv")
    with pytest.raises(DataError, match=r"Loading `data/none`: .*nothing at that place"):
        load("data/none")


def test_an_empty_folder(tmp_path):
    with pytest.raises(DataError, match="expected a folder for each class"):
        load(str(tmp_path))


def test_kind_of_file_that_is_not_read(tmp_path):
    (tmp_path / "a.xlsx").touch()
    known = r"\.csv, \.tsv, \.txt, \.parquet, \.pq, \.npz, \.npy"
    with pytest.raises(DataError, match=rf"expected {known}, received `\.xlsx`"):
        load(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    ("source", "shown"), [(X, r"ndarray \(20, 2\)"), ([1, 2], "list"), (None, "NoneType"), ((X,), "tuple")]
)
def test_source_of_an_unknown_kind(source, shown):
    with pytest.raises(DataError, match=rf"a tuple \(inputs, targets\), received {shown}"):
        load(source)


def test_load_is_a_public_name():
    assert backlit.load is load
