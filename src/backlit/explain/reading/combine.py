"""Layers where branches meet, and the arithmetic that `a + b` and `2 * a` put into a model."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from backlit.explain._keras_private import Place, operation_class
from backlit.explain.ops import Operation
from backlit.explain.ops.combine import Concatenated, Largest, Mean, Product, Sum
from backlit.explain.ops.rescaling import Rescaling
from backlit.explain.reading.builder import Builder, Reader

# The operation for a number of inputs.
_OF_SEVERAL: dict[str, Callable[[int], Operation]] = {
    "Add": lambda n: Sum((1.0,) * n),
    "Subtract": lambda n: Sum((1.0, -1.0)),  # noqa: ARG005  always two
    "Average": lambda n: Sum((1.0 / n,) * n),
    "Multiply": Product,
    "Maximum": Largest,
    "Minimum": lambda n: Largest(n, is_smallest=True),
}


def _meeting(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    ranks = sorted({len(tensor.shape) for tensor in keras.tree.flatten(layer.input)})
    if len(ranks) > 1:
        build.unsupported(f"inputs with {ranks[0]} and {ranks[-1]} axes", expected="inputs with equally many axes")
    return build.add(_OF_SEVERAL[type(layer).__name__](len(inputs)), inputs)


def _side_by_side(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    return build.add(Concatenated(layer.axis, len(inputs)), inputs)


def _arithmetic(operation: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    """Two tensors, or a tensor and a number: a sum or a product, or a straight line."""
    kind = type(operation).__name__
    left, right = build.called.args
    if isinstance(left, Place) and isinstance(right, Place):
        if kind not in _OF_SEVERAL:
            build.unsupported("a / b", expected="a / 2.0")
        return _meeting(operation, build, inputs)
    is_left = isinstance(left, Place)
    number = right if is_left else left
    if isinstance(number, keras.Variable) or not isinstance(number, int | float | np.ndarray | np.generic):
        build.unsupported(f"a {type(number).__name__} of its own", expected="a fixed number")
    lines = {
        "Add": lambda c: (1.0, c),
        "Subtract": lambda c: (1.0, -c) if is_left else (-1.0, c),
        "Multiply": lambda c: (c, 0.0),
        "Divide": lambda c: (1.0 / c, 0.0),
        "TrueDivide": lambda c: (1.0 / c, 0.0),
    }
    if kind not in lines or ("Divide" in kind and not is_left):
        build.unsupported(f"{kind}({number}, a)", expected="a + 2.0, a - 2.0, a * 2.0 or a / 2.0")
    return build.add(Rescaling(*lines[kind](np.asarray(number, np.float64))), inputs)


def _negative(operation: Any, build: Builder, inputs: tuple[int, ...]) -> int:  # noqa: ARG001  a Reader
    return build.add(Rescaling(-1.0, 0.0), inputs)


def _mean(operation: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    axes = operation.axis
    if axes is None or any(axis % len(operation.input.shape) == 0 for axis in axes):
        build.unsupported(f"keras.ops.mean(axis={axes})", expected="axes without the batch's")
    return build.add(Mean(tuple(axes), keeps_axes=bool(operation.keepdims)), inputs)


READERS: dict[type, Reader] = {
    keras.layers.Add: _meeting,
    keras.layers.Subtract: _meeting,
    keras.layers.Average: _meeting,
    keras.layers.Multiply: _meeting,
    keras.layers.Maximum: _meeting,
    keras.layers.Minimum: _meeting,
    keras.layers.Concatenate: _side_by_side,
    **{
        operation_class(name): _arithmetic
        for name in ("Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Maximum")
    },
    operation_class("Negative"): _negative,
    operation_class("Mean"): _mean,
}
