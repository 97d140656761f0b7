"""What each layer of a trained network holds and does, on one fixed batch: a row a layer.

    layer   output    parameters             activation     gradient
    conv    8×8×16    3×3×1×16 + 16 = 160    0.31 ± 0.52    0.043

The parameters are written as the sum of the weights' shapes, so that a learner can redo them. Activations are those of
inference; the gradient is that of training: the loss of the batch by all weights of the layer, as one length. Penalties
that a setting added (`l1`, `l2`) are left out of it, those of the layers' own regularisers are in.

Not for following a layer while it trains: this looks once, at the end.
"""

import math
from dataclasses import dataclass
from typing import Any

import jax
import keras
import numpy as np

from backlit.measure.tapped import outputs_by_layer

N_ROWS = 128
"""Rows of the batch: enough for a steady mean, few enough to take no time."""


@dataclass(frozen=True)
class LayerRow:
    """One layer.

    Attributes:
        name: Keras's name of the layer.
        kind: Its class, such as `Conv2D`.
        output_shape: Without the batch axis; None where they cannot be looked at.
        n_params: Numbers in its weights, the frozen ones too.
        formula: `3×3×1×16 + 16 = 160`, or `0`.
        activation_mean: Mean of its outputs; None where they cannot be looked at.
        activation_std: Spread of its outputs.
        gradient_norm: Length of the loss's gradient by its trainable weights; None if it has none.
    """

    name: str
    kind: str
    output_shape: tuple[int | None, ...] | None
    n_params: int
    formula: str
    activation_mean: float | None
    activation_std: float | None
    gradient_norm: float | None


def measure_layers(model: keras.Model, inputs: np.ndarray, targets: np.ndarray) -> list[LayerRow]:
    """Looks at every layer on the first rows of what is given.

    Args:
        model: Built and compiled. A subclassed model shows parameters and gradients only.
        inputs: Training rows; the first 128 are taken.
        targets: Their targets.

    Returns:
        One row a layer, from the input to the output.

    Example:
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
        >>> model.compile(optimizer="sgd", loss="mse")
        >>> measure_layers(model, np.ones((4, 2), "float32"), np.ones((4, 3), "float32"))[0].formula
        '2×3 + 3 = 9'
    """
    inputs, targets = _numbers(inputs[:N_ROWS]), _numbers(targets[:N_ROWS])
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    found = outputs_by_layer(model, inputs)
    outputs = [found.get(layer.name) for layer in layers]
    gradients = _gradient_norms(model, layers, inputs, targets)
    return [
        LayerRow(
            name=layer.name,
            kind=type(layer).__name__,
            output_shape=None if output is None else output.shape[1:],
            n_params=sum(math.prod(weight.shape) for weight in layer.weights),
            formula=parameter_formula([tuple(weight.shape) for weight in layer.weights]),
            activation_mean=None if output is None else float(np.mean(output, dtype=np.float64)),
            activation_std=None if output is None else float(np.std(output, dtype=np.float64)),
            gradient_norm=gradient,
        )
        for layer, output, gradient in zip(layers, outputs, gradients, strict=True)
    ]


def parameter_formula(shapes: list[tuple[int, ...]]) -> str:
    """Writes how many numbers some weights hold, as a sum that can be redone by hand.

    Args:
        shapes: One for each weight.

    Returns:
        The formula, or `0` for no weights.

    Example:
        >>> parameter_formula([(3, 3, 1, 16), (16,)])
        '3×3×1×16 + 16 = 160'
        >>> parameter_formula([(4,)])
        '4'
    """
    total = sum(math.prod(shape) for shape in shapes)
    terms = ["×".join(str(size) for size in shape) or "1" for shape in shapes]
    formula = " + ".join(terms)
    return str(total) if formula in ("", str(total)) else f"{formula} = {total}"


def _gradient_norms(
    model: keras.Model, layers: list[Any], inputs: np.ndarray, targets: np.ndarray
) -> list[float | None]:
    place = {id(variable): i for i, variable in enumerate(model.trainable_variables)}
    owned = [
        [place[id(variable)] for variable in layer.trainable_variables if id(variable) in place] for layer in layers
    ]
    if not any(owned):
        return [None] * len(layers)
    trainable, non_trainable, metrics, optimizer = (
        _values(part)
        for part in (
            model.trainable_variables,
            model.non_trainable_variables,
            model.metrics_variables,
            model.optimizer.variables,
        )
    )

    def loss_of(weights: list[jax.Array], *rows: Any) -> jax.Array:
        _, (loss, *_) = model.compute_loss_and_updates(
            weights, non_trainable, metrics, *rows, None, training=True, optimizer_variables=optimizer
        )
        return loss

    gradients = jax.jit(jax.grad(loss_of))(trainable, inputs, targets)
    gradients = [np.asarray(gradient, np.float64) for gradient in gradients]
    return [math.sqrt(sum(float(np.sum(gradients[i] ** 2)) for i in idxs)) if idxs else None for idxs in owned]


def _values(variables: Any) -> list[Any]:
    return [variable.value for variable in variables]


def _numbers(array: np.ndarray) -> np.ndarray:
    """Floats in Keras's float type; whole numbers as 32 bits."""
    array = np.asarray(array)
    return np.asarray(array, keras.config.floatx() if np.issubdtype(array.dtype, np.floating) else np.int32)
