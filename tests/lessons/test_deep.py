import numpy as np
import pytest

from backlit.lessons.deep import ACTIVATIONS, backward, deep_network, draw_weights, forward, mean_length, weight_spread


def cross_entropy(logits, labels):
    return np.log(np.exp(logits).sum(1)) - logits[np.arange(len(labels)), labels]


@pytest.mark.parametrize("has_skips", [False, True])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "linear"])
def test_gradients_at_outputs_equal_what_nudging_an_output_says(activation, has_skips):
    rng = np.random.default_rng(0)
    weights = draw_weights(rng, depth=3, init="xavier", units=5, n_inputs=5, n_classes=3)
    weights = [weight + 0.1 * rng.normal(size=weight.shape) for weight in weights]  # no sum lies on the kink of ReLU
    rows, labels = rng.normal(size=(2, 5)), np.array([2, 0])
    gradients = backward(weights, rows, labels, activation=activation, has_skips=has_skips)
    assert [(2, 5)] * 3 == [gradient.shape for gradient in gradients]
    _, outputs = forward(weights, rows, activation=activation, has_skips=has_skips)
    for layer in range(3):
        for unit in range(5):
            losses = []
            for nudge in (1e-5, -1e-5):
                moved = outputs[layer + 1].copy()
                moved[:, unit] += nudge
                sums, _ = forward(weights[2 * (layer + 1) :], moved, activation=activation, has_skips=has_skips)
                losses.append(cross_entropy(sums[-1], labels))
            np.testing.assert_allclose((losses[0] - losses[1]) / 2e-5, gradients[layer][:, unit], atol=1e-8)


def test_leaving_the_slope_out_gives_other_gradients():
    rng = np.random.default_rng(1)
    weights = draw_weights(rng, depth=2, init="xavier", units=5, n_inputs=4, n_classes=3)
    rows, labels = rng.normal(size=(2, 4)), np.array([2, 0])
    right, wrong = (backward(weights, rows, labels, activation="sigmoid", has_slope=has) for has in (True, False))
    assert mean_length(wrong[0]) > 3.9 * mean_length(right[0])  # a sigmoid's slope is at most a quarter


def test_by_hand_equals_keras():
    weights = draw_weights(np.random.default_rng(2), depth=4, init="he")
    rows = np.random.default_rng(3).normal(size=(5, 64))
    model = deep_network(depth=4, activation="relu")
    model.set_weights(weights)
    logits = forward(weights, rows, activation="relu")[0][-1]
    expected = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(expected, np.asarray(model(rows.reshape(5, 8, 8, 1))), atol=1e-5)


def test_spreads_are_those_of_the_papers():
    # Xavier: 2 / (30 + 20) = 0.04, root 0.2. He: 2 / 50 = 0.04, root 0.2.
    assert weight_spread("xavier", n_in=30, n_out=20) == pytest.approx(0.2)
    assert weight_spread("he", n_in=50, n_out=20) == pytest.approx(0.2)
    assert weight_spread("normal", n_in=50, n_out=20, scale=0.3) == pytest.approx(0.3)
    weights = draw_weights(np.random.default_rng(4), depth=1, init="he", n_inputs=5000, units=200)
    assert weights[0].std() == pytest.approx(0.02, rel=0.01)


def test_a_sigmoid_of_huge_sums_does_not_overflow():
    function, slope = ACTIVATIONS["sigmoid"]
    assert [0.0, 0.5, 1.0] == function(np.array([-1e9, 0.0, 1e9])).tolist()
    assert slope(np.array([0.0])).tolist() == [0.25]
