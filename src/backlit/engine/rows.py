"""Rows as a program computes with them: in the number types that JAX and Keras agree on.

Not for which rows a member has (see `own_rows.py`).
"""

import keras
import numpy as np

from backlit.data import Dataset
from backlit.engine.experiment import Experiment


def training_rows(experiment: Experiment, data: Dataset) -> dict[str, np.ndarray]:
    """Training rows by name, in the number types that the program computes with.

    Args:
        experiment: For class weights.
        data: Inputs, targets, splits, sample weights.

    Returns:
        `inputs`, `targets`, and `sample_weight` where rows do not count equally.
    """
    weight = None if data.sample_weight is None else data.sample_weight[data.splits.train]
    return _weighted(experiment, *data.train, weight)


def rows_for_training(experiment: Experiment, data: Dataset, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The same of any rows.

    Args:
        experiment: For class weights.
        data: Inputs, targets, sample weights.
        rows: Row numbers.

    Returns:
        `inputs`, `targets`, and `sample_weight` where rows do not count equally.
    """
    weight = None if data.sample_weight is None else data.sample_weight[rows]
    return _weighted(experiment, data.inputs[rows], data.targets[rows], weight)


def held_out_rows(inputs: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
    """Rows to score, in the number types that the program computes with; empty where there are none.

    Args:
        inputs: Any number of rows.
        targets: As many.

    Returns:
        `inputs` and `targets`, or nothing.
    """
    if len(inputs) == 0:
        return {}
    return {"inputs": _as_numbers(inputs), "targets": _as_numbers(targets)}


def _weighted(
    experiment: Experiment, inputs: np.ndarray, targets: np.ndarray, weight: np.ndarray | None
) -> dict[str, np.ndarray]:
    rows = {"inputs": _as_numbers(inputs), "targets": _as_numbers(targets)}
    if experiment.class_weight is not None:
        ids = np.argmax(targets, axis=-1) if targets.ndim > 1 and targets.shape[-1] > 1 else targets.reshape(-1)
        weight = np.array([experiment.class_weight.get(int(i), 1.0) for i in np.round(ids)])
    if weight is not None:
        rows["sample_weight"] = np.asarray(weight, keras.config.floatx())
    return rows


def _as_numbers(array: np.ndarray) -> np.ndarray:
    """Floats in Keras's float type; whole numbers as they are, but 32 bits wide as JAX wants them."""
    if np.issubdtype(array.dtype, np.floating):
        return np.asarray(array, keras.config.floatx())
    if array.dtype in (np.int64, np.uint64):
        return np.asarray(array, np.int32)
    return np.asarray(array)
