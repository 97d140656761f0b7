"""Intervals by hand numbers, and that they hold what they promise."""

import numpy as np
import pytest

from backlit.measure.intervals import Interval, fold_interval, paired_interval, seed_interval

T_2, T_4 = 4.302653, 2.776445  # Student's t, 97.5 %, 2 and 4 degrees of freedom: from a table


def test_over_seeds():
    # mean 0.9, s = 0.1: 0.9 ± t · 0.1 / √3
    found = seed_interval([0.8, 0.9, 1.0])
    half = T_2 * 0.1 / np.sqrt(3)
    assert pytest.approx((0.9, 0.9 - half, 0.9 + half), abs=1e-6) == (found.mean, found.lo, found.hi)
    assert found.n == 3


def test_over_folds_it_is_wider_by_the_rows_that_are_shared():
    # five folds of 20 rows, 80 train: s² · (1/5 + 20/80) = s² · 0.45
    values = [0.90, 0.92, 0.94, 0.96, 0.98]  # s = 0.0316228
    found = fold_interval(values, n_train=80, n_held=20)
    half = T_4 * 0.0316228 * np.sqrt(0.45)
    assert pytest.approx((0.94, 0.94 - half), abs=1e-6) == (found.mean, found.lo)
    plain = seed_interval(values)
    assert _width(found) / _width(plain) == pytest.approx(np.sqrt(0.45 / 0.2))


def test_one_value_has_no_interval():
    found = seed_interval([0.5])
    assert (0.5, None, None) == (found.mean, found.lo, found.hi)
    assert not found.excludes_zero


def test_paired_differences_do_not_care_for_what_seeds_share():
    # scores rise from seed to seed by much more than the difference of 0.1 ± 0.01
    shared = np.array([0.1, 0.4, 0.7])
    found = paired_interval(shared + np.array([0.10, 0.11, 0.09]), shared)
    assert found.excludes_zero
    assert found.mean == pytest.approx(0.1)


@pytest.mark.parametrize(("values", "expected"), [([1, 2, 3], False), ([2, 2.1, 2.2], True), ([-2, -2.1, -2.2], True)])
def test_an_effect_is_an_interval_on_one_side_of_zero(values, expected):
    # 2 ± 2.48 holds 0; 2.1 ± 0.25 does not
    assert expected == seed_interval(values).excludes_zero


def test_ninety_five_of_a_hundred_intervals_hold_the_mean(rng):
    # 2,000 draws of five values: 1,900 ± 3 · √(2000 · 0.95 · 0.05) = 1,900 ± 29
    found = [seed_interval(rng.normal(3.0, 2.0, 5)) for _ in range(2000)]
    held = sum(abs(one.mean - 3.0) <= _width(one) / 2 for one in found)
    assert 1871 <= held <= 1929


def _width(found: Interval) -> float:
    assert found.lo is not None
    assert found.hi is not None
    return found.hi - found.lo
