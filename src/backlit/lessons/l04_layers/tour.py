"""One digit through every kind of layer: shapes, parameters, and numbers by hand and by Keras.

The digit is always the same 8 × 8 numbers. An image layer reads them as a picture, a recurrent one as eight steps of
eight numbers, an embedding as sixty-four tokens.

Not for what the layers are good for: see `tasks.py`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

SIDE = 8
N_LEVELS = 17  # of ink, from 0 to 16
UNITS = 4
RATE = 0.5  # of dropout
KINDS = (
    "input",
    "dense",
    "convolution",
    "pooling",
    "recurrent",
    "embedding",
    "normalisation",
    "dropout",
    "flatten",
    "attention",
    "output",
)


@dataclass(frozen=True)
class Stop:
    """What one layer does to the digit.

    Attributes:
        before: Shape of what goes in, such as `8×8`.
        after: Shape of what comes out.
        equation: How many parameters, with the formula.
        count: How many.
        learnable: How many of them learn.
        difference: Largest difference between hand and Keras, relative to numbers larger than 1.
    """

    before: str
    after: str
    equation: str
    count: int
    learnable: int
    difference: float


def travel(digit: np.ndarray, *, seed: int, is_training: bool) -> dict[str, Stop]:
    """Sends one digit through every kind of layer, each with random weights.

    Args:
        digit: Ink from 0 to 1, (row, column).
        seed: Of the weights, and of what dropout drops.
        is_training: Whether the hand computes as in training; Keras always computes as in inference.

    Returns:
        What happened, by kind.
    """
    import backlit as bl

    stops = {}
    for number, kind in enumerate(KINDS):
        model = alone(kind)
        _draw(model, np.random.default_rng([seed, number]))
        x = seen_by(kind, digit)
        hand = bl.explain.forward(model, x, training=is_training, seed=seed).output
        keras = np.asarray(model(x[None]), float)
        [shape] = bl.explain.shapes(model).layers
        [counted] = bl.explain.parameters(model).layers
        stops[kind] = Stop(
            before=_joined(shape.before[0]),
            after=_joined(shape.after[0]),
            equation=counted.equation,
            count=counted.count,
            learnable=counted.trainable,
            difference=float((np.abs(hand - keras) / np.maximum(1.0, np.abs(keras))).max()),
        )
    return stops


def seen_by(kind: str, digit: np.ndarray) -> np.ndarray:
    """The digit as a kind of layer reads it.

    Args:
        kind: One of `KINDS`.
        digit: Ink from 0 to 1, (row, column).

    Returns:
        A picture with a channel, rows of numbers, one long row, or a row of tokens.
    """
    if kind in ("convolution", "pooling"):
        return digit[..., None].astype(np.float32)
    if kind == "embedding":
        return np.rint(digit * (N_LEVELS - 1)).astype(np.int32).ravel()
    return (digit.ravel() if kind == "output" else digit).astype(np.float32)


def alone(kind: str) -> Any:
    """A network of one layer.

    Args:
        kind: One of `KINDS`.

    Returns:
        A built Keras model.
    """
    import keras

    layers: Any = keras.layers
    if kind == "attention":
        rows = keras.Input((SIDE, SIDE))
        return keras.Model(rows, layers.MultiHeadAttention(num_heads=2, key_dim=UNITS)(rows, rows))
    shapes = {"convolution": (SIDE, SIDE, 1), "pooling": (SIDE, SIDE, 1), "embedding": (SIDE**2,), "output": (SIDE**2,)}
    layer = {
        "input": lambda: layers.Identity(),
        "dense": lambda: layers.Dense(UNITS),
        "convolution": lambda: layers.Conv2D(UNITS, 3),
        "pooling": lambda: layers.MaxPooling2D(2),
        "recurrent": lambda: layers.SimpleRNN(UNITS),
        "embedding": lambda: layers.Embedding(N_LEVELS, UNITS),
        "normalisation": lambda: layers.BatchNormalization(),
        "dropout": lambda: layers.Dropout(RATE),
        "flatten": lambda: layers.Flatten(),
        "output": lambda: layers.Dense(10, activation="softmax"),
    }[kind]()
    dtype = "int32" if kind == "embedding" else "float32"
    return keras.Sequential([keras.Input(shapes.get(kind, (SIDE, SIDE)), dtype=dtype), layer])


def _draw(model: Any, random: np.random.Generator) -> None:
    """Weights that leave nothing at zero or one; variances stay positive."""
    for weight in model.weights:
        low, high = (0.5, 1.5) if weight.name == "moving_variance" else (-0.5, 0.5)
        weight.assign(random.uniform(low, high, weight.shape).astype(np.float32))


def _joined(shape: tuple[int | None, ...]) -> str:
    return "×".join(str(size) for size in shape)
