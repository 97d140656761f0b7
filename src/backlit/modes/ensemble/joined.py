"""Several Keras models as one: the same input to all of them, their outputs averaged or counted as votes.

    input ──┬─ member_0 ─┐
            ├─ member_1 ─┼─ mean, or share of the votes ── output
            └─ member_2 ─┘

Made of Keras's own layers and operations, so that `keras.saving.load_model` reads it in a process that has never heard
of backlit. What it gives is what `Ensemble.predict` computes with NumPy.

Not for a smaller network that imitates the whole.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from jaxtyping import Float

from backlit.data import Dataset


def missing_activation(outputs: Float[np.ndarray, "sample column"], task: str) -> str | None:
    """What has to follow a network so that it gives probabilities.

    Args:
        outputs: What it gives for some rows.
        task: Of the data.

    Returns:
        `softmax`, `sigmoid`, or None where the outputs are probabilities, or amounts.

    Example:
        >>> missing_activation(np.array([[2.0, -1.0]]), "classification")
        'softmax'
        >>> missing_activation(np.array([[0.9, 0.1]]), "classification") is None
        True
    """
    if task == "regression":
        return None
    is_between = bool(((outputs >= 0) & (outputs <= 1)).all())
    if task == "classification" and outputs.shape[1] > 1:
        return None if is_between and np.allclose(outputs.sum(1), 1, atol=1e-3) else "softmax"
    return None if is_between else "sigmoid"


def as_chances(
    outputs: Float[np.ndarray, "sample column"], activation: str | None
) -> Float[np.ndarray, "sample column"]:
    """Outputs as probabilities.

    Args:
        outputs: Of a network.
        activation: From `missing_activation`.

    Returns:
        Probabilities, or the outputs where nothing is missing; float64.
    """
    outputs = outputs.astype(np.float64)
    if activation == "softmax":
        powers = np.exp(outputs - outputs.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)
    return 1 / (1 + np.exp(-outputs)) if activation == "sigmoid" else outputs


def joined_model(
    models: Sequence[keras.Model], data: Dataset, *, how: str, weights: Sequence[float], activation: str | None
) -> keras.Model:
    """One model of several.

    Args:
        models: Built; each of its own, for it is given another name.
        data: For the shape and number type of the input, and the loss.
        how: `mean` or `vote`.
        weights: How much each model counts.
        activation: From `missing_activation`.

    Returns:
        A compiled functional model.
    """
    inputs = keras.Input(data.input_shape, dtype=keras.backend.standardize_dtype(data.inputs.dtype), name="inputs")
    shares = np.asarray(weights, np.float64) / np.sum(weights)
    total: Any = None
    for place, (model, share) in enumerate(zip(models, shares, strict=True)):
        model.name = f"member_{place}"
        own = _voiced(model(inputs), data.task, how, activation) * float(share)
        total = own if total is None else total + own
    joined = keras.Model(inputs, total, name="ensemble")
    loss, metric = _judges(data, joined.output_shape[-1])
    joined.compile("sgd", loss=loss, metrics=[metric])  # an optimiser without a state that would have to be saved
    return joined


def _voiced(outputs: Any, task: str, how: str, activation: str | None) -> Any:
    """What one member contributes: its probabilities, or its vote."""
    if activation is not None:
        outputs = keras.layers.Activation(activation)(outputs)
    if how == "mean":
        return outputs
    n_columns = outputs.shape[-1]
    if n_columns == 1 or task != "classification":
        return keras.ops.cast(keras.ops.greater(outputs, 0.5), "float32")
    return keras.ops.one_hot(keras.ops.argmax(outputs, axis=-1), n_columns)


def _judges(data: Dataset, n_columns: int) -> tuple[str, str]:
    """Loss and metric that Keras may evaluate the whole with."""
    if data.task == "regression":
        return "mean_squared_error", "mean_absolute_error"
    if data.task == "multi-label" or n_columns == 1:
        return "binary_crossentropy", "binary_accuracy"
    return ("categorical_crossentropy" if data.is_one_hot else "sparse_categorical_crossentropy"), "accuracy"
