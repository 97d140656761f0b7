import datetime as dt

import numpy as np
import polars as pl
import pytest

from backlit.data import load
from backlit.errors import DataError, SettingError


@pytest.fixture
def write(tmp_path):
    def write(content: str, name: str = "table.csv", encoding: str = "utf-8"):
        path = tmp_path / name
        path.write_text(content, encoding=encoding)
        return path

    return write


def rows(line, n=20):
    """A header and n rows made by a function of the row number."""
    return "\n".join([line.__doc__, *(line(i) for i in range(n))]) + "\n"


def flower(i):
    """length,width,species"""
    return f"{i},{i * i},{'setosa' if i % 2 else 'virginica'}"


def said(data):
    return [str(line) for line in data.describe()]


def test_names_are_classes_and_the_last_column_is_said_aloud(write):
    data = load(write(rows(flower)))
    assert ("classification", ("setosa", "virginica"), ("length", "width")) == (
        data.task,
        data.class_names,
        data.feature_names,
    )
    assert (14, 3, 3) == data.splits.sizes
    assert [1, 0, 1] == data.targets[:3].tolist()
    assert "Target: column `species`, the last; choose another with `target`" in said(data)
    assert "table" == data.name


def house(i):
    """id,size,colour,built,sold,note,price"""
    colour = ("red", "blue", "green")[i % 3] if i % 7 else ""
    size = f"{30 + i * 1.5}" if i % 5 else "NA"
    return (
        f"h{i},{size},{colour},2020-{i % 12 + 1:02}-{i % 27 + 1:02},{'yes' if i % 2 else 'no'},"
        f"a very nice house number {i},{1000 * i + 500.5}"
    )


def test_mixed_columns(write):
    data = load(write(rows(house, n=60)))
    kinds = {column.name: (column.kind, column.role) for column in data.table.columns}
    assert {
        "id": ("identifier", "left out"),
        "size": ("numeric", "input"),
        "colour": ("category", "input"),
        "built": ("date", "input"),
        "sold": ("boolean", "input"),
        "note": ("text", "left out"),
        "price": ("numeric", "target"),
    } == kinds
    amounts, dates = ("size", "built", "size missing"), ("built month", "built weekday")
    circles = tuple(f"{name} {part}" for name in dates for part in ("sin", "cos"))
    colours = ("colour=?", "colour=blue", "colour=green", "colour=red")
    assert {*amounts, *colours, *circles, "sold"} == set(data.feature_names)
    assert ("regression", (60, 12)) == (data.task, data.inputs.shape)
    lines = said(data)
    for line in (
        "Columns, numeric: `size`",
        "Columns, yes or no: `sold`",
        "Left out: column `id`: nearly every row has another value: a label of rows",
        "Left out: column `note`: texts are read where they are the only input: `drop` the other columns",
    ):
        assert line in lines
    assert "列，数值：`size`" in [line.say("zh") for line in data.describe()]
    size = data.table.columns[1]
    # 12 of 60 are missing; the smallest is 30 + 1.5, the largest 30 + 59 · 1.5.
    assert (12, 48, "31.5", "118.5") == (size.n_missing, size.n_distinct, size.low, size.high)
    colour = data.table.columns[2]
    assert (9, 3) == (colour.n_missing, colour.n_distinct)
    assert 51 == sum(n for _, n in colour.top)


def test_kinds_said_by_the_caller(write):
    path = write(rows(house, n=60))
    data = load(path, kinds={"id": "category", "sold": "identifier"})
    assert "sold" not in data.feature_names
    assert 60 == len(data.preparation.columns[0].categories) + 60 - len(data.splits.train)
    assert data.digest() == load(path, kinds="id=category,sold=identifier").digest()
    assert data.digest() == load(path, kinds=["id=category", "sold=identifier"]).digest()
    assert data.digest() == load(data.recipe["source"], **data.recipe["options"]).digest()
    with pytest.raises(SettingError, match=r"received `kategory` for column `id`. Did you mean `category`\?"):
        load(path, kinds={"id": "kategory"})
    with pytest.raises(DataError, match=r"received `ids`. Did you mean `id`\?"):
        load(path, kinds={"ids": "category"})


@pytest.mark.parametrize("poison", ["1e37", "-1e37"])
def test_validation_and_test_rows_move_no_statistic_and_no_code(write, poison):
    clean = load(write(rows(house, n=60)))
    held_out = {*clean.splits.validation.tolist(), *clean.splits.test.tolist()}

    def poisoned(i):
        """id,size,colour,built,sold,note,price"""
        if i not in held_out:
            return house(i)
        return f"h{i},{poison},c{i},1900-01-01,no,a very nice house number {i},{1000 * i + 500.5}"

    dirty = load(write(rows(poisoned, n=60)))
    assert clean.splits.test.tolist() == dirty.splits.test.tolist()
    assert clean.preparation.to_json() == dirty.preparation.to_json()
    assert clean.train[0].tobytes() == dirty.train[0].tobytes()
    assert np.abs(dirty.test[0][:, 0]).min() > 1e4
    colours = [i for i, name in enumerate(dirty.feature_names) if name.startswith("colour=")]
    assert (dirty.test[0][:, colours].sum(1) == 1).all()  # all read as missing
    assert 1 == dirty.test[0][0, colours[0]]


def test_statistics_of_a_fold_are_its_own(write):
    data = load(write(rows(flower)))
    assert data.inputs.tobytes() == data.prepared_for(data.splits.train).tobytes()
    prepared = data.prepared_for(np.arange(5))
    np.testing.assert_allclose(prepared[:5].mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(prepared[:, 0], (np.arange(20) - 2) / np.sqrt(2), rtol=1e-6)  # 0..4: mean 2, spread √2
    iris = load("iris")
    assert iris.inputs.tobytes() == iris.prepared_for(iris.splits.train).tobytes()
    images = load("digits")
    assert images.inputs is images.prepared_for(np.arange(3))


def test_missing_numbers_become_the_median_and_a_flag(write):
    values = ["1", "3", "", "100"] * 5
    data = load(write("x,z,y\n" + "".join(f"{value},{i * i},{i % 2}\n" for i, value in enumerate(values))))
    known = [float(values[i]) for i in data.splits.train if values[i]]
    assert np.median(known) == data.preparation.medians[0]
    assert ("x", "z", "x missing") == data.feature_names
    assert data.inputs[:4, 2].tolist() == [0, 0, 1, 0]
    filled = [*known, *[np.median(known)] * (len(data.splits.train) - len(known))]
    # The median is far from the mean, for 100 pulls at the mean alone.
    np.testing.assert_allclose(data.inputs[2, 0], (np.median(known) - np.mean(filled)) / np.std(filled), rtol=1e-5)
    assert np.isnan(data.coded[2, 0])


def test_many_categories_share_a_code(write):
    content = "c,x,y\n" + "".join(f"k{i % 150 if i < 300 else i % 3},{i % 11},{i % 2}\n" for i in range(600))
    data = load(write(content), validation_split=0, test_split=0)
    assert 101 == sum(name.startswith("c=") for name in data.feature_names)
    assert "k0" in data.preparation.columns[0].categories
    line = "Column `c`: the 100 most frequent categories of the training rows are told apart, 50 rarer ones count"
    assert any(one.startswith(line) for one in said(data))


def test_one_column_of_sentences_becomes_tokens(write):
    content = "review,y\n" + "".join(
        f"this film number {i} was {'good' if i % 2 else 'bad'},{i % 2}\n" for i in range(40)
    )
    data = load(write(content + ",1\n"))
    assert (np.int32, (6,)) == (data.inputs.dtype, data.input_shape)
    assert {"this", "film", "good", "bad"} <= set(data.vocabulary)
    assert "this film number <unknown> was bad" == data.words(0)
    assert [(42, "no word in column `review`")] == [(one.place, str(one.reason)) for one in data.rejected]


@pytest.mark.parametrize(
    ("values", "task", "names"),
    [
        ([1, 2, 3] * 7, "classification", ("1", "2", "3")),
        (["1.0", "2.0"] * 10, "classification", ("1", "2")),
        ([-1, 1] * 10, "classification", ("-1", "1")),
        ([2, 10, 9] * 7, "classification", ("2", "9", "10")),
        (["yes", "no"] * 10, "classification", ("no", "yes")),
        (range(21), "regression", ()),
        ([0.5, 1.5] * 10, "regression", ()),
    ],
)
def test_task_told_from_the_target_column(write, values, task, names):
    data = load(write("x,y\n" + "".join(f"{i},{value}\n" for i, value in enumerate(values))))
    assert (task, names) == (data.task, data.class_names)
    assert data.targets.dtype == (np.int32 if names else np.float32)
    assert [] == [line for line in said(data) if "Header" in line]


def test_task_said_by_the_caller(write):
    path = write("x,y\n" + "".join(f"{i},{i % 3}\n" for i in range(20)))
    assert (20, 1) == load(path, task="regression").targets.shape
    halves = write("x,y\n" + "".join(f"{i},{i % 2 / 2}\n" for i in range(20)))
    assert ("0", "0.5") == load(halves, task="classification").class_names
    with pytest.raises(SettingError, match="one of `classification`, `regression`, received 'multi-label'"):
        load(path, task="multi-label")
    words = write("x,y\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(20)))
    with pytest.raises(DataError, match="20 cells that are no number, first 'a' in column `y`, line 2"):
        load(words, task="regression")


@pytest.mark.parametrize(("target", "expected"), [("a", "a"), (0, "a"), (-1, "c"), ("1", "b"), (None, "c")])
def test_target_by_name_or_position(write, target, expected):
    path = write("a,b,c\n" + "".join(f"{i % 2},{i % 3},{i % 4}\n" for i in range(24)))
    data = load(path, target=target)
    assert expected not in data.feature_names
    assert 2 == len(data.feature_names)


def test_a_column_called_label_is_the_target(write):
    data = load(write("label,a\n" + "".join(f"{i % 2},{i}\n" for i in range(20))))
    assert ("a",) == data.feature_names
    assert "Target: column `label`, for its name; choose another with `target`" in said(data)


def test_a_column_whose_name_is_a_number_wins_over_a_position(write):
    data = load(
        write("x,1,y\n" + "".join(f"{i},{i % 2},{i * i}\n" for i in range(20)), "n.csv"), target="1", header=True
    )
    assert ("x", "y") == data.feature_names


@pytest.mark.parametrize(("target", "shown"), [("heightx", "heightx"), (3, "3"), ("-4", "-4"), ("²", "²")])
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
    assert "Header: none found; columns are numbered from 1" in said(data)


def test_header_said_by_the_caller(write):
    path = write("2019,2020\n" + "".join(f"{i},{i % 2}\n" for i in range(20)))
    assert 21 == len(load(path).inputs)
    assert ("2019",) == load(path, header=True).feature_names


def test_rows_that_cannot_be_used_are_rejected_and_counted(write):
    content = rows(flower, n=60) + "60,1e308,setosa\n61,red,setosa\n62,1\n63,1,\n64,inf,setosa\n"
    data = load(write(content))
    assert 60 == len(data)
    assert [
        (62, "'1e308' in column `width` is no number that can be used"),
        (63, "'red' in column `width` is no number that can be used"),
        (64, "2 cells instead of 3"),
        (65, "no target in column `species`"),
        (66, "'inf' in column `width` is no number that can be used"),
    ] == [(one.place, str(one.reason)) for one in data.rejected]
    assert list(range(2, 62)) == list(data.places)
    [line] = [line for line in said(data) if line.startswith("Rejected")]
    assert line.startswith("Rejected: 5 that cannot be used: line 62: '1e308' in column")
    assert line.endswith("and 2 more")


def test_amounts_without_a_number_are_rejected(write):
    content = "x,y\n" + "".join(f"{i * i},{i * 1.5}\n" for i in range(40)) + "40,about 30\n41,1e308\n42,\n"
    data = load(write(content))
    assert ([42, 43, 44], 40) == ([one.place for one in data.rejected], len(data))
    assert "regression" == data.task


def test_too_many_cells_that_cannot_be_read(write):
    path = write("a,b,y\n" + "".join(f"{i},{'red' if i % 5 == 0 else i * i},{i % 2}\n" for i in range(20)))
    assert "category" == load(path).table.columns[1].kind
    with pytest.raises(DataError, match="at most 10% cannot be read, received 4 of 20: line 2: 'red' in column `b`"):
        load(path, kinds={"b": "numeric"})


def test_a_word_among_classes_by_number(write):
    with pytest.raises(DataError, match="1 cells that are no number, first 'x' in column `y`, line 42"):
        load(write("a,y\n" + "".join(f"{i * i},{i % 3}\n" for i in range(40)) + "1,x\n"))


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["same"] * 5, "received 1 different values in 5 rows"),
        ([7] * 5, "received 1 different values in 5 rows"),
        (list("abcde"), "received 5 different values in 5 rows"),
        ([""] * 5, "values in the target column `y`, received none in 5 rows"),
    ],
)
def test_targets_that_make_no_classes(write, cells, message):
    with pytest.raises(DataError, match=message):
        load(write("x,y\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))))


def test_a_class_that_only_rejected_rows_have(write):
    data = load(write("x,y\n" + "".join(f"{i * i},{'ab'[i % 2]}\n" for i in range(40)) + "1e308,c\n"))
    assert ("a", "b") == data.class_names
    with pytest.raises(DataError, match=r"received 1 different values in 20 rows. Mend the rows .*line 22"):
        load(write("x,y\n" + "".join(f"{i * i},a\n" for i in range(20)) + "1e308,c\n1e308,c\n"))


def test_one_column_only(write):
    with pytest.raises(DataError, match="at least 1 column besides the target `a`, received `a`"):
        load(write("a\n1\n2\n"))


def test_nothing_to_learn_from(write):
    path = write("id,same,y\n" + "".join(f"{i},7,{i % 2}\n" for i in range(30)))
    with pytest.raises(DataError, match=r"received `id`: nearly every row .*kinds=\"id=category\"`"):
        load(path)
    assert ("id",) == load(path, kinds={"id": "numeric"}).feature_names


def suspect(i):
    """a,twin,nearly,answer,gap,c"""
    return f"{i * i},{i * i},{i * i + i % 2},{'no' if i % 3 else 'so'},{i if i % 4 == 0 else ''},{i % 3 == 0}"


def test_suspicious_columns(write):
    data = load(write(rows(suspect, n=60)))
    assert {
        ("same-as-another", "twin"),
        ("nearly-same", "nearly"),
        ("same-as-target", "answer"),
        ("mostly-missing", "gap"),
    } == {(one.kind, one.column) for one in data.table.suspicions}
    assert not any(name.startswith("twin") for name in data.feature_names)
    assert any(name.startswith("answer") for name in data.feature_names)  # said, and left to the user
    lines = said(data)
    assert "Left out: column `twin`: it repeats column `a`" in lines
    assert "Look at column `answer`: it tells the target `c` exactly: is it known before the answer is?" in lines
    assert "Look at column `gap`: 45 of 60 cells have no value" in lines
    assert [] == [one.kind for one in load(write(rows(flower, n=19))).table.suspicions]


def test_a_copy_of_an_amount_to_predict(write):
    content = "a,copy,price\n" + "".join(f"{i * 7 % 11},{i * 3.5 + 1},{i * 7.0 + 0.5}\n" for i in range(60))
    kinds = {(one.kind, one.column) for one in load(write(content)).table.suspicions}
    assert {("same-as-target", "copy")} == kinds


def test_repeated_rows_are_counted(write):
    data = load(write(rows(flower) + "3,9,setosa\n3,9,setosa\n"))
    assert 2 == data.table.n_repeated
    assert "Repeated: 2 rows are the same as an earlier row" in said(data)


def test_frames_are_read_as_files_are(write, tmp_path):
    data = load(write(rows(house, n=60)))
    frame = pl.read_csv(write(rows(house, n=60)), null_values=["", "NA"], try_parse_dates=True)
    assert (pl.Float64, pl.Date) == (frame["size"].dtype, frame["built"].dtype)
    from_frame = load(frame, target="price")
    assert data.inputs.tobytes() == from_frame.inputs.tobytes()
    assert data.feature_names == from_frame.feature_names
    assert ("frame", None) == (from_frame.name, from_frame.recipe)
    frame.write_parquet(tmp_path / "t.parquet")
    from_parquet = load(tmp_path / "t.parquet", target="price")
    assert data.inputs.tobytes() == from_parquet.inputs.tobytes()
    assert data.inputs.tobytes() == load(frame.lazy(), target="price", name="houses").inputs.tobytes()


def test_pandas_frames():
    import pandas

    frame = pandas.DataFrame(
        {
            "x": [1.5, None] * 20,
            "n": pandas.array([1, None] * 20, dtype="Int64"),
            "c": ["red", None, "blue", "red"] * 10,
            "k": pandas.Categorical(["u", "v"] * 20),
            "t": pandas.to_datetime(["2024-05-01", "2024-06-02"] * 20),
            "b": [True, False] * 20,
            "y": [i % 3 for i in range(40)],
        }
    )
    data = load(frame, target="y")
    kinds = [column.kind for column in data.table.columns]
    assert ["numeric", "numeric", "category", "category", "date", "boolean", "numeric"] == kinds


def test_dates_that_frames_bring(write):
    start = dt.datetime(2024, 1, 1)
    frame = pl.DataFrame({"t": [start + dt.timedelta(hours=6 * i) for i in range(40)], "y": [0, 1] * 20})
    data = load(frame, target="y", validation_split=0, test_split=0)
    assert [0.0, 0.25] == data.coded[:2, 0].tolist()
    assert ["t", "t weekday"] == list(data.preparation.code_names)  # forty quarters of a day: one month


def test_options(write):
    path = write(rows(flower))
    with pytest.raises(SettingError, match=r"table.csv`: expected options .*received `drp`. Did you mean `drop`\?"):
        load(path, drp="a")
    with pytest.raises(SettingError, match=r"Loading `frame`: .*received `drp`"):
        load(pl.read_csv(path), drp="a")


def test_a_recipe_reads_the_file_again(write):
    data = load(write(rows(flower)), target="species", validation_split=0.2, seed=4)
    assert data.digest() == load(data.recipe["source"], **data.recipe["options"]).digest()


def test_lists_in_cells_are_left_out():
    frame = pl.DataFrame({"l": [[1, 2]] * 40, "x": [i * i for i in range(40)], "y": [0, 1] * 20})
    data = load(frame, target="y")
    assert ("x",) == data.feature_names
    assert [("other", "l")] == [(one.kind, one.column) for one in data.table.suspicions]
