"""The optimisers' rules: by hand, against Keras's own, and their written form computed again."""

import re

import keras
import numpy as np
import pytest

from backlit.errors import ModelError, SettingError
from backlit.explain.float64 import in_float64
from backlit.explain.optimisers import Adam, GradientDescent, Momentum
from backlit.explain.reading.optimisers import read_optimizer, read_state

RULES = [
    (GradientDescent(0.1), lambda: keras.optimizers.SGD(0.1)),
    (Momentum(0.1, 0.9), lambda: keras.optimizers.SGD(0.1, momentum=0.9)),
    (Momentum(0.1, 0.9, True), lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)),
    (Adam(0.1, 0.8, 0.95, 1e-3), lambda: keras.optimizers.Adam(0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3)),
]
NAMES = ["sgd", "momentum", "nesterov", "adam"]


@pytest.mark.parametrize(("rule", "make"), RULES, ids=NAMES)
def test_five_steps_are_keras_steps(rule, make, rng):
    gradients = rng.normal(size=(5, 2, 3))
    start = rng.normal(size=(2, 3))
    with in_float64():
        theirs = keras.Variable(start)
        optimizer = make()
        for gradient in gradients:
            optimizer.apply([gradient], [theirs])
        wanted = np.asarray(theirs.value)
    ours, state = start, rule.start(start)
    for step, gradient in enumerate(gradients, 1):
        ours, state = rule.update(ours, gradient, state, step=step)
    assert wanted == pytest.approx(ours, abs=1e-13)


def test_nesterov_by_hand():
    """g = 2, rate 0.1, μ = 0.5: v = −0.2, w = 1 + 0.5 × (−0.2) − 0.2 = 0.7."""
    w, state = Momentum(0.1, 0.5, nesterov=True).update(1.0, 2.0, {"velocity": 0.0}, step=1)
    assert w == pytest.approx(0.7)
    assert state == {"velocity": pytest.approx(-0.2)}


def test_adams_first_step_is_the_rate_whatever_the_gradient():
    """m = (1 − β₁) g, v = (1 − β₂) g², α = η √(1 − β₂) / (1 − β₁): the step is η g / |g|, ε apart."""
    for gradient in (1e-3, 50.0):
        rule = Adam(0.1, epsilon=0.0)
        w, _ = rule.update(1.0, gradient, {"momentum": 0.0, "velocity": 0.0}, step=1)
        assert w == pytest.approx(0.9)


def computed(latex):
    """The value of a line as it is written, by Python."""
    plain = latex.replace(r"\times", "*").replace("^{", "**{")
    for _ in range(6):  # from the inside out
        plain = re.sub(r"\\sqrt\{([^{}\\]*)\}", r"((\1) ** 0.5)", plain)
        plain = re.sub(r"\*\*\{([^{}\\]*)\}", r"**(\1)", plain)
        plain = re.sub(r"\\frac\{([^{}\\]*)\}\{([^{}\\]*)\}", r"((\1) / (\2))", plain)
    return eval(plain.replace("^", "**"), {"__builtins__": {}})  # our own arithmetic, from the line above


@pytest.mark.parametrize("rule", [rule for rule, _ in RULES], ids=NAMES)
def test_the_written_numbers_give_the_written_result(rule):
    """Numbers are shown with four digits, so results meet to three."""
    state = {name: 0.25 + i / 8 for i, name in enumerate(rule.state_names)}
    lines = rule.lines(1.5, -0.75, state, step=3)
    for line in lines:
        assert computed(line.numbers) == pytest.approx(line.value, rel=2e-3), line
    assert lines[-1].value == rule.update(1.5, -0.75, state, step=3)[0]


def test_a_rate_is_what_the_user_wrote_although_keras_keeps_it_in_float32():
    assert read_optimizer(keras.optimizers.SGD(0.1)).learning_rate == 0.1
    assert read_optimizer("adam") == Adam(0.001, 0.9, 0.999, 1e-7)
    assert read_optimizer("SGD", learning_rate=0.3, momentum=0.5) == Momentum(0.3, 0.5)
    rule = GradientDescent(0.2)
    assert read_optimizer(rule) is rule


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        ("rmsprop", "received `rmsprop`"),
        (keras.optimizers.RMSprop(), "received `RMSprop`"),
        (keras.optimizers.AdamW(), "received `AdamW`"),
        (keras.optimizers.SGD(clipnorm=1.0), r"received `clipnorm=1.0`"),
        (keras.optimizers.Adam(amsgrad=True), "received `amsgrad=True`"),
        (keras.optimizers.SGD(use_ema=True), "received `use_ema=True`"),
        (keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)), "that a schedule sets"),
    ],
    ids=["name", "kind", "adamw", "clipnorm", "amsgrad", "ema", "schedule"],
)
def test_what_is_no_plain_rule_is_refused(optimizer, words):
    with pytest.raises(ModelError, match=words):
        read_optimizer(optimizer)


def test_momentum_belongs_to_sgd():
    with pytest.raises(ModelError, match=r"received `adam`, `momentum=0.9`"):
        read_optimizer("adam", momentum=0.9)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"learning_rate": -1.0}, "Reading `learning_rate`: expected a number of at least 0, received `-1.0`"),
        ({"learning_rate": "fast"}, "received `'fast'`"),
        ({"momentum": 1.5}, "Reading `momentum`: expected a number from 0 to 1, received `1.5`"),
    ],
)
def test_numbers_out_of_their_range_are_refused(settings, words):
    with pytest.raises(SettingError, match=words):
        read_optimizer("sgd", **settings)


def test_the_state_is_that_of_the_model_only():
    model, other = (keras.Sequential([keras.Input((n,)), keras.layers.Dense(1)]) for n in (2, 3))
    optimizer = keras.optimizers.Adam()
    assert read_state(optimizer, Adam(0.1), model)[0] == 0
    optimizer.build(other.trainable_variables)
    with pytest.raises(SettingError, match="received one that was used for other weights"):
        read_state(optimizer, Adam(0.1), model)
