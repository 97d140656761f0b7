"""Linear or not: hand numbers, every activation function, functions of the user's own."""

import math

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import SettingError
from backlit.explain.ops.activations import CURVES


def test_relu_by_hand():
    """f(−1 · 1) = f(−1) = 0, but −1 · f(1) = −1; f(1 + (−1)) = f(0) = 0, but f(1) + f(−1) = 1."""
    found = explain.linearity("relu")
    first = found.scaling[0]
    assert (first.a, first.x, first.left, first.right, first.gap) == (-1.0, 1.0, 0.0, -1.0, 1.0)
    second = found.adding[0]
    assert (second.x, second.y, second.left, second.right) == (1.0, -1.0, 0.0, 1.0)
    assert found.counterexamples == found.scaling + found.adding
    assert not found.is_linear
    assert not found.is_affine


@pytest.mark.parametrize("name", [*CURVES, "softmax"])
def test_every_activation_function_but_linear_has_both_kinds_of_counterexamples(name):
    found = explain.linearity(name)
    assert found.is_linear == (name == "linear")
    assert found.is_affine == (name == "linear")
    assert bool(found.scaling) == bool(found.adding) == (name != "linear")


def test_relus_counterexamples_hold_by_pythons_own_arithmetic():
    for one in explain.linearity("relu").scaling:
        assert one.a is not None
        assert max(0.0, one.a * one.x) == one.left != one.right == one.a * max(0.0, one.x)


def test_the_proof_for_relu_holds_for_every_negative_number():
    """For x < 0: f(−x) = −x > 0, and −f(x) = 0. The two sides differ, at each x."""
    assert explain.linearity("relu").proof == (
        r"f(-1 \cdot x) = \max(0, -x) = -x > 0 \; (x < 0)",
        r"-1 \cdot f(x) = -\max(0, x) = 0 \; (x < 0)",
    )
    for x in (-3.0, -1.0, -1e-3):
        assert max(0.0, -x) == -x > 0.0 == -max(0.0, x)


def test_affine_functions_are_told_from_linear_ones():
    straight, lifted = explain.linearity(lambda x: 3 * x), explain.linearity(lambda x: 3 * x + 1)
    assert (straight.is_linear, straight.is_affine) == (True, True)
    assert (lifted.is_linear, lifted.is_affine) == (False, True)
    assert lifted.at_zero == 1.0
    assert lifted.say("en").startswith("`f` is not linear but affine: f(0) = 1, not 0;")
    assert lifted.say("zh").startswith("`f` 不是线性函数，而是仿射函数：f(0) = 1，")


def test_a_function_of_the_users_own():
    def bent(x):
        return 2 * x if x > 0 else x

    assert not explain.linearity(bent).is_linear
    assert explain.linearity(bent).name == "bent"
    assert not explain.linearity(math.tanh).is_linear
    assert explain.linearity(keras.activations.linear).is_linear
    assert not explain.linearity(keras.activations.relu).is_linear  # in 32 bits


def test_places_where_a_function_has_no_value_are_left_out():
    found = explain.linearity(np.log)
    assert not found.is_linear
    assert not found.is_affine  # it has no value at 0 to be lifted by
    assert all(np.isfinite(one.gap) for one in found.counterexamples)
    assert found.n_tried < explain.linearity("relu").n_tried


def test_rounding_in_32_bits_is_no_counterexample():
    assert explain.linearity(lambda x: np.float32(x) * np.float32(0.1)).is_linear
    assert explain.linearity(lambda x: np.float32(x) * np.float32(0.1) + np.float32(0.7)).is_affine


def test_functions_of_vectors():
    """v W is linear, v W + b is affine; softmax of three numbers is neither."""
    kernel = np.array([[1.0, 2.0], [3.0, -4.0]])
    assert explain.linearity(lambda v: v @ kernel, size=2).is_linear
    lifted = explain.linearity(lambda v: v @ kernel + 1.0, size=2)
    assert (lifted.is_linear, lifted.is_affine) == (False, True)
    first = explain.linearity("softmax").scaling[0]
    assert first.x.shape == (3,)
    assert first.left.sum() == pytest.approx(1.0)  # shares; −1 times shares are none
    assert first.right.sum() == pytest.approx(-1.0)


def test_the_text_in_both_languages():
    found = explain.linearity("relu")
    lines = found.say("en").split("\n")
    assert lines[0] == f"`relu` is not linear: {len(found.counterexamples)} of {found.n_tried} equations fail."
    assert lines[1] == "  a = −1, x = 1: f(a x) = f(−1) = 0, but a f(x) = −1 · 1 = −1"
    assert lines[-2:] == ["  f(−1 · x) = max(0, −x) = −x > 0 (x < 0)", "  −1 · f(x) = −max(0, x) = 0 (x < 0)"]
    chinese = found.say("zh").split("\n")
    assert chinese[1] == "  a = −1, x = 1：f(a x) = f(−1) = 0，但 a f(x) = −1 · 1 = −1"
    assert "which is no proof" in explain.linearity("linear").say("en")
    assert "并不构成证明" in explain.linearity("linear").say("zh")
    assert str(found.adding[0]) == "x = 1, y = −1: f(x + y) = f(0) = 0, but f(x) + f(y) = 1 + 0 = 1"


def test_unknown_names_and_lengths_are_refused():
    with pytest.raises(SettingError, match=r"received `rellu`\. Did you mean `relu`\?"):
        explain.linearity("rellu")
    with pytest.raises(SettingError, match="`size` of at least 1, received 0"):
        explain.linearity("softmax", size=0)
