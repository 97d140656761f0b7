"""Rows as people read them."""

import numpy as np
import polars as pl
import pytest

from backlit.data import load
from backlit.measure.told_rows import MOST_VALUES, ToldRow, tell_rows
from tests.measure.stand_in import rows_of


def test_a_sentence():
    data = rows_of(np.array([[2, 1, 0], [1, 0, 0]], np.int32), [0, 1], vocabulary=("", "good", "not"))
    assert ["not good", "good"] == [told.sentence for told in tell_rows(data, [0, 1])]


def test_standardised_columns_in_their_own_units():
    told = tell_rows(load("iris"), [0])[0]
    assert ("sepal length (cm)", pytest.approx(5.1)) == told.values[0]  # the first flower of Fisher's table
    assert (4, 0) == (len(told.values), told.n_left_out)


def test_columns_of_a_file_as_they_stood_there():
    frame = pl.DataFrame(
        {
            "size": [1.5, None, 3.5, 4.5] * 5,
            "colour": ["red", "blue", None, "red"] * 5,
            "smokes": ["yes", "no", "no", "yes"] * 5,
            "day": ["2024-01-31", "2024-02-01", "2024-03-01", "2024-04-01"] * 5,
            "kind": ["a", "b", "a", "b"] * 5,
        }
    )
    data = load(frame, target="kind")
    rows = {tuple(told.values) for told in tell_rows(data, range(len(data)))}
    assert rows == {
        (("size", 1.5), ("colour", "red"), ("smokes", True), ("day", "2024-01-31")),
        (("size", None), ("colour", "blue"), ("smokes", False), ("day", "2024-02-01")),
        (("size", 3.5), ("colour", None), ("smokes", False), ("day", "2024-03-01")),
        (("size", 4.5), ("colour", "red"), ("smokes", True), ("day", "2024-04-01")),
    }


def test_of_many_columns_the_first_are_told():
    data = rows_of(np.arange(20, dtype=np.float32).reshape(2, 10), [0, 1])
    told = tell_rows(data, [1])[0]
    assert [(str(i + 1), 10.0 + i) for i in range(MOST_VALUES)] == list(told.values)
    assert 2 == told.n_left_out


def test_a_row_of_another_shape_is_summed_up():
    inputs = np.arange(24, dtype=np.float32).reshape(2, 6, 2)
    assert (ToldRow(1, shape=(6, 2), lowest=12.0, highest=23.0),) == tell_rows(rows_of(inputs, [0, 1]), [1])
