"""Steps relative to weights."""

import math

import numpy as np

from backlit.measure.by_layer import LayerLine, LayerLines
from backlit.measure.shown import Shown
from backlit.views.gallery.update_ratio import USUAL, VIEW


def test_the_usual_ratio_is_a_line_of_its_own():
    line = LayerLine("hidden", np.array([0.0, 1.0, 3.0]), np.array([0.01, 0.0, 0.002]))
    [chart] = VIEW.draw(LayerLines((line,), 1, Shown(0, 1)))
    ratio, usual = chart.series
    assert chart.y.is_log
    assert (0.01, 0.002) == (ratio.y[0], ratio.y[2])
    assert math.isnan(ratio.y[1])  # a step of 0 has no place on the axis
    assert ([0.0, 3.0], [USUAL, USUAL]) == (usual.x.tolist(), usual.y.tolist())


def test_of_a_real_run_kernels_alone_are_drawn(digits_run):
    [chart] = VIEW.draw(VIEW.read(digits_run))
    rows = [row for row in digits_run.probes.iter_rows(named=True) if row["probe"] == "update_ratio"]
    kernel = [row["value"] for row in rows if row["layer"] == "out" and row["weight"] == "kernel"]
    assert ["hidden", "out", "rule of thumb: 0.001"] == [series.words.en for series in chart.series]
    assert kernel == chart.series[1].y.tolist()
