import datetime as dt

import numpy as np
import polars as pl
import pytest

from backlit.data.columns import Column
from backlit.data.kinds import counts_up, date_format, infer_kind, number_style

N = 40
SENTENCES = [f"the film number {i} was quite good" for i in range(N)]


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("x", [str(i / 3) for i in range(N)], "numeric"),
        ("x", ["1", "2"] * 20, "numeric"),  # few different values stay numeric unless asked
        ("x", ["1", "", "NA", "-3e5"] * 10, "numeric"),
        ("x", [*map(str, range(36)), *"abcd"], "numeric"),  # 36 of 40 are 90 %
        ("x", [*map(str, range(35)), *"abcde"], "identifier"),  # 35 of 40 are not, and all differ
        ("x", ["red", "blue", ""] * 10, "category"),
        ("x", ["yes", "No", ""] * 10, "boolean"),
        ("x", ["是", "否"] * 10, "boolean"),
        ("x", ["0", "1"] * 10, "numeric"),
        ("x", [f"2024-05-{i % 28 + 1:02}" for i in range(N)], "date"),
        ("x", [f"2024年5月{i % 28 + 1}日" for i in range(N)], "date"),
        ("x", [f"p{i}" for i in range(N)], "identifier"),
        ("x", [f"p{i}" for i in range(10)], "category"),  # ten values may differ by chance
        ("x", SENTENCES, "text"),
        ("x", SENTENCES[:4] * 10, "category"),  # sentences that come again and again are answers to choose from
        ("patient_id", [str(7 * i) for i in range(N)], "identifier"),
        ("weight", [str(7 * i) for i in range(N)], "numeric"),
        ("rowId", [str(i) for i in range(N)], "identifier"),
        ("grid", [str(i) for i in range(N)], "numeric"),  # ends in `id`, but is no id
        ("编号", [str(i) for i in range(N)], "identifier"),
        ("x", [""] * N, "numeric"),
    ],
)
def test_kinds_of_text(name, cells, kind):
    assert kind == infer_kind(name, pl.Series(cells)).kind


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([1, 2, None], "numeric"),
        ([1.5, float("nan")], "numeric"),
        ([True, False, None], "boolean"),
        ([dt.date(2024, 5, 1), None], "date"),
        ([dt.datetime(2024, 5, 1, 12), None], "date"),
        ([dt.timedelta(hours=2)], "numeric"),
        ([dt.time(12)], "category"),
        ([[1, 2], [3]], "other"),
    ],
)
def test_kinds_of_frames(cells, kind):
    assert kind == infer_kind("x", pl.Series(cells)).kind


@pytest.mark.parametrize(
    ("cells", "separator", "style", "value"),
    [
        (["1,5", "2"], ";", "comma", 1.5),
        (["1.234,5", "7,0"], ";", "comma", 1234.5),
        (["1,234", "12,345"], ",", "thousands", 1234.0),
        (["1,234", "12,345"], ";", "comma", 1.234),
        (["1,234,567", "12"], ";", "thousands", 1234567.0),
        (["1,234.5", "12"], ";", "thousands", 1234.5),
        (["1.5", "2"], ",", "", 1.5),
    ],
)
def test_commas_in_numbers(cells, separator, style, value):
    assert style == number_style(pl.Series(cells), separator)
    coded = Column("x", "numeric", style).code(pl.Series(cells))
    assert value == pytest.approx(float(coded.rows[0, 0]), rel=1e-6)
    assert "numeric" == infer_kind("x", pl.Series(cells), separator=separator).kind


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("2024-05-31", "%Y-%m-%d"),
        ("2024/5/31", "%Y/%m/%d"),
        ("31.05.2024", "%d.%m.%Y"),
        ("05/31/2024", "%m/%d/%Y"),
        ("31/05/2024", "%d/%m/%Y"),
        ("03/04/2024", "%m/%d/%Y"),
        ("2024年5月31日", "%Y年%m月%d日"),
        ("2024-05-31 13:45:10", "%Y-%m-%d %H:%M:%S"),
        ("2024-05-31T13:45:10Z", "%Y-%m-%dT%H:%M:%S%.fZ"),
        ("2024-05-31 13:45", "%Y-%m-%d %H:%M"),
        ("31 May 2024", "%d %b %Y"),
    ],
)
def test_formats_of_dates(cell, form):
    assert form == date_format(pl.Series([cell] * 3))
    days = Column("x", "date", form).code(pl.Series([cell, ""])).rows[:, 0]
    assert np.datetime64(int(days[0]), "D").astype(object).year == 2024
    assert np.isnan(days[1])


def test_a_day_above_12_decides_between_day_and_month():
    assert "%d/%m/%Y" == date_format(pl.Series(["03/04/2024", "31/05/2024"]))


def test_numbers_are_no_dates_and_words_are_none():
    assert "" == date_format(pl.Series(["May", "June"]))
    assert "numeric" == infer_kind("x", pl.Series(["20240501"] * 3)).kind


def test_rows_that_are_numbered():
    assert counts_up(pl.Series([str(i) for i in range(5, 30)]))
    assert not counts_up(pl.Series([str(i) for i in range(5)]))
    assert not counts_up(pl.Series([str(2 * i) for i in range(30)]))


def test_cells_become_codes_by_hand():
    category = Column("x", "category", categories=("blue", "red"))
    coded = category.code(pl.Series(["red", "", "pink", "blue"]))
    assert ([2, 0, 0, 1], [0, 0, 1, 0]) == (coded.rows[:, 0].tolist(), coded.is_unknown.tolist())
    boolean = Column("x", "boolean").code(pl.Series(["Yes", "no", "", "1", "perhaps"]))
    assert ([2, 1, 0, 2, 0], 4) == (boolean.rows[:, 0].tolist(), int(np.flatnonzero(boolean.is_unknown)[0]))
    # 1970-01-01 is day 0, a Thursday in January; day 31 is 1970-02-01, a Sunday.
    date = Column("x", "date", "%Y-%m-%d", parts=("month", "weekday"))
    coded = date.code(pl.Series(["1970-01-01", "1970-02-01", "", "soon"]))
    assert [[0, 1, 4], [31, 2, 7]] == coded.rows[:2].tolist()
    assert [0, 0] == coded.rows[2, 1:].tolist()
    assert [False, False, False, True] == coded.is_unreadable.tolist()
    noon = Column("x", "date", origin=10.0).code(pl.Series([dt.datetime(1970, 1, 12, 12)]))
    assert 1.5 == noon.rows[0, 0]


@pytest.mark.parametrize("cell", ["1e308", "inf", "-inf", "1e39", "red"])
def test_numbers_that_float32_cannot_compute_with(cell):
    coded = Column("x", "numeric").code(pl.Series([cell, "1e30", ""]))
    assert [True, False, False] == coded.is_unreadable.tolist()
    assert np.isnan(coded.rows[[0, 2], 0]).all()


def test_categories_of_numbers_are_the_same_from_a_csv_and_a_frame():
    column = Column("zip", "category", categories=("123", "456"))
    for cells in (["456", "123"], [456, 123], [456.0, 123.0]):
        assert [2, 1] == column.code(pl.Series(cells)).rows[:, 0].tolist()
