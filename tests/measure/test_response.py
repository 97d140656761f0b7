"""The final score over one setting: means, intervals, and which settings count."""

import numpy as np
import pytest

from backlit.measure.response import SettingAxis, response, setting_axes
from tests.measure.stand_in import StandIn, rows_of

DATA = rows_of([[0.0], [1.0]], [0, 1])


def run(members, varied):
    return StandIn(members=members, varied=varied, metrics=("loss", "accuracy"), data=DATA)


def member(score, **settings):
    return {**settings, "val_accuracy": score or 0.0, "status": "diverged" if score is None else "finished"}


def test_means_and_intervals_by_value_in_rising_order():
    members = [
        member(0.7, learning_rate=0.1, seed=0),
        member(0.9, learning_rate=0.1, seed=1),
        member(0.5, learning_rate=0.01, seed=0),
        member(None, learning_rate=0.01, seed=1),
        member(None, learning_rate=9.0, seed=0),
        member(None, learning_rate=9.0, seed=1),
    ]
    found = response(run(members, [("learning_rate",), ("seed",)]))
    assert (0.01, 0.1, 9.0) == found.axis.numbers
    assert ("0.01", "0.1", "9") == found.axis.labels
    np.testing.assert_allclose([0.5, 0.8, np.nan], found.mean)
    # 0.7 and 0.9: s = 0.1414, t(1) = 12.706, half = 12.706 · 0.1414 / √2 = 1.2706
    np.testing.assert_allclose([np.nan, 0.8 - 1.2706, np.nan], found.lo, atol=1e-4)
    np.testing.assert_allclose([np.nan, 0.8 + 1.2706, np.nan], found.hi, atol=1e-4)
    assert (6, 3, "val_accuracy") == (found.n_members, found.n_diverged, found.metric.column)


def test_names_keep_the_order_in_which_they_were_given():
    members = [member(0.5, activation=name) for name in ("tanh", "relu")]
    found = response(run(members, [("activation",)]))
    assert (("tanh", "relu"), ()) == (found.axis.labels, found.axis.numbers)


def test_paired_settings_are_one_axis_of_labelled_places():
    members = [member(0.5, learning_rate=0.1, momentum=0.0), member(0.6, learning_rate=0.01, momentum=0.9)]
    found = response(run(members, [("learning_rate", "momentum")]))
    assert (("0.1 / 0", "0.01 / 0.9"), ()) == (found.axis.labels, found.axis.numbers)


def test_yes_and_no_are_no_numbers():
    assert () == SettingAxis(("nesterov",), ((False,), (True,))).numbers


@pytest.mark.parametrize(
    ("members", "varied"),
    [
        ([member(0.5, seed=0), member(0.6, seed=1)], [("seed",)]),
        ([member(0.5, l2=0.0, units=8), member(0.6, l2=0.1, units=9)], [("l2",), ("units",)]),
        ([member(0.5, l2=0.1)], [("l2",)]),
        ([member(None, l2=0.0), member(None, l2=0.1)], [("l2",)]),
        ([member(float("nan"), l2=0.0), member(float("inf"), l2=0.1)], [("l2",)]),
    ],
)
def test_it_takes_one_setting_of_two_values_and_a_score(members, varied):
    assert response(run(members, varied)) is None


def test_seeds_are_no_settings_even_where_they_are_paired_with_one():
    members = [member(0.5, units=8, seed=0, data_seed=4), member(0.5, units=9, seed=1, data_seed=5)]
    assert [("units",)] == [axis.names for axis in setting_axes(run(members, [("units", "seed"), ("data_seed",)]))]
