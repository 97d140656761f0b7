"""Lengths of weights."""

import numpy as np
import pytest

from backlit.measure.by_layer import LayerLine, LayerLines
from backlit.measure.shown import Shown
from backlit.views.gallery.norms import VIEW

EPOCHS = np.array([0.0, 1.0])


@pytest.mark.parametrize(("largest", "is_log"), [(19.0, False), (21.0, True)])
def test_the_axis_goes_by_factors_where_lengths_span_more_than_twenty(largest, is_log):
    line = LayerLine("hidden", EPOCHS, np.array([1.0, largest]))
    [chart] = VIEW.draw(LayerLines((line,), 1, Shown(0, 1)))
    assert is_log == chart.y.is_log
    assert [1.0, largest] == chart.series[0].y.tolist()


def test_of_a_real_run_the_last_length_is_that_of_its_weights(digits_run):
    [chart] = VIEW.draw(VIEW.read(digits_run))
    kernel, bias, *_ = digits_run.model.get_weights()
    assert "hidden" == chart.series[0].words.en
    assert np.sqrt((kernel**2).sum() + (bias**2).sum()) == pytest.approx(chart.series[0].y[-1], rel=1e-5)
