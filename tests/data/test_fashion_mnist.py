import gzip
import struct

import numpy as np
import pytest

from backlit.data import fashion_mnist, load
from backlit.data.fashion_mnist import CLASS_NAMES, load_fashion_mnist, usual_folders
from backlit.data.idx import parse_idx, read_idx
from backlit.errors import DataError


def idx(array: np.ndarray) -> bytes:
    """The bytes of an IDX file."""
    return (
        bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()
    )


def write_files(folder, n_train=60, n_test=20):
    """Four small files as the publisher's: image i is filled with i, labels 0..9 in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    for prefix, n in (("train", n_train), ("t10k", n_test)):
        images = np.broadcast_to(np.arange(n)[:, None, None], (n, 28, 28))
        (folder / f"{prefix}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
        (folder / f"{prefix}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.arange(n) % 10)))
    return folder


def test_own_test_rows_and_one_sixth_for_validation(tmp_path):
    data = load("fashion-mnist", folder=str(write_files(tmp_path)))
    assert (50, 10, 20) == data.splits.sizes
    assert list(range(60, 80)) == data.splits.test.tolist()
    assert [1] * 10 == np.bincount(data.validation[1]).tolist()
    assert (28, 28, 1) == data.input_shape
    assert np.float32 == data.inputs.dtype
    assert 59 / 255 == pytest.approx(data.inputs[59].max())
    assert CLASS_NAMES == data.class_names
    assert {"folder": str(tmp_path)} == data.recipe["options"]


def test_files_that_keras_fetched_are_found(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    write_files(tmp_path / "datasets" / "fashion-mnist")
    assert usual_folders()[1] == tmp_path / "datasets" / "fashion-mnist"
    monkeypatch.setattr(fashion_mnist, "usual_folders", lambda: usual_folders()[1:])
    assert 80 == len(load_fashion_mnist())


def test_files_that_are_nowhere(tmp_path):
    with pytest.raises(DataError) as caught:
        load("fashion-mnist", folder=str(tmp_path))
    assert f"its four files in `{tmp_path}`, received none there" in str(caught.value)
    assert "apt install dataset-fashion-mnist" in str(caught.value)


def test_download_on_request(tmp_path, monkeypatch):
    monkeypatch.setattr(fashion_mnist, "usual_folders", lambda: (tmp_path / "debian", tmp_path / "keras"))
    monkeypatch.setattr(fashion_mnist, "_fetch", lambda: write_files(tmp_path / "keras"))
    assert 80 == len(load_fashion_mnist(download=True))


def test_download_that_fails(tmp_path, monkeypatch):
    from keras.datasets import fashion_mnist as in_keras

    def fail():
        raise Exception("URL fetch failure")  # noqa: TRY002  as Keras does

    monkeypatch.setattr(fashion_mnist, "usual_folders", lambda: (tmp_path, tmp_path))
    monkeypatch.setattr(in_keras, "load_data", fail)
    with pytest.raises(DataError, match="a network connection, received URL fetch failure"):
        load_fashion_mnist(download=True)


def test_images_and_labels_of_different_sets(tmp_path):
    write_files(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.zeros(7))))
    with pytest.raises(DataError, match=r"images \(60, 28, 28\), labels \(7,\)"):
        load_fashion_mnist(folder=str(tmp_path))


def test_idx_by_hand():
    # Two rows of three: sizes 2 and 3, four bytes each, then six values.
    content = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])
    assert [[1, 2, 3], [4, 5, 6]] == parse_idx(content, name="x").tolist()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an IDX file of bytes, starting 00 00 08, received ``"),
        (b"PNG!", "received `50 4e 47 21`"),
        (bytes([0, 0, 13, 1, 0, 0, 0, 1]), "received `00 00 0d 01`"),
        (bytes([0, 0, 8, 1, 0, 0, 0, 9, 1, 2]), r"9 values for shape \(9,\), received 2 values"),
        (bytes([0, 0, 8, 2, 0, 0, 0, 9]), r"Reading `x`: expected 9 values for shape \(9,\), received 0 values"),
    ],
)
def test_damaged_idx(content, message):
    with pytest.raises(DataError, match=message):
        parse_idx(content, name="x")


@pytest.mark.parametrize("content", [b"not gzipped", gzip.compress(b"cut off", mtime=0)[:-6]])
def test_damaged_gzip(tmp_path, content):
    (tmp_path / "x.gz").write_bytes(content)
    with pytest.raises(DataError, match=r"x.gz`: expected a gzipped file"):
        read_idx(tmp_path / "x.gz")
