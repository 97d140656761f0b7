"""One-hot rows: forth and back, labels that nobody knows, and what a row costs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlit.data import from_one_hot, one_hot
from backlit.errors import DataError, SettingError

labels = st.lists(st.integers(0, 6), min_size=1, max_size=20)


@settings(max_examples=30, deadline=None)
@given(ids=labels, unknown=st.sampled_from(["error", "zeros", "other"]), sparse=st.booleans())
def test_back_and_forth(ids, unknown, sparse):
    rows = one_hot(ids, n_classes=7, unknown=unknown, sparse=sparse)
    assert (len(ids), 7 + (unknown == "other")) == rows.shape
    assert np.float32 == rows.dtype
    assert ids == from_one_hot(rows).tolist()
    assert ids == from_one_hot(rows, classes=range(7)).tolist()


@settings(max_examples=30, deadline=None)
@given(ids=labels, unknown=st.sampled_from(["zeros", "other"]))
def test_sparse_rows_are_the_dense_ones(ids, unknown):
    dense = one_hot(ids, n_classes=4, unknown=unknown)
    assert dense.tolist() == one_hot(ids, n_classes=4, unknown=unknown, sparse=True).toarray().tolist()


def test_names():
    rows = one_hot(["red", "blue", "red"], classes=["blue", "green", "red"])
    assert [[0, 0, 1], [1, 0, 0], [0, 0, 1]] == rows.tolist()
    assert ["red", "blue", "red"] == from_one_hot(rows, classes=["blue", "green", "red"]).tolist()


def test_labels_that_nobody_knows():
    asked = {"classes": ["blue", "red"]}
    assert [[0, 1], [0, 0]] == one_hot(["red", "pink"], unknown="zeros", **asked).tolist()
    assert [[0, 1, 0], [0, 0, 1]] == one_hot(["red", "pink"], unknown="other", **asked).tolist()
    assert [[0, 1, 0], [0, 0, 1], [0, 0, 1]] == one_hot([1, 2, -1], n_classes=2, unknown="other").tolist()
    assert ["red", None] == from_one_hot(one_hot(["red", "pink"], unknown="zeros", **asked), **asked).tolist()
    assert ["red", None] == from_one_hot(one_hot(["red", "pink"], unknown="other", **asked), **asked).tolist()
    assert [1, -1] == from_one_hot(one_hot([1, 5], n_classes=2, unknown="zeros")).tolist()
    with pytest.raises(DataError, match="labels among the 2 classes, received pink at 1 places, first at index 1"):
        one_hot(["red", "pink"], **asked)


def test_a_sparse_row_costs_the_same_however_many_classes_there_are():
    sizes = []
    for n_classes in (10, 1_000):
        rows = one_hot(np.arange(10), n_classes=n_classes, sparse=True)
        sizes.append(rows.data.nbytes + rows.indices.nbytes)
        assert 10 * n_classes * 4 == one_hot(np.arange(10), n_classes=n_classes).nbytes
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("row", [[0.5, 0.5], [1, 1], [0, 2], [0.9, 0]])
def test_rows_that_are_not_one_hot(row, sparse):
    from scipy.sparse import csr_array

    rows = np.array([[1, 0], row, [0, 0], [0, 1]])
    with pytest.raises(DataError, match=r"a single 1, received 1 others, first at row 1.*`rows\.argmax\(1\)`"):
        from_one_hot(csr_array(rows) if sparse else rows)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: one_hot([1], unknown="zeros"), SettingError, "`n_classes` or `classes`, .* received neither"),
        (lambda: one_hot([1], unknown="maybe"), SettingError, "one of `error`, `zeros`, `other`, received 'maybe'"),
        (lambda: one_hot([1], n_classes=2, classes=[1, 2]), SettingError, "or `n_classes`, received both"),
        (lambda: one_hot([1], classes=[1, 1]), SettingError, r"without repetition, .* received \[1, 1\]"),
        (lambda: one_hot([0.5], n_classes=2, unknown="zeros"), DataError, "whole numbers as labels, received 0.5"),
        (lambda: from_one_hot([1, 0]), DataError, r"shape \(rows, classes\), received \(2,\) int64"),
        (lambda: from_one_hot([[1, 0, 0, 0]], classes="ab"), DataError, "2 columns, .* received 4"),
    ],
)
def test_mistakes(call, error, message):
    with pytest.raises(error, match=message):
        call()
