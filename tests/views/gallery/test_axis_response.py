"""The score over one setting."""

import numpy as np
import pytest

from backlit.measure.final_metric import FinalMetric
from backlit.measure.response import Response, SettingAxis
from backlit.views.chart_figure import draw_figure
from backlit.views.gallery.axis_response import MOST_WHISKERS, VIEW

ACCURACY = FinalMetric("val_accuracy")


def found(name, values, mean, *, half=np.nan, n_diverged=0):
    mean = np.array(mean)
    axis = SettingAxis((name,), tuple((value,) for value in values))
    return Response(axis, ACCURACY, mean, mean - half, mean + half, 6, n_diverged)


def test_a_few_numbers_are_points_with_whiskers():
    [chart] = VIEW.draw(found("learning_rate", [0.001, 0.01, 0.1], [0.5, 0.8, np.nan], half=0.1, n_diverged=2))
    [series] = chart.series
    assert ([0.001, 0.01, 0.1], "points") == (list(series.x), series.kind)
    np.testing.assert_allclose([0.4, 0.7, np.nan], series.lo)
    assert (chart.x.is_log, chart.x.words.zh) == (True, "学习率")
    assert "Validation accuracy by learning rate (2 of 6 members diverged)" == chart.title.en
    assert "学习率对验证准确率的影响（6 个成员中 2 个发散）" == chart.title.zh
    trace = draw_figure(chart, language="en").data[0]
    np.testing.assert_allclose([0.1, 0.1, np.nan], trace.error_y.array)


def test_many_numbers_are_a_line_with_a_band():
    values = np.linspace(0, 1, MOST_WHISKERS + 1)
    [chart] = VIEW.draw(found("dropout", values.tolist(), values, half=0.1))
    assert "line" == chart.series[0].kind
    assert not chart.x.is_log


def test_names_are_labelled_places_and_one_member_has_no_interval():
    [chart] = VIEW.draw(found("activation", ["tanh", "relu"], [0.5, 0.6]))
    assert ["tanh", "relu"] == [label.zh for label in chart.x.labels]
    assert ([0, 1], 0) == (list(chart.series[0].x), len(chart.series[0].lo))
    assert ["tanh", "relu"] == list(draw_figure(chart, language="zh").data[0].x)


@pytest.mark.parametrize(
    ("values", "is_log", "is_whole"), [((1, 20), False, True), ((1, 21), True, False), ((0.0, 0.5), False, False)]
)
def test_the_axis_counts_in_factors_where_values_span_more_than_twenty(values, is_log, is_whole):
    [chart] = VIEW.draw(found("units", values, [0.5, 0.6]))
    assert (is_log, is_whole) == (chart.x.is_log, chart.x.is_whole)


def test_real_runs(sweep, crowd, grid, table_run, diverged_run):
    [chart] = VIEW.draw(VIEW.read(sweep))
    assert list(chart.series[0].x) == [0.0001, 0.001, 0.003, 0.01, 0.1]
    summary = sweep.summary()
    np.testing.assert_allclose(summary["mean"], chart.series[0].y)
    np.testing.assert_allclose(summary["lo"], chart.series[0].lo)
    [chart] = VIEW.draw(VIEW.read(crowd))
    assert ("line", 64) == (chart.series[0].kind, len(chart.series[0].y))
    assert [None, None, None] == [VIEW.read(run) for run in (grid, table_run, diverged_run)]
    assert VIEW.read(sweep[0]) is None
