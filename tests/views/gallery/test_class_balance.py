"""Rows by class and split."""

import numpy as np

from backlit.measure.balance import ClassCounts, TargetHistogram
from backlit.measure.judged import SPLIT_WORDS
from backlit.views.gallery.class_balance import VIEW

SPLITS = (SPLIT_WORDS["train"], SPLIT_WORDS["test"])
COUNTS = np.array([[70, 7], [15, 2]])


def test_bars_of_each_split_stand_at_the_class():
    [chart] = VIEW.draw(ClassCounts(SPLITS, ("cat", "dog"), COUNTS, 2, has_several=False))
    assert [("训练集", [70, 7]), ("测试集", [15, 2])] == [(one.words.zh, list(one.y)) for one in chart.series]
    assert (["cat", "dog"], "各类别的样本数") == ([label.en for label in chart.x.labels], chart.title.zh)


def test_classes_without_a_name_are_told_of():
    [chart] = VIEW.draw(ClassCounts(SPLITS, ("cat", "dog"), COUNTS, 90, has_several=True))
    assert "Rows of each label: the 2 largest of 90" == chart.title.en


def test_amounts_are_a_histogram():
    edges = np.array([0.0, 2.0, 4.0])
    one, two = VIEW.draw(tuple(TargetHistogram(SPLITS, number, edges, COUNTS) for number in (1, 2)))
    assert ([1.0, 3.0], [70, 7]) == (list(one.series[0].x), list(one.series[0].y))
    assert ("target-histogram-1", "target-histogram-2") == (one.name, two.name)
    assert "目标值 2 的分布" == two.title.zh


def test_real_runs(digits_run, regression_run, crowd, diverged_run):
    [chart] = VIEW.draw(VIEW.read(digits_run))
    assert (10, 3, 1797) == (len(chart.x.labels), len(chart.series), sum(sum(one.y) for one in chart.series))
    [chart] = VIEW.draw(VIEW.read(regression_run))
    assert len(regression_run.data) == sum(sum(one.y) for one in chart.series)
    for run in (crowd, diverged_run):
        assert VIEW.draw(VIEW.read(run))
