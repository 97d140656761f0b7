"""Whether a network's explanation agrees with Keras: the outputs, and the gradients by both other roads."""

import keras
import numpy as np

from backlit import explain
from backlit.formula import readable


def sequential(shape, *layers):
    """A built Sequential model."""
    return keras.Sequential([keras.Input(shape), *layers])


def functional(shape, wire, **settings):
    """A built functional model of one input."""
    inputs = keras.Input(shape, **settings)
    return keras.Model(inputs, wire(inputs))


def shake(model, rng):
    """Moves all weights off zeros and ones, so that none of them hides a mistake; variances stay positive."""
    for variable in model.weights:
        value = np.asarray(variable.value)
        if not variable.path.startswith("normalization"):  # it computes with a copy of its weights
            moved = value + 0.3 * rng.normal(size=value.shape)
            variable.assign((np.abs(moved) if "variance" in variable.path else moved).astype(value.dtype))
    return model


def check(model, x, y, *, training=False, loss="mean_squared_error", seed=0):
    """Explains a pass, checks it against Keras, and that every formula can be shown in both languages.

    Args:
        model: Its weights are moved first.
        x: A batch.
        y: Its targets.
        training: As for `backprop`.
        loss: As for `backprop`.
        seed: Of the weights' moves.

    Returns:
        The explanation.
    """
    shake(model, np.random.default_rng(seed))
    found = explain.backprop(model, x, y, loss=loss, training=training)
    assert found.agreement.holds, f"seed {seed}: {found.agreement}"
    for language in ("en", "zh"):
        assert found.say(language, entries=1)
    for step in found:
        readable(step.formula)
        for place in list(np.ndindex(step.shape))[:3]:
            readable(step.entry(place))
            readable(step.arithmetic(place))
        assert all(used < step.number for used in step.uses)
    return found


def arithmetic_value(latex):
    """What a line of arithmetic comes to: its LaTeX, turned into Python."""
    import re

    plain = latex.replace(r"\times", "*").replace(r"\sigma", "sigma").replace(r"\tanh", "tanh").replace(r"\max", "max")
    plain = plain.replace(r"\min", "min")
    for command, written in ((r"\\frac", "(({})/({}))"), (r"\\sqrt", "(({})**0.5)")):
        while re.search(command, plain):
            plain = _unwrapped(plain, command.replace("\\\\", "\\"), written)
    plain = re.sub(r"\^\{([^{}]*)\}", r"**(\1)", plain).replace("^", "**")
    plain = re.sub(r"_\{\(\d+\)\}", "", plain)  # how many terms a number stands for
    plain = re.sub(r"(?<=[\d)]) (?=\()", "*", plain)  # 1/2 (…) is a product
    names = {"sigma": lambda z: 1 / (1 + np.exp(-z)), "tanh": np.tanh, "max": max, "min": min, "e": np.e}
    return float(eval(plain, {"__builtins__": {}}, names))


def _unwrapped(plain, command, written):
    start = plain.index(command)
    at, arguments = start + len(command), []
    for _ in range(written.count("{}")):
        depth, begin = 0, at
        while True:
            depth += {"{": 1, "}": -1}.get(plain[at], 0)
            at += 1
            if depth == 0:
                break
        arguments.append(plain[begin + 1 : at - 1])
    return plain[:start] + written.format(*arguments) + plain[at:]


def check_arithmetic(found, *, most=4):
    """Every line of arithmetic comes to the number that it stands for, to the digits that are written."""
    for step in found:
        scale = float(np.abs(step.value).max(initial=0.0))
        if step.kind in ("given", "loss") or scale < 1e-9:  # nothing but rounding
            continue
        for place in list(np.ndindex(step.shape))[:most]:
            written = step.arithmetic(place)
            assert abs(arithmetic_value(written) - step.value[place]) < 0.02 * scale, (step.symbol, place, written)
