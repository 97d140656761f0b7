"""Trees of arrays on disk: every kind of number comes back in every bit, and is read only when used."""

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import load_file

from backlit.store.arrays import read_tree, tree_bytes, write_tree

# 0x3f81 is 1 + 2**-7 in bfloat16: sign 0, exponent 127, mantissa 1 of 128. float16 or float32 rounding would lose it.
KINDS = {
    "float32": np.array([[1.5, np.nan], [np.inf, -0.0]], "float32"),
    "float64": np.array([np.pi]),
    "bfloat16": np.array([0x3F81], "uint16").view(ml_dtypes.bfloat16),
    "float8": np.array([1.5], ml_dtypes.float8_e4m3fn),
    "seed state": np.array([4_294_967_295, 7], "uint32"),
    "bool": np.array([True, False]),
    "number": np.array(3, "int64"),
    "nothing": np.zeros((2, 0), "float32"),
    "strided": np.arange(6, dtype="int32").reshape(2, 3).T,
}


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_come_back_in_every_bit(tmp_path, kind):
    expected = KINDS[kind]
    write_tree(tmp_path / "a.safetensors", {"a": [expected]})
    (actual,) = read_tree(tmp_path / "a.safetensors")["a"]
    assert expected.dtype == actual.dtype
    assert expected.shape == actual.shape
    assert expected.tobytes() == actual.tobytes()


def test_empty_lists_none_and_order_come_back(tmp_path):
    tree = {"kept": {"trainable": [np.ones(2)], "non_trainable": []}, "weight": None, "groups": [[], [np.zeros(1)]]}
    write_tree(tmp_path / "a.safetensors", tree)
    back = read_tree(tmp_path / "a.safetensors")
    assert list(tree) == list(back)
    assert back["kept"]["non_trainable"] == []
    assert back["weight"] is None
    assert [[], [[0.0]]] == [[array.tolist() for array in group] for group in back["groups"]]


def test_other_programs_read_the_file(tmp_path):
    write_tree(tmp_path / "a.safetensors", {"kept": [np.array([1.0, 2.0], "float32")]})
    assert [1.0, 2.0] == load_file(tmp_path / "a.safetensors")["kept/0"].tolist()


def test_arrays_are_views_of_the_file(tmp_path):
    """Reading a member of a large population must not read the others."""
    write_tree(tmp_path / "a.safetensors", {"a": np.zeros((1000, 10))})
    array = read_tree(tmp_path / "a.safetensors")["a"]
    assert not array.flags.owndata
    assert not array.flags.writeable


def test_a_full_disk_is_an_os_error_with_its_number(tmp_path, monkeypatch):
    import safetensors

    def refuse(*args, **kwargs):
        raise safetensors.SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr("safetensors.numpy.save_file", refuse)
    with pytest.raises(OSError, match="No space left on device") as caught:
        write_tree(tmp_path / "a.safetensors", {})
    assert caught.value.errno == 28


def test_bytes_are_those_of_all_arrays():
    # 4 float64 = 32 bytes, 3 int32 = 12 bytes
    assert 44 == tree_bytes({"a": [np.zeros(4), None], "b": np.zeros(3, "int32")})
