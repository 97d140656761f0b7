"""Accuracy over confidence."""

import numpy as np

from backlit.measure.calibration import calibration
from backlit.measure.judged import SPLIT_WORDS
from backlit.measure.reliability import Reliability
from backlit.views.gallery.calibration import VIEW


def test_each_filled_bin_is_a_point_beside_the_diagonal():
    # Two rows of 0.9, one right; one row of 0.7, right: errors 0.4 · 2/3 + 0.3 · 1/3 = 0.367.
    bins = calibration(np.array([[0.9, 0.1], [0.9, 0.1], [0.3, 0.7]]), np.array([0, 1, 1]))
    compared, counted = VIEW.draw(Reliability(bins, SPLIT_WORDS["test"]))
    network, ideal = compared.series
    np.testing.assert_allclose([0.7, 0.9], network.x)
    assert [1.0, 0.5] == list(network.y)
    assert ((0.0, 1.0), (0.0, 1.0)) == (ideal.x, ideal.y)
    assert "Calibration (test rows): expected calibration error 0.367" == compared.title.en
    [rows] = counted.series
    assert [0, 0, 0, 0, 0, 0, 1, 0, 2, 0] == list(rows.y)  # a border belongs to the bin below it
    np.testing.assert_allclose([0.05, 0.95], np.asarray(rows.x)[[0, -1]])


def test_real_runs(digits_run, crowd, regression_run, diverged_run):
    for run in (digits_run, crowd):
        compared, counted = VIEW.draw(VIEW.read(run))
        assert len(run.data.splits.test) == sum(counted.series[0].y)
        assert len(compared.series[0].x) == np.count_nonzero(counted.series[0].y)
    assert [None, None] == [VIEW.read(run) for run in (regression_run, diverged_run)]
