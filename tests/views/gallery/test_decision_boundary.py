"""The decision boundary on the plane of two features."""

import numpy as np

from backlit.measure.judged import SPLIT_WORDS
from backlit.measure.plane import Plane
from backlit.views.chart_figure import draw_figure
from backlit.views.gallery.decision_boundary import VIEW


def found(chances, class_names, **more):
    settings = {"names": ("a", "b"), "is_prepared": False, "split_words": SPLIT_WORDS["test"]}
    return Plane(
        x=np.array([0.0, 1.0]),
        y=np.array([0.0, 1.0, 2.0]),
        chances=np.asarray(chances),
        points=np.array([[0.5, 1.5], [0.2, 0.1]]),
        classes=np.array([1, 0]),
        class_names=class_names,
        **(settings | more),
    )


def test_two_classes_show_how_sure_the_network_is():
    right = np.array([[0.1, 0.9], [0.2, 0.8], [0.5, 1.0]])
    [chart] = VIEW.draw(found(np.stack([1 - right, right], -1), ("left", "right")))
    np.testing.assert_allclose([[-0.8, 0.8], [-0.6, 0.6], [0.0, 1.0]], chart.surface.height)
    assert ("diverging", "contours") == (chart.surface.scale, chart.surface.form)
    assert "probability of right less that of left" == chart.surface.words.en
    assert [("class left", [0.2]), ("class right", [0.5])] == [(one.words.en, list(one.x)) for one in chart.series]
    assert "决策边界（测试集）" == chart.title.zh


def test_several_classes_show_the_chosen_one_in_the_colour_of_its_points():
    chances = np.zeros((3, 2, 3))
    chances[0, :, 2] = chances[1:, 0, 1] = chances[1:, 1, 0] = 1.0
    [chart] = VIEW.draw(found(chances, ("x", "y", "z"), is_prepared=True))
    assert [[2, 2], [1, 0], [1, 0]] == chart.surface.height.tolist()
    assert "a (prepared)" == chart.x.words.en
    plane, *points = draw_figure(chart, language="en", theme="dark").data
    assert plane.colorscale[0][1] == points[0].marker.color
    assert plane.colorscale[2][1] == points[1].marker.color
    assert plane.opacity < 1  # points of the same colour stay in front


def test_real_runs(two_feature_run, crowd, table_run, regression_run, diverged_run):
    for run in (two_feature_run, crowd):
        [chart] = VIEW.draw(VIEW.read(run))
        assert ("x", "y") == (chart.x.words.en, chart.y.words.en)
        assert len(two_feature_run.data.splits.test) == sum(len(one.x) for one in chart.series)
        assert np.abs(chart.surface.height).max() <= 1
    assert [None] * 3 == [VIEW.read(run) for run in (table_run, regression_run, diverged_run)]
