"""What is to be predicted, told from the targets' own shape and kind.

| targets | task |
| --- | --- |
| whole numbers 0, 1, 2, …, one a row | classification |
| floats that are whole, 0 to k−1 with none missing, k ≤ 20 | classification |
| 0/1 columns, exactly one 1 a row | classification, one-hot |
| 0/1 columns otherwise | multi-label |
| other floats, one or several a row | regression |

    >>> import numpy as np
    >>> read_targets(np.array([0, 2, 1])).task, read_targets(np.array([0.5, 2.0])).task
    ('classification', 'regression')

`task=` decides where the guess is wrong. Not for names of classes: see `tables.py`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Shaped

from backlit.data.dataset import TASKS, Task
from backlit.data.inputs import as_array, read_inputs
from backlit.data.one_hot import require_class_ids
from backlit.data.options import require_choice
from backlit.errors import DataError
from backlit.language import Text, text

MOST_FLOAT_CLASSES = 20
"""Floats with more distinct whole values than this are amounts. Source: ours, a convention said aloud."""

MOST_GUESSED_ID = 999
"""A larger whole number is taken for an amount, unless there are as many rows. Source: ours, a convention."""


@dataclass(frozen=True)
class Targets:
    """Targets in the form that a `Dataset` keeps.

    Attributes:
        values: Class ids int32; one-hot rows, 0/1 labels or amounts as floats.
        task: What is to be predicted.
        n_classes: Number of classes, 0 for other tasks.
    """

    values: Shaped[np.ndarray, "sample ..."]
    task: Task
    n_classes: int = 0


def read_targets(targets: Any, *, task: str | None = None, n_classes: int | None = None) -> Targets:
    """The targets and the task they mean.

    Args:
        targets: Anything that NumPy reads as an array.
        task: "classification", "multi-label" or "regression"; None to tell from the targets.
        n_classes: Number of classes, where some may be missing from the targets.

    Returns:
        The targets, checked.

    Raises:
        DataError: If they do not fit the task.
    """
    what = text("Reading the targets")
    values = _read(targets, what=what)
    if task is not None:
        require_choice("task", task, TASKS)
    task = task or ("classification" if n_classes else _guess(values, what=what))
    if task == "classification" and values.ndim == 2:
        return _read_one_hot(values, n_classes=n_classes, what=what)
    if task == "classification":
        ids = require_class_ids(values, n_classes=n_classes, what=what)
        return Targets(ids, "classification", n_classes or int(ids.max()) + 1)
    values = values if values.dtype.kind == "f" else values.astype(np.float32)
    values = values[:, None] if values.ndim == 1 else values
    if task == "regression":
        return Targets(values, "regression")
    other = ~np.isin(values, (0, 1))
    if other.any():
        row, label = (int(i) for i in np.argwhere(other)[0])
        raise DataError(
            "labels-not-0-1",
            what=what,
            expected=text("0 or 1 for each label"),
            received=text(
                "{value} at row index {row}, label {label}", value=values[row, label].item(), row=row, label=label
            ),
            fix=text('If these are amounts, ask for `task="regression"`.'),
        )
    return Targets(values, "multi-label")


def _read(targets: Any, *, what: Text) -> np.ndarray:
    raw = as_array(targets, what=what)
    if raw.size and raw.dtype.kind in "US":
        raise DataError(
            "labels-kind",
            what=what,
            expected=text("class numbers from 0, or amounts"),
            received=text("texts, the first is {entry}", entry=repr(raw.flat[0].item())),
            fix=text("Turn names into numbers: `numpy.unique(labels, return_inverse=True)`."),
        )
    values = read_inputs(raw, what=what)
    if values.ndim > 2:
        raise DataError(
            "targets-shape",
            what=what,
            expected=text("shape (rows,) or (rows, columns)"),
            received=_shape(values),
            fix=text("Flatten each row's targets to one axis."),
        )
    if raw.dtype.kind == "b" or raw.dtype.itemsize == 1:
        values = values.astype(np.int32)  # bytes are class ids here, not pixels
    return values[:, 0] if values.shape[1] == 1 else values


def _guess(values: np.ndarray, *, what: Text) -> Task:
    if values.ndim == 2:
        if not np.isin(values, (0, 1)).all():
            return "regression"
        return "classification" if (values.sum(1) == 1).all() else "multi-label"
    if values.dtype.kind == "f":
        n_classes = int(min(max(values.max(), 0), MOST_FLOAT_CLASSES)) + 1
        ids = np.arange(n_classes)
        is_class = 2 <= n_classes <= MOST_FLOAT_CLASSES and np.array_equal(np.unique(values), ids)
        return "classification" if is_class else "regression"
    largest = int(values.max())
    if largest > max(MOST_GUESSED_ID, len(values)):
        raise DataError(
            "targets-ambiguous",
            what=what,
            expected=text("class numbers from 0, or amounts as floats"),
            received=text("whole numbers up to {largest} in {n} rows", largest=largest, n=len(values)),
            fix=text('Say `task="regression"` if these are amounts, `task="classification"` if they are classes.'),
        )
    return "classification"


def _read_one_hot(values: np.ndarray, *, n_classes: int | None, what: Text) -> Targets:
    if n_classes is not None and n_classes != values.shape[1]:
        raise DataError(
            "one-hot-width",
            what=what,
            expected=text("{n} columns (`n_classes={n}`)", n=n_classes),
            received=_shape(values),
            fix=text("Give `n_classes={n}`, or leave it out.", n=values.shape[1]),
        )
    sums = values.sum(1)
    broken = (np.abs(sums - 1) > 1e-3) | (values < 0).any(1)
    if broken.any():
        row = int(np.flatnonzero(broken)[0])
        raise DataError(
            "one-hot-sum",
            what=what,
            expected=text("rows of class shares that sum to 1"),
            received=text(
                "sum {total:g} at row index {row}; such rows: {n}", total=float(sums[row]), row=row, n=int(broken.sum())
            ),
            fix=text('If a row may carry several labels, ask for `task="multi-label"`.'),
        )
    return Targets(values if values.dtype.kind == "f" else values.astype(np.float32), "classification", values.shape[1])


def _shape(values: np.ndarray) -> Text:
    return text("shape {shape}", shape=values.shape)
