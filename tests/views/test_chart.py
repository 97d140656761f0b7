import json

import numpy as np
import pytest
from rich.cells import cell_len

from backlit.language import Words
from backlit.views.chart import Axis, Chart, Series, Surface
from backlit.views.chart_terminal import draw_chart

LOSS, RATE = Words(en="loss", zh="损失"), Words(en="rate", zh="学习率")


def chart(*series, **options):
    x = options.pop("x", Axis(RATE))
    return Chart("one", title=Words(en="Title", zh="标题"), x=x, y=Axis(LOSS, unit="nat"), series=series, **options)


def test_a_chart_is_plain_data_and_what_is_not_finite_is_none():
    data = chart(Series(LOSS, np.array([1, 2]), [0.5, np.nan], lo=(0.4, 0.4))).as_data()
    assert data["series"][0]["x"] == [1, 2]
    assert data["series"][0]["y"] == [0.5, None]
    plain = {"words": {"en": "loss", "zh": "损失"}, "unit": "nat", "is_log": False, "labels": [], "is_whole": False}
    assert data["y"] == plain
    json.dumps(data, allow_nan=False)


def test_words_are_said_in_the_language_of_the_reader():
    one = chart(Series(LOSS, [1, 2, 3], [3, 2, 1]))
    assert draw_chart(one, language="en").startswith("Title\n↑ loss [nat]   ● loss\n")
    assert draw_chart(one, language="zh").startswith("标题\n↑ 损失 [nat]   ● 损失\n")


def test_a_logarithmic_axis_is_ticked_at_powers_of_ten():
    drawn = draw_chart(chart(Series(LOSS, [1e-3, 1e-1], [1, 2]), x=Axis(RATE, is_log=True)), language="en")
    assert all(tick in drawn for tick in ("1e-3", "1e-2", "1e-1"))


def test_bars_go_both_ways_from_zero_and_carry_their_numbers():
    labels = (Words(en="first", zh="一"), Words(en="second", zh="二"))
    drawn = draw_chart(
        chart(Series(LOSS, [0, 1], [2.0, -1.0], kind="bars"), x=Axis(RATE, labels=labels)), language="en", width=50
    )
    first, second = drawn.split("\n")[2:]
    assert first.endswith(" 2")
    assert second.endswith(" -1")
    assert first.index("█") > second.index("█")
    assert first.count("█") == pytest.approx(2 * second.count("█"), abs=1)


def test_a_surface_is_dark_where_it_is_high_and_marked_where_points_lie():
    axis = np.linspace(-1, 1, 21)
    height = axis[:, None] ** 2 + axis[None, :] ** 2
    point = Series(Words(en="floor", zh="谷底"), [0.0], [0.0], kind="points")
    drawn = draw_chart(chart(point, surface=Surface(LOSS, axis, axis, height)), language="en", width=60)
    rows = [line for line in drawn.split("\n") if "┤" in line or "│" in line]
    assert rows[0].count("@") > 10
    assert "@" not in rows[8]
    assert sum(row.count("●") for row in rows) == 1
    assert max(cell_len(line) for line in drawn.split("\n")) <= 60


def test_a_long_legend_takes_several_lines():
    names = [Words(en=f"a rather long name {i}", zh=f"名{i}") for i in range(6)]
    drawn = draw_chart(chart(*(Series(name, [0, 1], [0, i]) for i, name in enumerate(names))), language="en")
    assert max(len(line) for line in drawn.split("\n")) <= 80


def names(*words):
    return tuple(Words(en=word, zh=f"类{word}") for word in words)


def drawing(drawn):
    """The part of a drawing between its axes."""
    lines = [line[:-1] for line in drawn.split("\n") if line.endswith("│")]
    return [line[line.index("┤" if "┤" in line else "│") + 1 :] for line in lines]


def test_a_line_has_a_gap_where_nothing_is_known():
    y = [1.0] * 30 + [np.nan] * 40 + [1.0] * 30
    drawn = draw_chart(chart(Series(LOSS, range(100), y)), language="en", width=80)
    [row] = [line for line in drawing(drawn) if "●" in line]
    assert "●" in row[:25]
    assert row[26:48].strip() == ""
    assert "●" in row[55:]


def test_a_point_has_a_stroke_through_it():
    points = Series(LOSS, [1.0, 2.0], [1.0, 2.0], kind="points", lo=[0.0, 1.9], hi=[2.0, 2.1])
    rows = drawing(draw_chart(chart(points), language="en", width=60))
    assert sum(row.count("│") > 0 for row in rows) > 8
    across = Series(LOSS, [1.0, 2.0], [1.0, 2.0], kind="points", lo=[0.0, 1.9], hi=[2.0, 2.1], spread="x")
    assert any(row.count("─") > 10 for row in drawing(draw_chart(chart(across), language="en", width=60)))


def test_named_rows_are_drawn_as_a_forest_with_zero_marked():
    effects = Series(LOSS, [-0.5, 1.0], [0, 1], kind="points", lo=[-1.0, 0.5], hi=[0.0, 1.5], spread="x")
    one = Chart(
        "forest",
        Words(en="Trial", zh="试验"),
        x=Axis(LOSS, unit="nat"),
        y=Axis(RATE, labels=names("a", "bb")),
        series=(effects,),
    )
    drawn = draw_chart(one, language="en", width=60)
    _, first, second, ticks, foot = drawn.split("\n")
    assert first.startswith("a  ")
    assert first.endswith("-0.5")
    assert second.startswith("bb ")
    assert second.endswith(" 1")
    assert first.index("●") < first.index("┊") if "┊" in first else first.index("●") > 0
    assert second.index("┊") < second.index("─") < second.index("●")
    assert ticks.split() == ["-1", "1.5"]
    assert foot == "→ loss [nat]"
    assert max(cell_len(line) for line in draw_chart(one, language="zh", width=60).split("\n")) <= 60


def cells(n, *, spec=".0f", long=False):
    height = np.eye(n) * 12
    height[0, n - 1] = np.nan
    labels = names(*(f"class number {i}" if long else f"c{i}" for i in range(n)))
    surface = Surface(Words(en="rows", zh="样本数"), np.arange(n), np.arange(n), height, form="cells", spec=spec)
    return Chart("cells", RATE, x=Axis(RATE, labels=labels), y=Axis(LOSS, labels=labels), surface=surface)


def test_cells_are_a_table_of_numbers_by_name():
    drawn = draw_chart(cells(3), language="en", width=60).split("\n")
    assert drawn[1] == "↓ loss   → rate   rows"
    assert [line.split() for line in drawn[2:]] == [
        ["c0", "c1", "c2"],
        ["c0", "12", "0"],
        ["c1", "0", "12", "0"],
        ["c2", "0", "0", "12"],
    ]
    assert len({line.rindex("0") for line in drawn[4:5]}) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_long_names_are_cut_and_columns_that_do_not_fit_are_counted(language):
    drawn = draw_chart(cells(12, long=True), language=language, width=60).split("\n")
    assert max(cell_len(line) for line in drawn) <= 60
    assert "…" in drawn[2]
    many = draw_chart(cells(40), language=language, width=60).split("\n")
    assert max(cell_len(line) for line in many) <= 60
    assert {"en": "more columns", "zh": "另有"}[language] in "".join(many[1:3])


def test_cells_without_numbers_are_shaded_and_blank_where_nothing_is_known():
    drawn = draw_chart(cells(30, spec=""), language="en", width=60).split("\n")
    rows = [line for line in drawn if "┤" in line or "│" in line]
    assert rows[0].endswith("┤@" + " " * 47)  # zeros are blank, and so is what is not known
    assert all("@" in row for row in rows)


def test_a_surface_of_which_nothing_is_known_says_so():
    axis = np.arange(3.0)
    empty = chart(surface=Surface(LOSS, axis, axis, np.full((3, 3), np.nan)))
    assert draw_chart(empty, language="en").split("\n")[1:] == ["–"]


def test_bars_at_numbers_are_named_by_them_and_each_series_has_its_own():
    one = Series(Words(en="a", zh="甲"), [0.5, 1.5], [1.0, 2.0], kind="bars")
    two = Series(Words(en="b", zh="乙"), [1.5], [np.nan], kind="bars")
    drawn = draw_chart(chart(one, two), language="en", width=50).split("\n")
    assert [line.split()[0] for line in drawn[2:]] == ["0.5", "a", "b", "1.5", "a", "b"]
    assert drawn[4].endswith("–")
    assert drawn[6].endswith(" 2")


def test_wide_names_at_ticks_are_numbered_and_told_below():
    line = Series(LOSS, [0, 1], [1.0, 2.0])
    one = Chart("named", LOSS, x=Axis(RATE, labels=names("a", "b")), y=Axis(LOSS), series=(line,))
    assert draw_chart(one, language="zh").split("\n")[-1] == "1 类a   2 类b"
    assert draw_chart(one, language="en").split("\n")[-1] == "→ rate"


def test_more_series_than_marks_begin_again():
    many = [Series(LOSS, [0, 1], [i, i + 1]) for i in range(12)]
    assert draw_chart(chart(*many), language="en").count("●") >= 2


def test_epochs_have_whole_ticks():
    words = Words(en="loss", zh="损失")
    epochs = Axis(Words(en="epoch", zh="轮次"), is_whole=True)
    for n, wanted in ((4, "1 2 3 4"), (30, "1 5 10 15 20 25 30")):
        series = Series(words, np.arange(1, n + 1), np.linspace(1, 0, n))
        drawn = draw_chart(Chart("curve", words, epochs, Axis(words), (series,)), language="en")
        assert wanted.split() == drawn.split("\n")[-2].split()
