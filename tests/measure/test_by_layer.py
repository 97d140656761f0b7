"""Lines by layer, from numbers that can be redone by hand."""

import numpy as np
import pytest

from backlit.measure.by_layer import activation_lines, evenly, kernel_lines, layer_lines, weight_lines
from tests.measure.probed_stand_in import Probed, looks


def test_a_line_a_layer_in_the_order_of_the_model():
    run = Probed(looks("dead_units", "b", [0.0, 0.25, 0.5]) + looks("dead_units", "a", [0.0, 0.0, 1.0]))
    found = layer_lines(run, "dead_units")
    assert ["b", "a"] == [line.layer for line in found.lines]
    assert [0.0, 1.0, 2.0] == found.lines[0].epochs.tolist()
    assert [0.0, 0.25, 0.5] == found.lines[0].values.tolist()
    assert 4.0 == found.span  # 1 / 0.25


def test_weights_of_a_layer_are_one_vector():
    """√(3² + 4²) = 5."""
    rows = looks("weight_norm", "a", [3, 3, 6], weight="kernel") + looks("weight_norm", "a", [4, 0, 8], weight="bias")
    [line] = weight_lines(Probed(rows), "weight_norm").lines
    assert [5.0, 3.0, 10.0] == line.values.tolist()


def test_ratios_leave_out_what_starts_at_zero_and_name_several_weights():
    rows = looks("update_ratio", "a", [0.1, 0.2, 0.3], weight="kernel")
    rows += looks("update_ratio", "a", [9, 9, 9], weight="bias")
    rows += looks("update_ratio", "cell", [1, 2, 3], weight="kernel")
    rows += looks("update_ratio", "cell", [4, 5, 6], weight="recurrent_kernel")
    found = kernel_lines(Probed(rows), "update_ratio")
    assert ["a", "cell/kernel", "cell/recurrent_kernel"] == [line.layer for line in found.lines]
    assert [0.1, 0.2, 0.3] == found.lines[0].values.tolist()


def test_the_spread_lies_around_the_mean_of_the_same_layer():
    rows = looks("activation_mean", "a", [1, 2, 3]) + looks("activation_mean", "b", [0, 0, 0])
    rows += looks("activation_spread", "a", [0.1, 0.2, 0.3]) + looks("activation_spread", "b", [7, 8, 9])
    first, second = activation_lines(Probed(rows)).lines
    assert ([1, 2, 3], [0.1, 0.2, 0.3]) == (first.values.tolist(), first.spread.tolist())
    assert [7, 8, 9] == second.spread.tolist()


def test_of_many_layers_eight_are_shown_over_the_whole_depth():
    rows = [row for i in range(30) for row in looks("dead_units", f"layer_{i}", [0, 0, 0])]
    found = layer_lines(Probed(rows), "dead_units")
    names = [line.layer for line in found.lines]
    assert (8, 30) == (len(names), found.n_layers)
    assert ("layer_0", "layer_29") == (names[0], names[-1])


def test_what_belongs_to_no_layer_is_left_out():
    rows = looks("loss", None, [1, 2, 3]) + looks("dead_units", "a", [0, 0, 0])
    assert layer_lines(Probed(rows), "loss") is None


@pytest.mark.parametrize("rows", [[], looks("dead_units", "a", [0.5], steps=(0,)), looks("loss", None, [1, 2, 3])])
def test_fewer_than_two_looks_are_no_line(rows):
    assert layer_lines(Probed(rows), "dead_units") is None


def test_values_that_are_no_numbers_stay_gaps():
    found = layer_lines(Probed(looks("dead_units", "a", [np.nan, 0.5, np.inf])), "dead_units")
    assert np.isnan(found.lines[0].values[0])
    assert [0.5] == found.values.tolist()


@pytest.mark.parametrize(("n", "most", "expected"), [(1, 8, [0]), (8, 8, list(range(8))), (9, 3, [0, 4, 8])])
def test_places_are_spread_evenly(n, most, expected):
    assert expected == evenly(n, most)
