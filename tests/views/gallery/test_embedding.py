"""Rows on two directions of a layer."""

import numpy as np

from backlit.measure.embedded import Embedding
from backlit.measure.judged import SPLIT_WORDS
from backlit.views.chart_figure import draw_figure
from backlit.views.gallery.embedding import MOST_CLASSES, VIEW


def found(classes, n_classes):
    points = np.arange(2.0 * len(classes)).reshape(-1, 2)
    names = tuple(f"c{i}" for i in range(n_classes))
    return Embedding("hidden", points, np.array(classes), names, (0.5, 0.25), SPLIT_WORDS["test"])


def test_points_of_each_class_are_a_series_and_axes_say_what_they_keep():
    [chart] = VIEW.draw(found([0, 2, 0], 3))
    assert [("c0", [0.0, 4.0], [1.0, 5.0]), ("c2", [2.0], [3.0])] == [
        (one.words.en, list(one.x), list(one.y)) for one in chart.series
    ]
    assert "component 1: 50% of the variance" == chart.x.words.en
    assert "第二主成分（占方差的 25%）" == chart.y.words.zh
    assert "Layer “hidden”: principal components (test rows)" == chart.title.en


def test_no_two_classes_look_alike():
    [chart] = VIEW.draw(found(list(range(MOST_CLASSES)), MOST_CLASSES))
    marks = [(one.marker.color, one.marker.symbol) for one in draw_figure(chart, language="en").data]
    assert MOST_CLASSES == len(set(marks))


def test_of_many_classes_the_largest_are_shown():
    [chart] = VIEW.draw(found([*range(25), 24, 23], 25))
    assert MOST_CLASSES == len(chart.series)
    assert {"c23", "c24"} < {one.words.en for one in chart.series}
    assert "Layer “hidden”: the 20 largest of 25 classes (test rows)" == chart.title.en


def test_real_runs(digits_run, digits_cnn_run, crowd, regression_run, diverged_run):
    for run, layer in ((digits_run, "hidden"), (digits_cnn_run, "flat"), (crowd, "hidden")):
        [chart] = VIEW.draw(VIEW.read(run))
        assert f"“{layer}”" in chart.title.zh
        assert len(run.data.splits.test) == sum(len(one.x) for one in chart.series)
    assert [None, None] == [VIEW.read(run) for run in (regression_run, diverged_run)]
