"""One update of one weight: by hand, against Keras's own optimisers, and as it is printed."""

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import ModelError, SettingError
from backlit.explain.float64 import in_float64

dense = keras.layers.Dense
OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.1),
    "momentum": lambda: keras.optimizers.SGD(0.1, momentum=0.9),
    "nesterov": lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: keras.optimizers.Adam(0.1),
}


def line(optimizer=None):
    """y = w x from w = 1; with x = 2 and the target 5: ∂C/∂w = 2 (2 − 5) 2 = −12."""
    model = keras.Sequential([keras.Input((1,)), dense(1, kernel_initializer="ones", name="d")])
    model.compile(optimizer or keras.optimizers.SGD(0.1), "mean_squared_error")
    return model


def test_gradient_descent_by_hand():
    update = explain.step(line(), [2.0], [5.0], weight=("d", 0, 0))
    assert (update.old, update.gradient, update.n_steps) == (1.0, -12.0, 1)
    assert update.new == pytest.approx(1.0 + 0.1 * 12)
    assert (update.before, update.after) == ({}, {})
    assert update.weight[0].endswith("d/kernel")
    assert update.weight[1:] == (0, 0)


def test_a_model_that_is_not_compiled_takes_sgd():
    """Keras's rate is 0.01: 1 + 0.12."""
    model = keras.Sequential([keras.Input((1,)), dense(1, kernel_initializer="ones", name="d")])
    assert explain.step(model, [2.0], [5.0], weight=("d", 0, 0), loss="mse").new == pytest.approx(1.12)


def test_a_bias_is_a_weight_too():
    """∂C/∂b = 2 (2 − 5) = −6."""
    update = explain.step(line(), [2.0], [5.0], weight=("d/bias", 0))
    assert update.new == pytest.approx(0.6)
    assert update.symbol == "b^{(1)}_{1}"


def test_the_state_of_the_optimiser_goes_in():
    """One step of Keras's: v = 1.2. The gradient at w = 2.2, b = 0.6 is 2 (5 − 5) 2 = 0: v = 0.9 × 1.2."""
    model = line(keras.optimizers.SGD(0.1, momentum=0.9))
    model.train_on_batch(np.array([[2.0]]), np.array([[5.0]]))
    update = explain.step(model, [2.0], [5.0], weight=("d", 0, 0))
    assert update.n_steps == 2
    assert update.before == {"velocity": pytest.approx(1.2)}
    assert update.gradient == pytest.approx(0.0, abs=1e-5)
    assert update.after == {"velocity": pytest.approx(1.08)}
    assert update.new == pytest.approx(2.2 + 1.08)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_three_steps_are_keras_steps(name, rng):
    """Every weight of a network, before each of three steps of Keras's own optimiser, in float64."""
    with in_float64():
        keras.utils.set_random_seed(1)
        hidden, last = (4, "tanh"), (2, "softmax")
        layers = [dense(*hidden, name="one", dtype="float64"), dense(*last, name="two", dtype="float64")]
        model = keras.Sequential([keras.Input((3,)), *layers])
        optimizer, loss = OPTIMIZERS[name](), "sparse_categorical_crossentropy"
        model.compile(optimizer, loss)
        x, y = rng.normal(size=(5, 3)), rng.integers(0, 2, 5)
        for step in range(1, 4):
            gradients = explain.backprop(model, x, y, check=False).gradients
            weights = [("one", 2, 1), ("one/bias", 3), ("two", 0, 1), ("two/bias", 0)]
            updates = [explain.step(model, x, y, weight=weight) for weight in weights]
            optimizer.apply([gradients[v.path] for v in model.trainable_variables], model.trainable_variables)
            now = {v.path: np.asarray(v.value) for v in model.trainable_variables}
            for update in updates:
                path, *index = update.weight
                assert update.n_steps == step
                assert update.new == pytest.approx(now[str(path)][tuple(map(int, index))], abs=1e-13)


def test_it_says_each_line_with_its_numbers():
    update = explain.step(line(), [2.0], [5.0], weight=("d", 0, 0), optimizer="sgd", learning_rate=0.1, momentum=0.5)
    assert update.say("en").splitlines() == [
        "Step 1 of gradient descent with momentum, for w = w⁽¹⁾_(1,1)",
        "  ∂C/∂w = −12",
        "  v_new = μ v_old − η ∂C/∂w = 0.5 × 0 − 0.1 × (−12) = 1.2",
        "  w_new = w_old + v_new = 1 + 1.2 = 2.2",
    ]
    assert update.say("zh").startswith("带动量的梯度下降的第 1 步，其中 w = w⁽¹⁾_(1,1)")
    assert str(update) == update.say("en")


def test_adam_is_written_out():
    """m = 0.1 × (−12), v = 0.001 × 144, α = 0.1 × √0.001 / 0.1, so w grows by the rate."""
    update = explain.step(line(), [2.0], [5.0], weight=("d", 0, 0), optimizer="adam", learning_rate=0.1)
    assert [line.symbol for line in update.lines] == [
        r"m_{\text{new}}",
        r"v_{\text{new}}",
        r"\alpha",
        r"w_{\text{new}}",
    ]
    assert [line.value for line in update.lines] == pytest.approx([-1.2, 0.144, 0.1 * 0.001**0.5 / 0.1, 1.1])
    assert "α = η (√(1 − β₂ᵗ))/(1 − β₁ᵗ) = 0.1 × (√(1 − 0.999¹))/(1 − 0.9¹) = 0.03162" in update.say("en")


def test_dropout_drops_as_in_training_unless_told_not_to():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dropout(0.5), dense(1, name="d")])
    model.compile("sgd", "mean_squared_error")
    gradients = {explain.step(model, [2.0], [5.0], weight=("d", 0, 0), seed=seed).gradient == 0.0 for seed in range(10)}
    assert gradients == {True, False}
    assert explain.step(model, [2.0], [5.0], weight=("d", 0, 0), training=False).gradient != 0.0


def test_mistakes_are_named():
    with pytest.raises(SettingError, match="received `e`, which fits 0 weights"):
        explain.step(line(), [2.0], [5.0], weight=("e", 0, 0))
    with pytest.raises(ModelError, match="received `RMSprop`"):
        explain.step(line(keras.optimizers.RMSprop()), [2.0], [5.0], weight=("d", 0, 0))
