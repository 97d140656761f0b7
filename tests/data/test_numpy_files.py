import numpy as np
import pytest

from backlit.data import load
from backlit.errors import DataError, SettingError

X = np.arange(12, dtype=np.float32).reshape(6, 2)
Y = np.array([0, 1, 0, 1, 0, 1])


def test_npz_with_x_and_y(tmp_path):
    np.savez(tmp_path / "small.npz", x=X, y=Y)
    data = load(tmp_path / "small.npz", validation_split=0.34)
    assert X.tolist() == data.inputs.tolist()
    assert (4, 2, 0) == data.splits.sizes
    assert "small" == data.name
    assert data.digest() == load(data.recipe["source"], **data.recipe["options"]).digest()


def test_npz_as_keras_saves_it(tmp_path):
    np.savez(tmp_path / "mnist.npz", x_train=X, y_train=Y, x_test=X[:2], y_test=Y[:2])
    assert (6, 0, 2) == load(tmp_path / "mnist.npz").splits.sizes


def test_npz_with_another_key_for_the_targets(tmp_path):
    np.savez(tmp_path / "a.npz", x=X, y=Y, price=X[:, 0])
    assert "regression" == load(tmp_path / "a.npz", target="price").task


def test_npz_without_targets(tmp_path):
    np.savez(tmp_path / "a.npz", images=X)
    with pytest.raises(DataError, match=r"arrays named `x` and `y`, received `images` \(6, 2\)"):
        load(tmp_path / "a.npz")


def test_npy_matrix(tmp_path):
    matrix = np.column_stack([Y, X])
    np.save(tmp_path / "m.npy", matrix)
    assert "regression" == load(tmp_path / "m.npy").task
    assert X.tolist() == load(tmp_path / "m.npy", target=0).inputs.tolist()
    assert "classification" == load(tmp_path / "m.npy", target="0").task
    with pytest.raises(SettingError, match=r"`target`: expected a whole number -3\.\.2, received 7"):
        load(tmp_path / "m.npy", target=7)


def test_npy_that_is_no_table(tmp_path):
    np.save(tmp_path / "m.npy", Y)
    with pytest.raises(DataError, match=r"a matrix with at least 2 columns.*received shape \(6,\)"):
        load(tmp_path / "m.npy")


@pytest.mark.parametrize("name", ["broken.npz", "broken.npy"])
def test_damaged_file(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(DataError, match=rf"{name}`: expected arrays of numbers saved by"):
        load(tmp_path / name)


@pytest.mark.parametrize("name", ["empty.npz", "empty.npy"])
def test_empty_file(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(DataError, match=rf"{name}`: expected arrays of numbers saved by"):
        load(tmp_path / name)


def test_python_objects_are_not_unpickled(tmp_path):
    np.savez(tmp_path / "o.npz", x=np.array([{"a": 1}]), y=[0])
    with pytest.raises(DataError, match="objects are not read, for they can run code"):
        load(tmp_path / "o.npz")
