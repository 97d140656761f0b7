"""The deep network of lessons 28, 29 and 36, in Keras and by hand: as many equal dense layers as you like.

By hand means float64 and plain NumPy: `forward` keeps every layer's output, `backward` walks from the loss to the
first layer and keeps the gradient at every output. Weights lie in Keras's order (kernel, bias, kernel, bias, …), so
that the same numbers can be given to a Keras model. Networks that differ in their first weights alone share one
compiled program; so a lesson draws weights here and trains one model from many starts.

    >>> weights = draw_weights(np.random.default_rng(0), depth=2, init="zeros", units=3, n_inputs=4, n_classes=2)
    >>> [weight.shape for weight in weights]
    [(4, 3), (3,), (3, 3), (3,), (3, 2), (2,)]

Not for what only one lesson measures.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # importing these imports Keras
    from backlit.data import Dataset

UNITS = 64  # as many as the digits have pixels, so that all layers but the last are equal
N_CLASSES = 10
Weights = list[np.ndarray]


def _sigmoid(sums: np.ndarray) -> np.ndarray:
    return 0.5 * (1.0 + np.tanh(0.5 * sums))  # no overflow, whatever the sums


ACTIVATIONS: dict[str, tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]]] = {  # function, slope
    "sigmoid": (_sigmoid, lambda sums: _sigmoid(sums) * (1.0 - _sigmoid(sums))),
    "tanh": (np.tanh, lambda sums: 1.0 - np.tanh(sums) ** 2),
    "relu": (lambda sums: np.maximum(sums, 0.0), lambda sums: (sums > 0).astype(float)),
    "linear": (lambda sums: sums, lambda sums: np.ones_like(sums)),
}


def standard_digits() -> "Dataset":
    """The embedded digits, pixels shifted and scaled together to mean 0 and standard deviation 1 on the training rows.

    Returns:
        A Dataset.

    Source:
        lecun-1998, section 4.3 (inputs of mean 0 and equal spread).
    """
    import backlit as bl

    data = bl.load("digits")
    pixels = data.inputs[data.splits.train]
    return replace(data, inputs=((data.inputs - pixels.mean()) / pixels.std()).astype(np.float32), recipe=None)


def flat(inputs: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and labels as the functions of this file take them.

    Args:
        inputs: Images.
        targets: Classes.

    Returns:
        (row, feature) in float64, and whole numbers.
    """
    return np.asarray(inputs, np.float64).reshape(len(inputs), -1), np.asarray(targets, int).ravel()


def deep_network(*, depth: int, activation: str) -> Any:
    """Equal dense layers, one behind the other, and a softmax layer.

    Args:
        depth: Hidden layers, from 0.
        activation: Of the hidden layers.

    Returns:
        A built Keras model.
    """
    import keras

    return keras.Sequential(
        [
            keras.Input(shape=(8, 8, 1)),
            keras.layers.Flatten(),
            *(keras.layers.Dense(UNITS, activation=activation) for _ in range(depth)),
            keras.layers.Dense(N_CLASSES, activation="softmax"),
        ]
    )


def weight_spread(init: str, *, n_in: int, n_out: int, scale: float = 1.0) -> float:
    """Standard deviation from which a kernel's weights are drawn.

    Args:
        init: `zeros`, `normal` (the same for every layer), `xavier` or `he`.
        n_in: Inputs of the layer.
        n_out: Its units.
        scale: Standard deviation of `normal`.

    Returns:
        The standard deviation.

    Source:
        glorot-bengio-2010, equation 12 (xavier); he-2015, equation 10 (he).
    """
    return {"zeros": 0.0, "normal": scale, "xavier": (2 / (n_in + n_out)) ** 0.5, "he": (2 / n_in) ** 0.5}[init]


def draw_weights(
    rng: np.random.Generator,
    *,
    depth: int,
    init: str,
    scale: float = 1.0,
    units: int = UNITS,
    n_inputs: int = UNITS,
    n_classes: int = N_CLASSES,
) -> Weights:
    """First weights of a deep network: normal kernels, biases of zero.

    Args:
        rng: Where from.
        depth: Hidden layers.
        init: See `weight_spread`.
        scale: Standard deviation of `normal`.
        units: Neurons of a hidden layer.
        n_inputs: Inputs of the network.
        n_classes: Outputs.

    Returns:
        Kernel, bias, kernel, bias, …
    """
    sizes = [n_inputs, *[units] * depth, n_classes]
    weights: Weights = []
    for n_in, n_out in pairwise(sizes):
        spread = weight_spread(init, n_in=n_in, n_out=n_out, scale=scale)
        weights += [rng.normal(0.0, 1.0, (n_in, n_out)) * spread, np.zeros(n_out)]
    return weights


def forward(
    weights: Weights, rows: np.ndarray, *, activation: str, has_skips: bool = False
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Runs rows through the network and keeps what every layer made of them.

    Args:
        weights: In Keras's order.
        rows: Inputs, (row, feature).
        activation: Of the hidden layers.
        has_skips: Whether each hidden layer adds to its inputs instead of replacing them; all must be of one width.

    Returns:
        The weighted sums of every layer, the last ones the logits; the outputs of every hidden layer, the inputs first.
    """
    function = ACTIVATIONS[activation][0]
    sums: list[np.ndarray] = []
    outputs = [np.asarray(rows, np.float64)]
    for kernel, bias in zip(weights[0::2], weights[1::2], strict=True):
        sums.append(outputs[-1] @ np.asarray(kernel, np.float64) + bias)
        outputs.append(function(sums[-1]) + (outputs[-1] if has_skips and len(outputs) < len(weights) // 2 else 0.0))
    return sums, outputs[:-1]


def backward(
    weights: Weights,
    rows: np.ndarray,
    labels: np.ndarray,
    *,
    activation: str,
    has_slope: bool = True,
    has_skips: bool = False,
) -> list[np.ndarray]:
    """Gradient of each row's own cross-entropy by the outputs of every hidden layer, from first to last.

    Args:
        weights: In Keras's order.
        rows: Inputs, (row, feature).
        labels: Classes.
        activation: Of the hidden layers.
        has_slope: False leaves the slope of the activation out of the chain rule, as one must not.
        has_skips: Whether each hidden layer adds to its inputs.

    Returns:
        (row, unit) for each hidden layer.
    """
    slope = ACTIVATIONS[activation][1]
    sums, _ = forward(weights, rows, activation=activation, has_skips=has_skips)
    errors = np.exp(sums[-1] - sums[-1].max(1, keepdims=True))
    errors /= errors.sum(1, keepdims=True)
    errors[np.arange(len(labels)), labels] -= 1.0
    gradients = [errors @ np.asarray(weights[-2], np.float64).T]
    for kernel, own in zip(weights[-4:1:-2], sums[-2:0:-1], strict=True):
        at_sums = gradients[-1] * (slope(own) if has_slope else 1.0)
        around = gradients[-1] if has_skips else 0.0
        gradients.append(at_sums @ np.asarray(kernel, np.float64).T + around)
    return gradients[::-1]


def root_mean_square(values: np.ndarray) -> float:
    """Root of the mean square of all numbers of an array."""
    return float(np.sqrt(np.mean(np.square(values))))


def mean_length(gradients: np.ndarray) -> float:
    """Root mean square, over rows, of the length of a row's gradient."""
    return float(np.sqrt(np.mean(np.sum(np.square(gradients), axis=1))))
