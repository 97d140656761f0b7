"""Gradients in order of depth."""

import numpy as np

from backlit.measure.flow import gradient_flow
from tests.measure.probed_stand_in import Probed, looks

STEPS = (0, 4, 10, 20, 40)


def test_the_first_the_middle_and_the_last_look():
    """Epochs 0, 0.4, 1, 2, 4: the middle of 4 is epoch 2. The first layer: √(3² + 4²) = 5."""
    rows = looks("gradient_norm", "deep", [3, 9, 9, 6, 30], weight="kernel", steps=STEPS)
    rows += looks("gradient_norm", "deep", [4, 9, 9, 8, 40], weight="bias", steps=STEPS)
    rows += looks("gradient_norm", "last", [1, 9, 9, 2, 3], weight="kernel", steps=STEPS)
    found = gradient_flow(Probed(rows))
    assert ("deep", "last") == found.layers
    assert ((0, 20, 40), (0.0, 2.0, 4.0)) == (found.steps, found.epochs)
    assert [[5, 1], [10, 2], [50, 3]] == found.norms.tolist()


def test_two_looks_are_two_lines():
    rows = looks("gradient_norm", "a", [1, 2], weight="k", steps=(0, 10))
    rows += looks("gradient_norm", "b", [3, 4], weight="k", steps=(0, 10))
    assert [[1, 3], [2, 4]] == gradient_flow(Probed(rows)).norms.tolist()


def test_one_layer_has_no_depth():
    assert gradient_flow(Probed(looks("gradient_norm", "a", [1, 2, 3], weight="kernel"))) is None
    assert gradient_flow(Probed(looks("dead_units", "a", [1, 2, 3]))) is None


def test_a_gradient_that_overflowed_stays():
    rows = looks("gradient_norm", "a", [1, 2, np.inf], weight="k") + looks("gradient_norm", "b", [1, 2, 3], weight="k")
    assert np.isinf(gradient_flow(Probed(rows)).norms[2, 0])
