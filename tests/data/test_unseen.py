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
    assert np.array_equal(rows_to_predict(str(tmp_path / "train.csv"), table), table.inputs)
    raw = table.preparation.undo(table.inputs[:2])
    (tmp_path / "two.csv").write_text("b,other,a\n" + "\n".join(f"{b},x,{a}" for a, b in raw))
    assert np.allclose(rows_to_predict(str(tmp_path / "two.csv"), table), table.inputs[:2], atol=1e-6)


def test_a_table_without_a_header_goes_by_order(table, tmp_path):
    (tmp_path / "bare.csv").write_text("0,0\n1,1\n")
    assert np.allclose(rows_to_predict(str(tmp_path / "bare.csv"), table), table.inputs[:2], atol=1e-6)


def test_arrays_of_a_table_are_standardised_and_others_are_not(table, tmp_path):
    np.save(tmp_path / "raw.npy", table.preparation.undo(table.inputs[:3]))
    assert np.allclose(rows_to_predict(str(tmp_path / "raw.npy"), table), table.inputs[:3], atol=1e-6)
    digits = load("digits")
    np.save(tmp_path / "images.npy", digits.inputs[:3])
    assert np.array_equal(rows_to_predict(str(tmp_path / "images.npy"), digits), digits.inputs[:3])


def test_a_name_gives_its_test_rows():
    data = load("iris")
    assert np.array_equal(rows_to_predict("iris", data), data.test[0])


def test_a_missing_column_names_its_neighbour(table, tmp_path):
    (tmp_path / "new.csv").write_text("a,bb\n1,2\n")
    with pytest.raises(DataError, match=r"received no column `b`\. Did you mean `bb`\?|There are: `a`, `bb`"):
        rows_to_predict(str(tmp_path / "new.csv"), table)


def test_images_of_another_size_are_refused():
    with pytest.raises(DataError, match=r"expected rows of shape \(4,\), received \(8, 8, 1\)"):
        rows_to_predict("digits", load("iris"))
