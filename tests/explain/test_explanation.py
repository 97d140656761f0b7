"""Every number of a pass: hand arithmetic, two other roads, and what is printed."""

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import DataError
from backlit.explain.agreement import Agreement
from backlit.explain.ops.activations import CURVES
from backlit.explain.ops.losses import PENALTIES
from backlit.explain.telling import equation

dense = keras.layers.Dense


def two_layers():
    """x = (1, 2); z = (1·1 − 2·1, 1·2 + 2·1) = (−1, 4); a = (0, 4); s = 3·0 + 0.5·4 + 1 = 3."""
    model = keras.Sequential([keras.Input((2,)), dense(2, "relu", name="hidden"), dense(1, name="out")])
    weights = [[[1.0, 2.0], [-1.0, 1.0]], [0.0, 0.0], [[3.0], [0.5]], [1.0]]
    model.set_weights([np.array(weight) for weight in weights])
    model.compile("sgd", "mean_squared_error")
    return model


def test_forward_numbers_are_the_arithmetic_of_the_docstring():
    steps = {step.symbol: step.value.tolist() for step in explain.forward(two_layers(), [1.0, 2.0])}
    assert steps["z^{(1)}"] == [[-1.0, 4.0]]
    assert steps["a^{(1)}"] == [[0.0, 4.0]]
    assert steps["z^{(2)}"] == [[3.0]]


def test_gradients_by_hand():
    """C = (3 − 5)² = 4; ∂C/∂s = −4; w2: −4·(0, 4); b2: −4; at a: −4·(3, 0.5); at z: (0, −2); w1: x · (0, −2)."""
    found = explain.backprop(two_layers(), [1.0, 2.0], [5.0])
    assert found.loss == 4.0
    assert found.output.tolist() == [[3.0]]
    gradients = {path.split("/", 1)[1]: values.tolist() for path, values in found.gradients.items()}
    assert gradients["out/kernel"] == [[0.0], [-16.0]]
    assert gradients["out/bias"] == [-4.0]
    assert gradients["hidden/kernel"] == [[0.0, -2.0], [0.0, -4.0]]
    assert gradients["hidden/bias"] == [0.0, -2.0]
    assert found.slopes.inputs.tolist() == [[0 * 1 - 2 * 2.0, 0 * -1 - 2 * 1.0]]


def test_a_batch_is_the_mean_of_its_samples():
    model, rows, targets = two_layers(), np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[5.0], [1.0]])
    whole = explain.backprop(model, rows, targets, check=False)
    alone = [explain.backprop(model, row, target, check=False) for row, target in zip(rows, targets, strict=True)]
    assert whole.loss == pytest.approx(np.mean([one.loss for one in alone]))
    for path, values in whole.gradients.items():
        assert values == pytest.approx(np.mean([one.gradients[path] for one in alone], axis=0))


def test_each_step_uses_earlier_steps_and_says_which():
    found = explain.backprop(two_layers(), [1.0, 2.0], [5.0])
    assert [step.number for step in found] == list(range(1, len(found) + 1))
    assert all(used < step.number for step in found for used in step.uses)
    by_symbol = {step.symbol: step for step in found}
    kernel = by_symbol[r"\frac{\partial C}{\partial w^{(1)}}"]
    assert {found[used].symbol for used in kernel.uses} == {"x", r"\frac{\partial C}{\partial z^{(1)}}"}
    assert found.of_layer("out")[0].layer == "out"
    assert found.of_layer("nobody") == ()
    with pytest.raises(IndexError, match="received 0"):
        found[0]


def test_an_entry_is_written_with_its_numbers():
    found = explain.backprop(two_layers(), [1.0, 2.0], [5.0])
    by_symbol = {step.symbol: step for step in found}
    assert equation(by_symbol["z^{(1)}"], (0, 1)) == "z⁽¹⁾₂ = 2 × 1 + 1 × 2 + 0 = 4"
    assert equation(by_symbol["C"], ()) == "C = 1/1 ((3 − 5)^2) = 4".replace("^2", "²")
    kernel = by_symbol[r"\frac{\partial C}{\partial w^{(1)}}"]
    assert equation(kernel, (1, 1)) == "∂C/∂w⁽¹⁾_(2,2) = 2 × (−2) = −4"


@pytest.mark.parametrize("name", sorted(CURVES))
def test_each_activation_agrees_with_autodiff(name, rng):
    model = keras.Sequential([keras.Input((3,)), dense(4, name), dense(2)])
    rows = rng.normal(size=(3, 3)) * 2
    agreement = explain.backprop(model, rows, rng.normal(size=(3, 2)), loss="mean_squared_error").agreement
    assert agreement.worst_autodiff < 1e-8
    assert agreement.worst_difference < 1e-5


@pytest.mark.parametrize(
    "loss",
    [*sorted(name for name in PENALTIES if "logits" not in name), "sparse_categorical_crossentropy"],
)
def test_each_loss_agrees_with_autodiff(loss, rng):
    last = "softmax" if "categorical" in loss or loss == "kl_divergence" else "sigmoid"
    model = keras.Sequential([keras.Input((3,)), dense(4, last)])
    targets = np.eye(4)[rng.integers(0, 4, 5)]
    if loss == "sparse_categorical_crossentropy":
        targets = targets.argmax(1)
    agreement = explain.backprop(model, rng.normal(size=(5, 3)), targets, loss=loss).agreement
    assert agreement.worst_autodiff < 1e-8
    assert agreement.worst_difference < 1e-5


@pytest.mark.parametrize(
    "loss",
    [
        keras.losses.CategoricalCrossentropy(from_logits=True),
        keras.losses.BinaryCrossentropy(from_logits=True),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    ],
    ids=lambda loss: loss.name,
)
def test_losses_of_logits_agree_with_autodiff(loss, rng):
    model = keras.Sequential([keras.Input((3,)), dense(4)])
    targets = np.eye(4)[rng.integers(0, 4, 5)]
    if "sparse" in loss.name:
        targets = targets.argmax(1)
    agreement = explain.backprop(model, rng.normal(size=(5, 3)), targets, loss=loss).agreement
    assert agreement.worst_autodiff < 1e-8


def test_a_wrong_rule_is_found_out(rng, monkeypatch):
    """The check can fail: a slope that is off by a tenth is off by a tenth."""
    tanh = CURVES["tanh"]
    wrong = type(tanh)(tanh.name, tanh.function, lambda x: 1.1 * tanh.slope(x), tanh.formula, tanh.slope_formula)
    monkeypatch.setitem(CURVES, "tanh", wrong)
    model = keras.Sequential([keras.Input((2,)), dense(3, "tanh", name="hidden"), dense(1)])
    agreement = explain.backprop(model, rng.normal(size=2), [1.0], loss="mean_squared_error").agreement
    assert not agreement.holds
    assert agreement.autodiff["sequential/hidden/kernel".replace("sequential", model.name)] == pytest.approx(0.1)
    assert agreement.worst_difference == pytest.approx(0.1 / 1.1, rel=1e-3)  # as a share of ours


def test_a_kink_is_counted_and_left_out():
    """z = 1·w with w = 0 lies on the kink of ReLU: no difference quotient is right there."""
    model = keras.Sequential([keras.Input((1,)), dense(1, "relu", use_bias=False)])
    model.set_weights([np.zeros((1, 1))])
    agreement = explain.backprop(model, [1.0], [1.0], loss="mean_squared_error").agreement
    assert (agreement.n_entries, agreement.n_kinks) == (1, 1)
    assert agreement.holds


def test_agreement_holds_below_its_limits_alone():
    assert Agreement({"w": 1e-9}, 0.0, {"w": 1e-6}, 1, 0).holds
    assert not Agreement({"w": 1e-7}, 0.0, {"w": 1e-6}, 1, 0).holds
    assert not Agreement({"w": 1e-9}, 0.0, {"w": 1e-4}, 1, 0).holds
    assert not Agreement({"w": 1e-9}, 1e-7, {"w": 1e-6}, 1, 0).holds


def test_both_languages_tell_the_same_steps():
    found = explain.backprop(two_layers(), [1.0, 2.0], [5.0])
    english, chinese = found.say("en"), found.say("zh")
    assert english.count("\n") == chinese.count("\n")
    assert "weighted sums  z⁽¹⁾" in english
    assert "加权和  z⁽¹⁾" in chinese
    assert "Checked two ways" in english
    assert str(found) == english


def test_a_sample_of_another_shape_is_refused():
    with pytest.raises(DataError, match=r"expected shape \(2,\), or several of them, received shape \(3,\)"):
        explain.forward(two_layers(), [1.0, 2.0, 3.0])
    with pytest.raises(DataError, match=r"received shape \(0, 2\)"):
        explain.forward(two_layers(), np.zeros((0, 2)))


def test_targets_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match=r"as many numbers as the network puts out, \(1, 1\), received \(1, 2\)"):
        explain.backprop(two_layers(), [1.0, 2.0], [5.0, 6.0])
    model = keras.Sequential([keras.Input((2,)), dense(2, "softmax")])
    with pytest.raises(DataError, match=r"classes 0\.\.1, received \(1,\): \[2\]"):
        explain.backprop(model, [1.0, 2.0], 2, loss="sparse_categorical_crossentropy")
