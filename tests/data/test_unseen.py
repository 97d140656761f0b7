import numpy as np
import pytest

from backlit.data import load, rows_to_predict
from backlit.errors import DataError

TABLE = "a,b,y\n" + "\n".join(f"{i},{i % 3},{i % 2}" for i in range(20)) + "\n"


@pytest.fixture
def table(tmp_path):
    (tmp_path / "train.csv").write_text(TABLE)
    return load(str(tmp_path / "train.csv"))


def test_a_table_is_prepared_as_the_training_rows_were(table, tmp_path):
    """The training file itself gives the very inputs that were trained on, target and all."""
    rows = rows_to_predict(str(tmp_path / "train.csv"), table)
    assert np.array_equal(rows.inputs, table.inputs)
    assert ("line", [2, 3]) == (rows.place_name, list(rows.places[:2]))
    raw = table.coded[:2]
    (tmp_path / "two.csv").write_text("b,other,a\n" + "\n".join(f"{b},x,{a}" for a, b in raw))
    assert np.array_equal(rows_to_predict(str(tmp_path / "two.csv"), table).inputs, table.inputs[:2])


def test_a_table_without_a_header_goes_by_order(table, tmp_path):
    for name, content in {"bare": "0,0\n1,1\n", "with_target": "0,0,1\n1,1,0\n"}.items():
        (tmp_path / f"{name}.csv").write_text(content)
        assert np.array_equal(rows_to_predict(str(tmp_path / f"{name}.csv"), table).inputs, table.inputs[:2])
    (tmp_path / "wide.csv").write_text("0,0,1,1\n1,1,0,0\n")
    with pytest.raises(DataError, match="expected 2 columns, in the order of the training data, received 4 columns"):
        rows_to_predict(str(tmp_path / "wide.csv"), table)


def test_arrays_of_a_table_are_standardised_and_others_are_not(table, tmp_path):
    np.save(tmp_path / "raw.npy", table.coded[:3])
    assert np.array_equal(rows_to_predict(str(tmp_path / "raw.npy"), table).inputs, table.inputs[:3])
    digits = load("digits")
    np.save(tmp_path / "images.npy", digits.inputs[:3])
    assert np.array_equal(rows_to_predict(str(tmp_path / "images.npy"), digits).inputs, digits.inputs[:3])


def test_a_name_gives_its_test_rows():
    data = load("iris")
    assert np.array_equal(rows_to_predict("iris", data).inputs, data.test[0])


def test_a_missing_column_names_its_neighbour(table, tmp_path):
    (tmp_path / "new.csv").write_text("a,bb\n1,2\n")
    with pytest.raises(DataError, match=r"received no column `b`\. Did you mean `bb`\?|There are: `a`, `bb`"):
        rows_to_predict(str(tmp_path / "new.csv"), table)


def test_images_of_another_size_are_refused():
    with pytest.raises(DataError, match=r"expected rows of shape \(4,\), received \(8, 8, 1\)"):
        rows_to_predict("digits", load("iris"))


def test_arrays_that_cannot_be_read(table, tmp_path):
    (tmp_path / "broken.npy").write_bytes(b"junk")
    with pytest.raises(DataError, match=r"expected an array of numbers saved by `numpy\.save`"):
        rows_to_predict(str(tmp_path / "broken.npy"), table)


def test_rows_that_cannot_be_read_come_back_with_their_reason(table, tmp_path):
    (tmp_path / "new.csv").write_text("a,b\n" + "1,2\n" * 20 + "1,\n1e308,2\n")
    rows = rows_to_predict(str(tmp_path / "new.csv"), table)
    assert 21 == len(rows.inputs)  # a missing number is the median
    assert [(23, "'1e308' in column `a` is no number that can be used")] == [
        (one.place, str(one.reason)) for one in rows.rejected
    ]
    (tmp_path / "none.csv").write_text("a,b\nred,2\n")
    with pytest.raises(DataError, match="at least 1 row that can be read, received 1 that cannot, the first: 'red'"):
        rows_to_predict(str(tmp_path / "none.csv"), table)


def test_categories_that_nobody_has_seen_are_counted(tmp_path):
    content = "c,x,y\n" + "".join(f"{'ab'[i % 2]},{i * i},{i % 3}\n" for i in range(40))
    (tmp_path / "train.csv").write_text(content)
    data = load(tmp_path / "train.csv")
    (tmp_path / "new.csv").write_text("c,x\nz,1\na,1\nw,1\n")
    rows = rows_to_predict(tmp_path / "new.csv", data)
    words = "Column `c`: 2 cells hold what the training rows do not, and are read as missing: `z`, `w`"
    assert [words] == [str(note) for note in rows.notes]
    assert [0, 1, 0] == rows.coded[:, 0].tolist()


def test_rows_of_a_catalogue_table_need_every_number(tmp_path):
    iris = load("iris")
    names = ",".join(iris.feature_names)
    (tmp_path / "new.csv").write_text(f"{names}\n" + "5.1,3.5,1.4,0.2\n" * 3 + "1,,2,3\n")
    rows = rows_to_predict(tmp_path / "new.csv", iris)
    assert [(5, "nothing in column `sepal width (cm)`")] == [(one.place, str(one.reason)) for one in rows.rejected]
    assert np.allclose(iris.inputs[0], rows.inputs[0], atol=1e-6)


def test_a_frame_and_a_parquet_file(table, tmp_path):
    import polars as pl

    frame = pl.read_csv(tmp_path / "train.csv")
    frame.write_parquet(tmp_path / "train.parquet")
    for source in (frame, tmp_path / "train.parquet"):
        assert np.array_equal(rows_to_predict(source, table).inputs, table.inputs)
