"""Histograms over time on one scale of values."""

import numpy as np
import pytest

from backlit.measure.distributions import activation_distributions, rebinned
from tests.measure.probed_stand_in import Probed, looks

EVEN = [1 / 16] * 16


def layer(name, means, spreads, histograms):
    rows = looks("activation_mean", name, means) + looks("activation_spread", name, spreads)
    return rows + looks("activation_histogram", name, histograms)


def test_a_layer_that_grows_is_seen_to_grow():
    """Spread 1 reaches from −4 to 4, spread 2 from −8 to 8: 32 bins of 0.5. Evenly spread, spread 1 puts 1/16 into
    each of its 16 bins, spread 2 puts 1/32 into each of all 32."""
    found = activation_distributions(Probed(layer("a", [0, 0, 0], [1, 1, 2], [EVEN] * 3)))
    [one] = found.layers
    assert (-7.75, 7.75) == (one.centres[0], one.centres[-1])
    assert [0.0, 1.0, 2.0] == one.epochs.tolist()
    expected = np.zeros(32)
    expected[8:24] = 1 / 16
    assert one.shares[0] == pytest.approx(expected)
    assert one.shares[2] == pytest.approx(np.full(32, 1 / 32))
    assert one.shares.sum(1) == pytest.approx([1, 1, 1])


def test_a_mean_moves_the_whole_histogram():
    one_bin = [0.0] * 16
    one_bin[8] = 1.0  # from the mean to half a spread above it
    [one] = activation_distributions(Probed(layer("a", [0, 0, 10], [1, 1, 1], [one_bin] * 3))).layers
    assert one.centres[one.shares[0].argmax()] < 0.5
    assert one.centres[one.shares[2].argmax()] > 10
    assert one.shares[2][one.centres < 9].sum() == 0


def test_a_look_at_which_all_outputs_are_alike_is_left_out():
    [one] = activation_distributions(Probed(layer("a", [0, 0, 0], [1, 0, 1], [EVEN] * 3))).layers
    assert [0.0, 2.0] == one.epochs.tolist()


def test_a_layer_that_is_silent_all_the_time_has_no_distribution():
    rows = layer("a", [0, 0, 0], [0, 0, 0], [EVEN] * 3) + layer("b", [0, 0, 0], [1, 1, 1], [EVEN] * 3)
    found = activation_distributions(Probed(rows))
    assert ["b"] == [one.layer for one in found.layers]
    assert activation_distributions(Probed(layer("a", [0, 0, 0], [0, 0, 0], [EVEN] * 3))) is None


def test_six_layers_at_most():
    rows = [row for i in range(9) for row in layer(f"l{i}", [0, 0, 0], [1, 1, 1], [EVEN] * 3)]
    found = activation_distributions(Probed(rows))
    assert (6, 9) == (len(found.layers), found.n_layers)
    assert ("l0", "l8") == (found.layers[0].layer, found.layers[-1].layer)


def test_all_three_probes_are_needed():
    assert activation_distributions(Probed(looks("activation_histogram", "a", [EVEN] * 3))) is None


def test_shares_are_dealt_out_in_proportion_and_none_is_lost():
    """0.4 in [0, 1), 0.6 in [1, 2): up to 0.5 half of 0.4, up to 1.5 half of 0.6 more, beyond 1.5 all that is left."""
    old = np.array([[0.0, 1.0, 2.0]]), np.array([[0.4, 0.6]])
    assert rebinned(*old, np.array([0.0, 0.5, 1.5, 1.7]))[0] == pytest.approx([0.2, 0.5, 0.3])
