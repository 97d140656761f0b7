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
    assert data["y"] == {"words": {"en": "loss", "zh": "损失"}, "unit": "nat", "is_log": False, "labels": []}
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
