"""Calibration of the best member."""

import numpy as np
import pytest

from backlit.measure.reliability import reliability
from tests.measure.stand_in import StandIn, rows_of

INPUTS = np.array([[0.95], [0.85], [0.95], [0.85]], np.float32)


def sure(rows):
    return np.concatenate([rows, 1 - rows], 1)


def test_unseen_rows_are_compared():
    # Validation rows 2 and 3: 95 % sure and right, 85 % sure and wrong: (0.05 + 0.85) / 2.
    data = rows_of(INPUTS, [0, 0, 0, 1], validation=[2, 3])
    found = reliability(StandIn(data=data, predict=sure))
    assert 0.45 == pytest.approx(found.bins.error, abs=1e-6)
    assert (2, "验证集") == (found.bins.n_rows.sum(), found.split_words.zh)


def test_it_takes_a_member_that_finished():
    data = rows_of(INPUTS, [0, 0, 0, 1])
    assert reliability(StandIn(members=[{"status": "diverged"}], data=data, predict=sure)) is None
