"""A Chart as a Plotly figure: what is in it, in both languages and on both grounds."""

import json

import numpy as np
import pytest

from backlit.language import Words
from backlit.views.chart import Axis, Chart, Series, Surface
from backlit.views.chart_figure import describe, draw_figure, has_side_legend
from backlit.views.theme import COLOURS, GROUND, faded

LOSS = Words(en="loss", zh="损失")
EPOCH = Axis(Words(en="epoch", zh="轮次"))


def curves():
    one = Series(Words(en="training", zh="训练"), [1, 2, 3], [0.9, 0.5, np.nan], lo=[0.8, 0.4, 0.1], hi=[1.0, 0.6, 0.3])
    two = Series(Words(en="validation", zh="验证"), [1, 2, 3], [0.95, 0.7, 0.6], kind="points")
    return Chart(
        "curves", title=Words(en="Curves", zh="曲线"), x=EPOCH, y=Axis(LOSS, unit="nat", is_log=True), series=(one, two)
    )


def test_lines_points_and_bands_are_traces():
    figure = draw_figure(curves(), language="en")
    band, line, points = figure.data
    assert (band.fill, band.mode) == ("toself", "lines")
    assert list(band.y) == [1.0, 0.6, 0.3, 0.1, 0.4, 0.8]
    assert (line.name, line.mode, list(line.x)) == ("training", "lines+markers", [1, 2, 3])
    assert (points.name, points.mode) == ("validation", "markers")
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.yaxis.title.text == "loss [nat]"


@pytest.mark.parametrize(("language", "title", "name"), [("en", "Curves", "training"), ("zh", "曲线", "训练")])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_speaks_either_language_on_either_ground(language, title, name, theme):
    figure = draw_figure(curves(), language=language, theme=theme)
    assert figure.layout.title.text == title
    assert figure.data[1].name == name
    assert figure.data[1].line.color == COLOURS[theme][0]
    assert figure.layout.template.layout.paper_bgcolor == GROUND[theme]
    json.loads(figure.to_json())


def test_bars_stand_at_the_names_of_their_places():
    labels = (Words(en="first", zh="第一"), Words(en="second", zh="第二"))
    bars = Series(LOSS, range(2), [1.0, 2.0], kind="bars")
    chart = Chart("bars", title=LOSS, x=Axis(LOSS, labels=labels), y=Axis(LOSS), series=(bars,))
    figure = draw_figure(chart, language="zh")
    assert list(figure.data[0].x) == ["第一", "第二"]
    assert not figure.layout.showlegend


def test_a_surface_lies_below_its_points():
    surface = Surface(LOSS, np.arange(3.0), np.arange(2.0), np.arange(6.0).reshape(2, 3), unit="nat")
    points = Series(LOSS, [1.0], [0.5], kind="points")
    chart = Chart("plane", title=LOSS, x=EPOCH, y=EPOCH, series=(points,), surface=surface)
    plane, mark = draw_figure(chart, language="en").data
    assert plane.type == "contour"
    assert plane.colorbar.title.text == "loss [nat]"
    assert mark.mode == "markers"


def test_a_figure_has_a_text_alternative():
    words = describe(curves(), "en")
    assert words.startswith(
        "Curves. Across: epoch. Up: loss [nat]. training: 2 values from 0.5 to 0.9, the first 0.9, the last 0.5."
    )
    assert "横轴：轮次" in describe(curves(), "zh")
    assert draw_figure(curves(), language="en").layout.meta["description"] == words


def test_a_long_line_has_no_marks():
    long = Series(LOSS, range(100), np.zeros(100))
    figure = draw_figure(Chart("long", title=LOSS, x=EPOCH, y=EPOCH, series=(long,)), language="en")
    assert figure.data[0].mode == "lines"


def test_a_faded_colour_keeps_its_parts():
    assert faded("#ff8000", 0.5) == "rgba(255,128,0,0.5)"


@pytest.mark.parametrize(("n", "is_beside"), [(1, False), (8, False), (20, True)])
def test_many_names_stand_at_the_side(n, is_beside):
    name = Words(en="class number 17", zh="第 17 类")
    lines = tuple(Series(name, [1, 2], [i, i + 1]) for i in range(n))
    chart = Chart("many", title=LOSS, x=EPOCH, y=EPOCH, series=lines)
    assert is_beside == has_side_legend(chart)
    assert ("v" if is_beside else None) == draw_figure(chart, language="zh").layout.legend.orientation
    looks = [(one.line.color, one.marker.symbol, one.line.dash) for one in draw_figure(chart, language="zh").data]
    assert n == len(set(looks))


def test_classes_of_a_plane_are_paler_than_their_points_and_many_cells_have_no_gaps():
    planes = [
        draw_figure(
            Chart(
                "plane",
                title=LOSS,
                x=EPOCH,
                y=EPOCH,
                surface=Surface(LOSS, np.arange(n), np.arange(n), np.eye(n), form="cells", scale=scale),
            ),
            language="en",
        ).data[0]
        for n, scale in ((60, "classes"), (3, "sequential"))
    ]
    assert [(0, 0.35), (1, 1.0)] == [(plane.xgap, plane.opacity) for plane in planes]
