"""Scores of predictions that no single network gave, such as those of an ensemble: loss and the metric of the task.

    classification    loss: mean of −ln p(true class)            accuracy
    multi-label       loss: mean of −ln p(each label as it is)   binary_accuracy
    regression        loss: mean of (prediction − target)²       mean_absolute_error

The names are those of a run's history, so that an ensemble stands beside its members. Probabilities below 1e-7 count as
1e-7, as in Keras.

Not for what a training recorded: those numbers come from the engine, with the loss that was asked for.
"""

import numpy as np
from jaxtyping import Float, Int

from backlit.data import Dataset

SMALLEST = 1e-7
"""Smallest probability in a logarithm: Keras's epsilon."""


def class_chances(outputs: Float[np.ndarray, "sample column"]) -> Float[np.ndarray, "sample class"]:
    """One probability a class, also where a network has one output for two classes.

    Args:
        outputs: Probabilities; one column is that of the second class.

    Returns:
        Probabilities, two columns at least.

    Example:
        >>> class_chances(np.array([[0.25]])).tolist()
        [[0.75, 0.25]]
    """
    return np.concatenate([1 - outputs, outputs], 1) if outputs.shape[1] == 1 else outputs


def predicted_classes(outputs: Float[np.ndarray, "sample column"]) -> Int[np.ndarray, " sample"]:
    """The likeliest class of each row; the first of equals.

    Args:
        outputs: Probabilities; one column is that of the second class, taken above one half.

    Returns:
        Class ids.
    """
    return class_chances(outputs).argmax(1)


def scores_of(
    outputs: Float[np.ndarray, "sample column"], data: Dataset, rows: Int[np.ndarray, " sample"]
) -> dict[str, float]:
    """Loss and metric of predictions.

    Args:
        outputs: Probabilities, or amounts.
        data: For the task and the targets.
        rows: Which rows of the data were predicted, at least one.

    Returns:
        `loss` and the metric by its name.

    Example:
        >>> from backlit.data import load
        >>> iris = load("iris")
        >>> rows = np.flatnonzero(iris.class_ids == 0)[:2]
        >>> scores_of(np.array([[0.5, 0.5, 0.0], [0.25, 0.75, 0.0]]), iris, rows)["accuracy"]
        0.5
    """
    outputs = outputs.astype(np.float64)
    if data.task == "classification":
        chances, classes = class_chances(outputs), np.asarray(data.class_ids)[rows]
        of_true = chances[np.arange(len(rows)), classes]
        return {
            "loss": float(-np.log(np.clip(of_true, SMALLEST, 1)).mean()),
            "accuracy": float((chances.argmax(1) == classes).mean()),
        }
    targets = np.asarray(data.targets)[rows].reshape(outputs.shape)
    if data.task == "multi-label":
        as_it_is = np.where(targets > 0.5, outputs, 1 - outputs)
        return {
            "loss": float(-np.log(np.clip(as_it_is, SMALLEST, 1)).mean()),
            "binary_accuracy": float(((outputs > 0.5) == (targets > 0.5)).mean()),
        }
    difference = outputs - targets
    return {"loss": float((difference**2).mean()), "mean_absolute_error": float(np.abs(difference).mean())}
