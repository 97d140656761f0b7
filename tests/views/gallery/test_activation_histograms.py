"""Distributions of outputs over time."""

import numpy as np

from backlit.measure.distributions import Distributions, LayerDistribution
from backlit.measure.shown import Shown
from backlit.views.gallery.activation_histograms import VIEW


def test_a_chart_a_layer_with_time_across():
    shares = np.array([[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]])
    one = LayerDistribution("dense_1", np.arange(3.0), np.array([-1.0, 1.0]), shares)
    [chart] = VIEW.draw(Distributions((one,), 1, Shown(0, 1)))
    assert "activation-histogram-dense-1" == chart.name
    assert [[0.25, 1.0, 0.5], [0.75, 0.0, 0.5]] == chart.surface.height.tolist()
    assert ([0, 1, 2], [-1, 1]) == (chart.surface.x.tolist(), chart.surface.y.tolist())


def test_of_a_real_run_each_moment_has_all_outputs(digits_run):
    charts = VIEW.draw(VIEW.read(digits_run))
    assert ["activation-histogram-hidden", "activation-histogram-out"] == [chart.name for chart in charts]
    hidden = charts[0].surface
    assert np.allclose(1, hidden.height.sum(0))
    means = [
        row["value"]
        for row in digits_run.probes.iter_rows(named=True)
        if row["probe"] == "activation_mean" and row["layer"] == "hidden"
    ]
    step = hidden.y[1] - hidden.y[0]
    assert np.abs(hidden.y @ hidden.height - means).max() < 2 * step  # the mean again, as well as bins can tell it
