"""Gradients by depth."""

import math

import numpy as np
import pytest

from backlit.measure.flow import GradientFlow
from backlit.measure.shown import Shown
from backlit.views.gallery.gradient_flow import VIEW


def test_a_line_a_look_over_the_layers():
    norms = np.array([[1e-6, 1.0], [0.0, 2.0], [3.0, 4.0]])
    [chart] = VIEW.draw(GradientFlow(("a", "b"), (0, 5, 20), (0.0, 0.5, 2.0), norms, Shown(0, 1)))
    assert ["a", "b"] == [words.en for words in chart.x.labels]
    assert chart.y.is_log
    names = [(one.words.en, one.words.zh) for one in chart.series]
    assert [("before the first step", "第一步之前"), ("after step 5", "第 5 步之后")] == names[:2]
    assert ("after epoch 2", "第 2 轮次之后") == names[2]
    assert [1e-6, 1.0] == chart.series[0].y.tolist()
    assert math.isnan(chart.series[1].y[0])  # no place on the axis


def test_of_a_real_run_a_length_is_that_of_all_weights_of_the_layer(digits_cnn_run):
    [chart] = VIEW.draw(VIEW.read(digits_cnn_run))
    rows = [row for row in digits_cnn_run.probes.iter_rows(named=True) if row["probe"] == "gradient_norm"]
    last = max(row["step"] for row in rows)
    squares = [row["value"] ** 2 for row in rows if row["layer"] == "second" and row["step"] == last]
    assert ["first", "second", "out"] == [words.en for words in chart.x.labels]
    assert 2 == len(squares)
    assert math.sqrt(sum(squares)) == pytest.approx(chart.series[-1].y[1])
    assert "after epoch 2" == chart.series[-1].words.en
