"""Paths from one weight to the loss: by hand, against every path listed, and against backpropagation."""

import itertools

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import DataError, ModelError, SettingError
from backlit.explain import paths as paths_module

dense = keras.layers.Dense


def model_of(*layers, loss="mean_squared_error", shape=(2,)):
    model = keras.Sequential([keras.Input(shape), *layers])
    model.compile("sgd", loss)
    return model


def by_hand():
    """x = (1, 2); z = (4, 1), a = (4, 1); s₁ = 2·4 + 1 = 9, s₂ = 3·4 − 1 = 11; C = ((9 − 8)² + (11 − 9)²) / 2."""
    model = model_of(dense(2, "relu", name="hidden"), dense(2, name="out"))
    weights = [[[2.0, -1.0], [1.0, 1.0]], [0.0, 0.0], [[2.0, 3.0], [1.0, -1.0]], [0.0, 0.0]]
    model.set_weights([np.array(weight) for weight in weights])
    return model


def test_two_paths_by_hand():
    """∂C/∂s = (1, 2). From w₂₁ (input 2, node 1): 2 × 1 × 3 × 2 = 12 and 2 × 1 × 2 × 1 = 4; together 16."""
    found = explain.path(by_hand(), [1.0, 2.0], [8.0, 9.0], weight=("hidden", 1, 0))
    assert [[factor.value for factor in path.factors] for path in found] == [[2, 1, 3, 2], [2, 1, 2, 1]]
    assert [path.product for path in found] == [12.0, 4.0]
    assert (found.total, found.remainder, found.n_paths) == (16.0, 0.0, 2)
    assert found.weight[0].endswith("hidden/kernel")
    assert found.weight[1:] == (1, 0)
    assert [factor.symbol for factor in found.paths[0].factors] == [
        r"\frac{\partial z^{(1)}_{1}}{\partial w^{(1)}_{2,1}}",
        r"\frac{\partial a^{(1)}_{1}}{\partial z^{(1)}_{1}}",
        r"\frac{\partial z^{(2)}_{2}}{\partial a^{(1)}_{1}}",
        r"\frac{\partial C}{\partial z^{(2)}_{2}}",
    ]
    assert [factor.layer for factor in found.paths[0].factors] == ["hidden", "hidden", "out", "loss"]


def test_what_is_not_listed_is_the_remainder():
    found = explain.path(by_hand(), [1.0, 2.0], [8.0, 9.0], weight=("hidden", 1, 0), most=1)
    assert len(found) == 1
    assert (found.paths[0].product, found.remainder, found.total, found.n_paths) == (12.0, 4.0, 16.0, 2)


def test_it_says_the_paths_and_their_sum():
    found = explain.path(by_hand(), [1.0, 2.0], [8.0, 9.0], weight=("hidden", 1, 0), most=1)
    assert found.say("en").splitlines() == [
        "∂C/∂w⁽¹⁾_(2,1): the sum over 2 paths",
        "  1  ∂z⁽¹⁾₁/∂w⁽¹⁾_(2,1) · ∂a⁽¹⁾₁/∂z⁽¹⁾₁ · ∂z⁽²⁾₂/∂a⁽¹⁾₁ · ∂C/∂z⁽²⁾₂",
        "     = 2 × 1 × 3 × 2 = 12",
        "These paths add up to 12.",
        "The 1 others add up to 4.",
        "∂C/∂w⁽¹⁾_(2,1) = 16",
    ]
    assert "其余 1 条路径之和为 4" in found.say("zh")
    assert str(found) == found.say("en")


def test_a_weight_into_a_node_that_is_flat_has_no_path():
    found = explain.path(by_hand(), [-1.0, -2.0], [8.0, 9.0], weight=("hidden", 1, 0))
    assert (found.paths, found.total, found.n_paths) == ((), 0.0, 0)
    assert "each way from this weight to the loss is cut off" in found.say("en")


def three_layers(rng):
    model = model_of(
        dense(4, "tanh", name="first"),
        dense(5, "sigmoid", name="second"),
        dense(3, "softmax", name="third"),
        loss="categorical_crossentropy",
    )
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return model


def test_the_largest_paths_are_those_of_the_full_list(rng):
    """All 5 × 3 × 3 ways from a weight of the first layer: node of the second, score, share."""
    model, x, y = three_layers(rng), rng.normal(size=2), np.array([0.0, 1.0, 0.0])
    trace = explain.backprop(model, x, y, check=False)
    values = {step.symbol: step.value for step in trace.steps}
    w2, w3 = np.asarray(model.get_weights()[2], float), np.asarray(model.get_weights()[4], float)
    a1, a2, p = (values[f"a^{{({layer})}}"][0] for layer in (1, 2, 3))
    at_p = values[r"\frac{\partial C}{\partial a^{(3)}}"][0]
    products = [
        x[1] * (1 - a1[2] ** 2) * w2[2, k] * a2[k] * (1 - a2[k]) * w3[k, j] * p[i] * ((i == j) - p[j]) * at_p[i]
        for k, j, i in itertools.product(range(5), range(3), range(3))
    ]
    found = explain.path(model, x, y, weight=("first", 1, 2), most=7)
    largest = sorted(products, key=abs, reverse=True)[:7]
    assert found.n_paths == 45
    assert [path.product for path in found] == pytest.approx(largest, rel=1e-9)
    assert found.remainder == pytest.approx(sum(products) - sum(largest), rel=1e-9)


@pytest.mark.parametrize("weight", [("first", 0, 1), ("first/bias", 3), ("second", 2, 4), ("third/bias", 0)])
def test_the_total_is_the_gradient(weight, rng):
    model, x, y = three_layers(rng), rng.normal(size=2), np.array([0.0, 1.0, 0.0])
    found = explain.path(model, x, y, weight=weight)
    gradient = explain.backprop(model, x, y, check=False).gradients[str(found.weight[0])][
        tuple(map(int, found.weight[1:]))
    ]
    assert found.total == pytest.approx(gradient, rel=1e-12)
    assert sum(path.product for path in found) + found.remainder == pytest.approx(gradient, rel=1e-12)


def test_a_convolution_weight_is_used_at_each_place(rng):
    """A 2×2 kernel on 3×3 numbers: each weight goes into 4 sums, and the pooling keeps one of them for each filter."""
    conv = keras.layers.Conv2D(2, 2, name="conv")
    model = model_of(conv, keras.layers.MaxPooling2D(), keras.layers.Flatten(), dense(2, name="out"), shape=(3, 3, 1))
    x, y = rng.normal(size=(3, 3, 1)), rng.normal(size=2)
    found = explain.path(model, x, y, weight=("conv", 0, 1, 0, 1))
    gradient = explain.backprop(model, x, y, check=False).gradients[found.weight[0]][0, 1, 0, 1]
    assert found.total == pytest.approx(gradient, rel=1e-12)
    assert found.n_paths == 2  # one place, then two outputs


def test_a_layer_that_is_used_twice_has_paths_from_both_uses(rng):
    """z = w (w x) with a linear layer: ∂/∂w = w x from the second use and w x from the first."""
    given = keras.Input((1,))
    twice = dense(1, use_bias=False, name="twice")
    model = keras.Model(given, twice(twice(given)))
    model.set_weights([np.array([[3.0]])])
    found = explain.path(model, [2.0], [17.0], weight=("twice", 0, 0), loss="mean_squared_error")
    assert [path.product for path in found] == [12.0, 12.0]  # 3 · 2 · 2 (18 − 17), both


def test_more_paths_than_anybody_can_list_are_counted(rng):
    """A weight of the first of five layers of 9 nodes: 9 × 9 × 9 × 9 paths to one output."""
    model = model_of(*(dense(9, "tanh", name=f"layer{i}") for i in range(5)), dense(1))
    found = explain.path(model, rng.normal(size=2), [0.5], weight=("layer0", 0, 0))
    assert found.n_paths == 9**4
    assert len(found) == 20
    sizes = [abs(path.product) for path in found]
    assert sizes == sorted(sizes, reverse=True)


def test_networks_that_are_too_large_are_refused(monkeypatch, rng):
    monkeypatch.setattr(paths_module, "MOST_FACTORS", 30)
    with pytest.raises(ModelError, match="at most 30 local derivatives between the weight and the loss"):
        explain.path(three_layers(rng), [1.0, 2.0], [0.0, 1.0, 0.0], weight=("first", 0, 0))


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        ("hidden", "expected a layer's name and the indices of an entry of its kernel, received `'hidden'`"),
        ((), r"received `\(\)`"),
        (("hiden", 0, 0), "received `hiden`, which fits 0 weights. Did you mean `hidden`"),
        (("kernel", 0, 0), "received `kernel`, which fits 2 weights"),
        (("hidden/scale", 0), "received `hidden/scale`"),
        (("hidden", 2, 0), r"kernel`, whose shape is \(2, 2\), received \(2, 0\)"),
        (("hidden", -1, 0), r"received \(-1, 0\)"),
        (("hidden", 0), r"received \(0,\).*weight=\('hidden', 0, 0\)"),
        (("hidden", 0.0, True), r"received \(0.0, True\)"),
    ],
)
def test_weights_that_are_not_there_are_named(weight, words):
    with pytest.raises(SettingError, match=words):
        explain.path(by_hand(), [1.0, 2.0], [8.0, 9.0], weight=weight)


def test_frozen_weights_are_no_choice():
    model = model_of(dense(2, name="hidden", trainable=False), dense(1, name="out"))
    with pytest.raises(SettingError, match="There are: `out`"):
        explain.path(model, [1.0, 2.0], [8.0], weight=("hidden", 0, 0))


def test_several_samples_are_refused():
    with pytest.raises(DataError, match="expected one sample, received 2"):
        explain.path(by_hand(), np.ones((2, 2)), np.ones((2, 2)), weight=("hidden", 0, 0))


@pytest.mark.parametrize("most", [0, 1.5, True])
def test_most_is_a_whole_number(most):
    with pytest.raises(SettingError, match=f"`most` a whole number of at least 1, received `{most}`"):
        explain.path(by_hand(), [1.0, 2.0], [8.0, 9.0], weight=("hidden", 0, 0), most=most)
