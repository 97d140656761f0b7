"""The loss over a plane."""

import keras
import numpy as np
import pytest

from backlit.explain.directions import Plane
from backlit.explain.surface import Surface
from backlit.measure.examples import few_training_rows
from backlit.measure.shown import Shown
from backlit.views.gallery.loss_surface import VIEW, Landscape

ALPHAS, BETAS = np.array([-1.0, 0.0, 1.0]), np.array([-1.0, 1.0])
LOSSES = np.array([[3.0, 2.0, 3.0], [4.0, 1.0, 5.0]])


def landscape(kind, **more):
    plane = Plane(kind, (), ())
    return Landscape(
        Surface(plane, ALPHAS, BETAS, LOSSES, 1.5, **{"path": None, "share": None, "n_rows": 512} | more),
        "nat",
        Shown(0, 1),
    )


def test_the_network_lies_at_the_middle_of_a_random_plane():
    [chart] = VIEW.draw(landscape("random"))
    [here] = chart.series
    assert ([0], [0], "points") == (here.x.tolist(), here.y.tolist(), here.kind)
    assert (LOSSES.tolist(), "nat") == (chart.surface.height.tolist(), chart.surface.unit)
    assert "Loss around the network, on 512 rows" == chart.title.en
    assert "a random direction, α" == chart.x.words.en


def test_a_path_is_drawn_with_the_share_that_the_plane_shows():
    [chart] = VIEW.draw(landscape("path", path=np.array([[0.5, 0.25], [0.0, 0.0]]), share=0.87))
    path, _ = chart.series
    assert ([0.5, 0], [0.25, 0], "line") == (path.x.tolist(), path.y.tolist(), path.kind)
    assert "the plane shows 87% of the path" in chart.title.en
    assert "87%" in chart.title.zh
    assert "路径的第二主方向 β" == chart.y.words.zh


def test_of_a_real_run_the_middle_is_the_loss_of_the_model(digits_run):
    [chart] = VIEW.draw(VIEW.read(digits_run))
    inputs, targets = few_training_rows(digits_run.data, most=512).train
    chances = digits_run.predict(inputs)
    expected = float(np.mean(np.asarray(keras.losses.sparse_categorical_crossentropy(targets, chances))))
    middle = len(chart.surface.x) // 2
    assert 0 == chart.surface.x[middle] == chart.surface.y[middle]
    assert expected == pytest.approx(chart.surface.height[middle, middle], rel=1e-4)
    assert chart.surface.height.max() > 2 * expected


def test_where_all_diverged_there_is_no_surface(diverged_run):
    assert VIEW.read(diverged_run) is None
