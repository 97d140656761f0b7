"""Predictions as a table: classes by name with their probabilities, labels above one half, or amounts.

    row  prediction  setosa  versicolor  virginica
    1    setosa      0.98    0.02        0.00

Outputs that are no probabilities (a last layer without softmax or sigmoid) are made ones here.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from jaxtyping import Float

from backlit.data import Dataset


def prediction_table(
    outputs: Float[np.ndarray, "sample ..."],
    data: Dataset,
    *,
    place_name: str = "row",
    places: Sequence[int | str] = (),
) -> pl.DataFrame:
    """One line a row: where it came from, what is predicted, and how sure the network is.

    Args:
        outputs: What the network gave.
        data: For the task and the names of classes or labels.
        place_name: What a place is: "row", "line" or "file".
        places: Where each row came from; none numbers them from 1.

    Returns:
        Columns `row` (or what a place is), `prediction`, and one for each class or label; for amounts one for each
        beyond the first.

    Example:
        >>> from backlit.data import load
        >>> prediction_table(np.array([[0.9, 0.1, 0.0]]), load("iris"))["prediction"].to_list()
        ['setosa']
    """
    outputs = np.asarray(outputs, np.float64).reshape(len(outputs), -1)
    numbers = {place_name: list(places) if len(places) else np.arange(1, len(outputs) + 1)}
    if data.task == "regression":
        more = {f"prediction_{i + 1}": outputs[:, i] for i in range(1, outputs.shape[1])}
        return pl.DataFrame({**numbers, "prediction": outputs[:, 0], **more})
    n_columns = data.output_size
    names = list(data.class_names) or [str(i) for i in range(n_columns)]
    if data.task == "multi-label":
        chances = _chances(outputs, is_exclusive=False)
        carried = [", ".join(name for name, is_in in zip(names, row > 0.5, strict=True) if is_in) for row in chances]
        return pl.DataFrame({**numbers, "prediction": carried, **dict(zip(names, chances.T, strict=True))})
    chances = class_probabilities(outputs)[:, :n_columns]
    predicted = [names[i] for i in chances.argmax(1)]
    columns = {
        name if name not in (place_name, "prediction") else f"{name}_": chances[:, i] for i, name in enumerate(names)
    }
    return pl.DataFrame({**numbers, "prediction": predicted, **columns})


def class_probabilities(outputs: Float[np.ndarray, "sample column"]) -> Float[np.ndarray, "sample class"]:
    """One probability a class from what a network gave: probabilities, logits, or one output for two classes.

    Args:
        outputs: One line a sample. Lines that lie between 0 and 1 and sum to 1 are probabilities.

    Returns:
        Probabilities, two columns at least.

    Example:
        >>> class_probabilities(np.array([[0.0, 0.0]])).tolist(), class_probabilities(np.array([[0.25]])).tolist()
        ([[0.5, 0.5]], [[0.75, 0.25]])
    """
    if outputs.shape[1] == 1:  # two classes by one output
        positive = _chances(outputs, is_exclusive=False)
        return np.concatenate([1 - positive, positive], 1)
    return _chances(outputs, is_exclusive=True)


def _chances(outputs: np.ndarray, *, is_exclusive: bool) -> np.ndarray:
    """Probabilities: the outputs themselves where they are some, else their softmax or sigmoid."""
    is_between = bool(((outputs >= 0) & (outputs <= 1)).all())
    if is_exclusive:
        if is_between and np.allclose(outputs.sum(1), 1, atol=1e-3):
            return outputs
        powers = np.exp(outputs - outputs.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)
    return outputs if is_between else 1 / (1 + np.exp(-outputs))
