"""Class ids as rows with a single 1, and the check that ids are ids.

A class id is a name that happens to be a number: class 2 is not twice class 1. One-hot rows
take the order away: each class has its own column.

    >>> import numpy as np
    >>> one_hot(np.array([2, 0]), n_classes=3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]

Not for several labels a row: those have any number of ones.
"""

from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped

from backlit.errors import DataError
from backlit.language import Text, text


def one_hot(labels: Any, *, n_classes: int | None = None) -> Float[np.ndarray, "sample class"]:
    """One row a label: 1 in the label's own column, 0 elsewhere.

    Args:
        labels: Class ids, whole numbers that count from 0.
        n_classes: Number of columns; None takes the largest id + 1.

    Returns:
        Float32 rows that each sum to 1.
    """
    ids = require_class_ids(np.asarray(labels), n_classes=n_classes, what=text("`one_hot`"))
    return np.eye(n_classes or int(ids.max(initial=-1)) + 1, dtype=np.float32)[ids]


def require_class_ids(
    labels: Shaped[np.ndarray, "..."], *, n_classes: int | None, what: Text
) -> Int[np.ndarray, " sample"]:
    """The labels as int32, if they are whole numbers from 0 to the number of classes.

    Args:
        labels: What came as targets.
        n_classes: Number of classes; None for no upper limit.
        what: What is being done, for the message.

    Returns:
        Class ids.

    Raises:
        DataError: If a label is no whole number, negative, or too large.
    """
    if labels.dtype.kind not in "biuf" or labels.ndim != 1:
        raise DataError(
            "labels-kind",
            what=what,
            expected=text("one whole number a row, shape (rows,)"),
            received=text("{shape} {dtype}", shape=labels.shape, dtype=labels.dtype.name),
            fix=text("Turn names into numbers: `numpy.unique(labels, return_inverse=True)`."),
        )
    broken = labels != np.floor(labels) if labels.dtype.kind == "f" else np.zeros(len(labels), bool)
    if broken.any():
        raise DataError(
            "labels-broken",
            what=what,
            expected=text("whole numbers as labels"),
            received=_places(labels, broken),
            fix=text('If these are amounts, ask for `task="regression"`.'),
        )
    top = n_classes - 1 if n_classes is not None else None
    outside = (labels < 0) | (labels > top if top is not None else False)
    if outside.any():
        counts_from_one = n_classes is not None and labels.min() == 1 and labels.max() == n_classes
        raise DataError(
            "labels-range",
            what=what,
            expected=text("labels from 0 on")
            if top is None
            else text("labels 0..{last} (`n_classes={n_classes}`)", last=top, n_classes=n_classes),
            received=_places(labels, outside),
            fix=text("Labels counting from 1? Subtract 1.")
            if counts_from_one
            else text("Look at that row; is it a marker for a missing label?"),
        )
    return labels.astype(np.int32)


def _places(labels: np.ndarray, chosen: np.ndarray) -> Text:
    first = int(np.flatnonzero(chosen)[0])
    return text(
        "{value} at {n} places, first at index {index}", value=labels[first].item(), n=int(chosen.sum()), index=first
    )
