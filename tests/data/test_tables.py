import numpy as np
import pytest

from backlit.data import load
from backlit.data.csv_file import read_csv
from backlit.errors import DataError, SettingError


@pytest.fixture
def write(tmp_path):
    def write(content: str, name: str = "table.csv", encoding: str = "utf-8"):
        path = tmp_path / name
        path.write_text(content, encoding=encoding)
        return path

    return write


def rows(lines, n=20):
    """A header and n rows made by a function of the row number."""
    return "\n".join([lines.__doc__, *(lines(i) for i in range(n))]) + "\n"


def flower(i):
    """length,width,species"""
    return f"{i},{i * i},{'setosa' if i % 2 else 'virginica'}"


def test_names_are_classes_and_the_last_column_is_said_aloud(write):
    data = load(write(rows(flower)))
    assert ("classification", ("setosa", "virginica"), ("length", "width")) == (
        data.task,
        data.class_names,
        data.feature_names,
    )
    assert (14, 3, 3) == data.splits.sizes
    assert [1, 0, 1] == data.targets[:3].tolist()
    assert "Target: column `species`, the last; choose another with `target`" in map(str, data.describe())
    assert "table" == data.name


def test_columns_are_standardised_by_the_training_rows_alone(write):
    # Held-out rows are poisoned with a million: means and scales must not move.
    clean = load(write(rows(flower)))
    held_out = {*clean.splits.validation.tolist(), *clean.splits.test.tolist()}

    def poisoned(i):
        """length,width,species"""
        return f"{1e6 if i in held_out else i},{i * i},{'setosa' if i % 2 else 'virginica'}"

    dirty = load(write(rows(poisoned)))
    train = clean.splits.train
    assert clean.preparation.means.tolist() == dirty.preparation.means.tolist() == [train.mean(), (train**2).mean()]
    assert clean.preparation.scales.tolist() == dirty.preparation.scales.tolist()
    assert dirty.test[0][:, 0].min() > 1e4
    raw = np.array([[1.0, 2.0]])
    assert ((raw - clean.preparation.means) / clean.preparation.scales).astype("float32").tolist() == (
        clean.preparation.apply(raw).tolist()
    )


@pytest.mark.parametrize(
    ("values", "task", "names"),
    [
        ([1, 2, 3] * 7, "classification", ("1", "2", "3")),
        (["1.0", "2.0"] * 10, "classification", ("1", "2")),
        ([-1, 1] * 10, "classification", ("-1", "1")),
        (range(21), "regression", ()),
        ([0.5, 1.5] * 10, "regression", ()),
    ],
)
def test_task_told_from_the_target_column(write, values, task, names):
    data = load(write("x,y\n" + "".join(f"{i},{value}\n" for i, value in enumerate(values))))
    assert (task, names) == (data.task, data.class_names)
    assert data.targets.dtype == (np.int32 if names else np.float32)
    assert [] == [line for line in map(str, data.describe()) if "Header" in line]


def test_task_said_by_the_caller(write):
    path = write("x,y\n" + "".join(f"{i},{i % 3}\n" for i in range(20)))
    assert (20, 1) == load(path, task="regression").targets.shape
    halves = write("x,y\n" + "".join(f"{i},{i % 2 / 2}\n" for i in range(20)))
    assert ("0", "0.5") == load(halves, task="classification").class_names


@pytest.mark.parametrize(
    ("target", "expected"),
    [("a", "a"), (0, "a"), (-1, "c"), ("1", "b"), (None, "c")],
)
def test_target_by_name_or_position(write, target, expected):
    path = write("a,b,c\n" + "".join(f"{i % 2},{i % 3},{i % 4}\n" for i in range(24)))
    data = load(path, target=target)
    assert expected not in data.feature_names
    assert 2 == len(data.feature_names)


def test_a_column_called_label_is_the_target(write):
    data = load(write("label,a\n" + "".join(f"{i % 2},{i}\n" for i in range(20))))
    assert ("a",) == data.feature_names
    assert "Target: column `label`, for its name; choose another with `target`" in map(str, data.describe())


def test_a_column_whose_name_is_a_number_wins_over_a_position(write):
    data = load(write("x,1,y\n" + "".join(f"{i},{i % 2},{i}\n" for i in range(20)), "n.csv"), target="1", header=True)
    assert ("x", "y") == data.feature_names


@pytest.mark.parametrize(("target", "shown"), [("heightx", "heightx"), (3, "3"), ("-4", "-4")])
def test_target_that_is_not_there(write, target, shown):
    path = write("height,b,c\n1,2,3\n4,5,6\n")
    with pytest.raises(DataError, match=rf"a position 0\.\.2, received `{shown}`") as caught:
        load(path, target=target)
    assert "`height`, `b`, `c`" in str(caught.value)


def test_columns_left_out(write):
    data = load(write(rows(flower)), drop="width")
    assert ("length",) == data.feature_names
    assert data.recipe["options"] == {"drop": "width"}
    with pytest.raises(DataError, match=r"received `widthx`. Did you mean `width`\?"):
        load(write(rows(flower)), drop=["widthx"])


def test_no_header(write):
    data = load(write("".join(f"{i},{i % 2}\n" for i in range(20))))
    assert 20 == len(data)
    assert ("column_1",) == data.feature_names
    assert "Header: none found; columns are numbered from 1" in map(str, data.describe())


def test_header_said_by_the_caller(write):
    path = write("2019,2020\n" + "".join(f"{i},{i % 2}\n" for i in range(20)))
    assert 21 == len(load(path).inputs)
    assert ("2019",) == load(path, header=True).feature_names


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators(write, separator):
    assert ("length", "width") == load(write(rows(flower).replace(",", separator))).feature_names


def test_byte_order_mark_blank_lines_and_spaces(write):
    content = rows(flower).replace(",", " , ").replace("\n3 ", "\n\n3 ")
    data = load(write("\ufeff" + content + "\n\n"))
    assert ("length", "width") == data.feature_names
    assert 20 == len(data)


def test_repeated_and_empty_names(write):
    assert ["a", "a_2", "column_3"] == read_csv(write("a,a,\n1,2,3\n")).cells.columns


def test_missing_cells_are_counted_and_placed(write):
    path = write("a,b,c\n1,,0\nNA,2,1\n3,?,0\n\n5,,1\n")
    with pytest.raises(DataError) as caught:
        load(path)
    assert (
        "a value in every cell, received 4 empty cells in 2 columns: `a` 1, first in line 3, `b` 3, first in line 2"
        in str(caught.value)
    )
    assert "2 列中有 4 个空单元格：" in caught.value.say("zh")


def test_missing_targets(write):
    with pytest.raises(DataError, match="1 empty cells in 1 columns: `y` 1, first in line 3"):
        load(write("x,y\n1,0\n2,\n3,1\n"))


def test_text_cells_are_placed(write):
    path = write("size,colour,y\n1,red,0\nbig,blue,1\n3,red,0\n")
    with pytest.raises(DataError) as caught:
        load(path)
    assert (
        "received 4 cells that are no number: 'big' in column `size`, line 3, 'red' in column `colour`, line 2."
        in str(caught.value)
    )
    assert "drop=['size', 'colour']" in str(caught.value)


def test_many_text_columns_are_not_all_shown(write):
    names = [f"c{i}" for i in range(8)]
    path = write(
        ",".join([*names, "y"]) + "\n" + ",".join(["x"] * 8 + ["1"]) + "\n" + ",".join(["y"] * 8 + ["0"]) + "\n"
    )
    with pytest.raises(DataError, match="column `c4`, line 2, and 3 more"):
        load(path)


def test_infinity_is_no_number(write):
    with pytest.raises(DataError, match="'inf' in column `x`, line 2"):
        load(write("x,y\ninf,0\n2,1\n"))


def test_a_word_among_numbers_of_the_target(write):
    path = write("x,y\n" + "".join(f"{i},{i * 1.5}\n" for i in range(20)) + "20,about 30\n")
    with pytest.raises(
        DataError, match=r"numbers in the target column, received 1 .*'about 30' in column `y`, line 22"
    ):
        load(path)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["same"] * 5, "received 1 different values in 5 rows"),
        ([7] * 5, "received 1 different values in 5 rows"),
        (list("abcde"), "received 5 different values in 5 rows"),
    ],
)
def test_targets_that_make_no_classes(write, cells, message):
    with pytest.raises(DataError, match=message):
        load(write("x,y\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))))


def test_one_column_only(write):
    with pytest.raises(DataError, match="at least 1 column besides the target `a`, received `a`"):
        load(write("a\n1\n2\n"))


@pytest.mark.parametrize(("content", "n"), [("", 0), ("a,b\n", 1), ("\n\n", 0)])
def test_no_rows(write, content, n):
    with pytest.raises(DataError, match=f"at least 1 row, received {n} lines"):
        load(write(content))


def test_too_many_cells_in_a_line(write):
    with pytest.raises(DataError, match="as many cells in each line as in the first: 2, received found more fields"):
        load(write("a,b\n1,2\n1,2,3\n"))


def test_too_few_cells_in_a_line(write):
    with pytest.raises(DataError, match="1 empty cells in 1 columns: `b` 1, first in line 3"):
        load(write("a,b\n1,2\n1\n3,4\n"))


def test_another_encoding(write):
    with pytest.raises(DataError, match=r"text in UTF-8, received byte 0xc0 at position 2.*`CSV UTF-8`"):
        load(write("a,类\n1,2\n", encoding="gb18030"))


def test_wrong_task_and_option(write):
    path = write(rows(flower))
    with pytest.raises(SettingError, match="one of `classification`, `regression`, received 'multi-label'"):
        load(path, task="multi-label")
    with pytest.raises(SettingError, match=r"table.csv`: expected options .*received `drp`. Did you mean `drop`\?"):
        load(path, drp="a")


def test_a_recipe_reads_the_file_again(write):
    data = load(write(rows(flower)), target="species", validation_split=0.2, seed=4)
    assert data.digest() == load(data.recipe["source"], **data.recipe["options"]).digest()
