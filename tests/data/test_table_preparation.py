import json

import keras
import numpy as np
import polars as pl
import pytest

from backlit.data import load, preparation_from_json, preparation_to_json
from backlit.data.columns import Column
from backlit.data.preparation import Preparation
from backlit.data.table_preparation import MOST_SPREADS, TablePreparation
from backlit.data.words import WordsPreparation
from backlit.errors import DataError

COLUMNS = (
    Column("x", "numeric"),
    Column("colour", "category", categories=("blue", "red")),
    Column("zip", "category", categories=("1", "2"), has_other=True),
    Column("ok", "boolean"),
    Column("day", "date", "%Y-%m-%d", parts=("month",)),
)
NAN = float("nan")
# x, colour, zip, ok, day, month of day
CODED = np.array([[1, 2, 0, 2, 0, 1], [3, 0, 1, 1, 10, 4], [NAN, 1, 2, 0, 20, 0]], np.float32)


@pytest.fixture
def preparation():
    return TablePreparation.of_rows(CODED, COLUMNS, ("x", "colour", "zip", "ok", "day", "y"))


def as_keras(preparation):
    coded = keras.Input(preparation.coded_shape, dtype=preparation.coded_dtype)
    return keras.Model(coded, preparation.as_layers(coded))


def test_by_hand(preparation):
    # x: median of 1, 3 is 2; 1, 3, 2 have mean 2 and spread √⅔. day: mean 10, spread √(200/3).
    names = ("x", "day", "x missing", "colour=blue", "colour=red", "zip=?", "zip=1", "zip=2", "ok")
    assert (*names, "day month sin", "day month cos") == preparation.input_names
    a = np.sqrt(1.5)
    expected = [
        [-a, -a, 0, 0, 1, 1, 0, 0, 1, 0, 1],  # January: angle 0
        [a, 0, 0, 0, 0, 0, 1, 0, -1, 1, 0],  # an unknown colour is no colour; April: a quarter of the circle
        [0, a, 1, 1, 0, 0, 0, 1, 0, 0, 0],  # no date: the middle of the circle
    ]
    np.testing.assert_allclose(preparation.apply(CODED), expected, atol=1e-6)
    assert np.float32 == preparation.apply(CODED).dtype


def test_keras_computes_the_same(preparation):
    random = np.random.default_rng(0)
    rows = np.where(random.random((50, 6)) < 0.2, NAN, random.normal(0, 5, (50, 6))).astype(np.float32)
    rows[:, [1, 2, 3, 5]] = random.integers(-1, 14, (50, 4))  # codes that there are not, too
    rows = np.concatenate([CODED, rows, [[1e38, 0, 0, 0, -1e38, 0]]]).astype(np.float32)
    prepared = preparation.apply(rows)
    np.testing.assert_allclose(as_keras(preparation).predict(rows, verbose=0), prepared, rtol=1e-6, atol=1e-6)
    assert (MOST_SPREADS, -MOST_SPREADS) == (prepared[-1, 0], prepared[-1, 1])


def test_only_categories_and_only_amounts():
    for columns, rows in ((COLUMNS[1:2], CODED[:, 1:2]), (COLUMNS[:1], CODED[:2, :1])):
        preparation = TablePreparation.of_rows(rows, columns, ())
        np.testing.assert_allclose(as_keras(preparation).predict(rows, verbose=0), preparation.apply(rows), rtol=1e-6)


def test_other_rows_change_the_numbers_and_not_the_shape(preparation):
    # Rows 0 and 1: x has mean 2 and spread 1; nothing is missing there, but the flag stays.
    other = preparation.on(CODED[:2])
    assert ([2.0, 5.0], [1.0, 5.0]) == (other.means.tolist(), other.scales.tolist())
    assert preparation.input_names == other.input_names
    assert [0.0, 3.0, 1.0] == other.apply(CODED)[2, :3].tolist()


def test_a_column_without_a_value_in_a_fold(preparation):
    prepared = preparation.on(CODED[2:]).apply(CODED)
    assert np.isfinite(prepared).all()


def test_it_can_be_written_and_read(preparation):
    again = preparation_from_json(json.loads(json.dumps(preparation_to_json(preparation))))
    assert preparation.apply(CODED).tolist() == again.apply(CODED).tolist()
    assert (preparation.columns, preparation.file_columns) == (again.columns, again.file_columns)
    words = WordsPreparation("x", ("x", "y"), ("<padding>", "<unknown>", "好"), 4)
    assert vars(words) == vars(preparation_from_json(json.loads(json.dumps(preparation_to_json(words)))))
    columns = Preparation.of_rows(np.array([[1.0], [3.0]]), ("x",))
    assert [[0.0]] == preparation_from_json(preparation_to_json(columns)).apply(np.array([[2.0]])).tolist()
    assert preparation_from_json(None) is None
    with pytest.raises(DataError, match=r"expected `columns`, .*`table`, .*received `runes`"):
        preparation_from_json({"kind": "runes"})


def test_rows_of_another_width(preparation):
    with pytest.raises(DataError, match=r"expected \(rows, 6\), received \(3, 5\)"):
        preparation.apply(CODED[:, :5])


def test_amounts_far_from_zero_keep_their_digits():
    # Seconds since 1970 that differ by one: float32 alone would have steps of 128 there.
    frame = pl.DataFrame({"t": 1.7e9 + np.arange(40.0), "y": [0, 1] * 20})
    data = load(frame, target="y")
    assert 40 == len(np.unique(data.inputs))
    [column] = data.preparation.columns
    assert 1.7e9 <= column.origin <= 1.7e9 + 40
    near = load(pl.DataFrame({"t": 100.0 + np.arange(40.0), "y": [0, 1] * 20}), target="y")
    assert 0 == near.preparation.columns[0].origin
    assert [100.0, 101.0] == near.coded[:2, 0].tolist()


def test_words_by_hand():
    sentences = pl.Series(["the film was good", "the end was bad", "好 film", None])
    preparation = WordsPreparation.of_rows("x", ("x", "y"), sentences)
    # Twice or more: film, the, was; in the order of the alphabet where counts are equal. Longest: 4 words.
    assert (("<padding>", "<unknown>", "film", "the", "was"), 4) == (preparation.vocabulary, preparation.length)
    assert [[3, 2, 4, 1], [3, 1, 4, 1], [1, 2, 0, 0], [0, 0, 0, 0]] == preparation.tokens(sentences).tolist()
    assert preparation.on(np.zeros((1, 4))) is preparation
