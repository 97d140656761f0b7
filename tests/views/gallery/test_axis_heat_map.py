"""The score over two settings."""

import numpy as np

from backlit.measure.final_metric import FinalMetric
from backlit.measure.response import SettingAxis
from backlit.measure.score_grid import ScoreGrid
from backlit.views.chart_figure import draw_figure
from backlit.views.gallery.axis_heat_map import MOST_NUMBERED, VIEW

ACCURACY = FinalMetric("val_accuracy")


def axis(name, values):
    return SettingAxis((name,), tuple((value,) for value in values))


def test_numbers_rise_upwards_and_a_lost_cell_is_empty():
    mean = np.array([[0.5, 0.7], [0.3, np.nan]])
    lost = np.isnan(mean)
    [chart] = VIEW.draw(ScoreGrid(axis("learning_rate", [0.01, 0.1]), axis("units", [8, 16]), ACCURACY, mean, lost))
    assert ["16", "8"] == [label.en for label in chart.y.labels]  # the first label is on top
    np.testing.assert_allclose([[0.3, np.nan], [0.5, 0.7]], chart.surface.height)
    assert "Validation accuracy by learning rate and units (empty: all diverged)" == chart.title.en
    figure = draw_figure(chart, language="zh")
    assert [["0.3", ""], ["0.5", "0.7"]] == [list(row) for row in figure.data[0].text]
    assert "学习率与神经元数对验证准确率的影响（空白：全部发散）" == figure.layout.title.text


def test_names_keep_their_order():
    mean = np.array([[0.5, 0.7], [0.3, 0.4]])
    names = axis("activation", ["tanh", "relu"])
    [chart] = VIEW.draw(ScoreGrid(axis("units", [8, 16]), names, ACCURACY, mean, np.isnan(mean)))
    assert ["tanh", "relu"] == [label.en for label in chart.y.labels]
    assert mean.tolist() == chart.surface.height.tolist()
    assert "empty" not in chart.title.en


def test_many_cells_hold_no_numbers():
    n = MOST_NUMBERED + 6
    mean = np.arange(n * n, dtype=float).reshape(n, n)
    [chart] = VIEW.draw(ScoreGrid(axis("a", range(n)), axis("b", range(n)), ACCURACY, mean, np.isnan(mean)))
    assert ("", "cells") == (chart.surface.spec, chart.surface.form)


def test_real_runs(grid, sweep, digits_run):
    [chart] = VIEW.draw(VIEW.read(grid))
    assert ((4, 3), ["0.001", "0.01", "0.1"]) == (chart.surface.height.shape, [one.en for one in chart.x.labels])
    scores = {(row["learning_rate"], row["l2"]): row["val_accuracy"] for row in grid.members.iter_rows(named=True)}
    assert scores[0.1, 0.0] == chart.surface.height[3, 2]
    assert [None, None] == [VIEW.read(run) for run in (sweep, digits_run)]
