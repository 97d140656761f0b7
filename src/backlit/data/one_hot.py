"""Class ids as rows with a single 1, and the check that ids are ids.

A class id is a name that happens to be a number: class 2 is not twice class 1. One-hot rows
take the order away: each class has its own column.

    >>> import numpy as np
    >>> one_hot(np.array([2, 0]), n_classes=3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    >>> from_one_hot([[0, 0, 1], [1, 0, 0]], classes=["blue", "green", "red"]).tolist()
    ['red', 'blue']

The price is width: as many columns as classes, of which all but one say nothing. Stored sparsely, a row takes one
number and its place however many classes there are.

Not for several labels a row: those have any number of ones.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Int, Shaped

from backlit.data.options import require_choice
from backlit.errors import DataError, SettingError
from backlit.language import Text, text, verbatim

UNKNOWN = ("error", "zeros", "other")


def one_hot(
    labels: Any,
    *,
    n_classes: int | None = None,
    classes: Sequence[Any] | None = None,
    unknown: str = "error",
    sparse: bool = False,
) -> Any:
    """One row a label: 1 in the label's own column, 0 elsewhere.

    Args:
        labels: Class ids, whole numbers that count from 0; or, with `classes`, values that are looked up there.
        n_classes: Number of classes; None takes the largest id + 1.
        classes: The classes in the order of their columns.
        unknown: What becomes of a label that is no class: "error" refuses it, "zeros" gives a row without a 1, and
            "other" a column of its own, the last, for all such labels.
        sparse: Whether to give a SciPy CSR array, which stores the ones alone.

    Returns:
        Float32, (label, class).

    Example:
        >>> one_hot(["red", "pink"], classes=["blue", "red"], unknown="other").tolist()
        [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    unknown = require_choice("unknown", unknown, UNKNOWN)
    ids, n_known = _known_ids(np.asarray(labels), n_classes, classes, unknown)
    width = n_known + (unknown == "other")
    is_known = ids >= 0
    columns = np.where(is_known, ids, n_known)
    if sparse:
        from scipy.sparse import csr_array

        has_one = is_known | (unknown == "other")
        ends = np.concatenate([[0], np.cumsum(has_one)])
        return csr_array((np.ones(ends[-1], np.float32), columns[has_one], ends), shape=(len(ids), width))
    rows = np.zeros((len(ids), n_known + 1), np.float32)
    rows[np.arange(len(ids)), columns] = 1
    return rows[:, :width].copy()


def from_one_hot(rows: Any, *, classes: Sequence[Any] | None = None) -> Shaped[np.ndarray, " sample"]:
    """The label of each row: the way back.

    Args:
        rows: With at most a single 1 each; a SciPy sparse array too.
        classes: The classes in the order of their columns; None gives class ids.

    Returns:
        One label a row; -1, or None among classes, for a row without a 1 and for a column beyond the classes.

    Raises:
        DataError: If a row is no one-hot row, or there are fewer columns than classes.

    Example:
        >>> from_one_hot([[0, 1], [0, 0]]).tolist()
        [1, -1]
    """
    from scipy.sparse import csr_array, find, issparse

    given = rows if issparse(rows) else np.asarray(rows)
    if given.ndim != 2 or given.dtype.kind not in "biuf":
        raise DataError(
            "one-hot-shape",
            what=text("`from_one_hot`"),
            expected=text("numbers of shape (rows, classes)"),
            received=text("{shape} {dtype}", shape=given.shape, dtype=given.dtype.name),
            fix=text("One row needs a batch axis too: `x[None]`."),
        )
    n_rows, width = given.shape
    places, columns, values = find(csr_array(given))
    counts = np.bincount(places, minlength=n_rows)
    is_other = np.zeros(n_rows, bool)
    is_other[places[values != 1]] = True
    wrong = np.flatnonzero((counts > 1) | is_other)
    if len(wrong):
        raise DataError(
            "one-hot-rows",
            what=text("`from_one_hot`"),
            expected=text("rows of zeros with a single 1"),
            received=text("{n} others, first at row {row}", n=len(wrong), row=int(wrong[0])),
            fix=text("Of probabilities, take the most probable class: `rows.argmax(1)`."),
        )
    ids = np.full(n_rows, -1, np.int32)
    ids[places] = columns
    if classes is None:
        return ids
    if width not in (len(classes), len(classes) + 1):
        raise DataError(
            "one-hot-width",
            what=text("`from_one_hot`"),
            expected=text("{n} columns, one for each class, or one more for others", n=len(classes)),
            received=verbatim(width),
            fix=text("Give the classes that the rows were made with, in their order."),
        )
    names = np.array([*classes, None, None], object)
    found = names[np.where(ids < 0, len(classes), ids)]
    return found if None in found else np.array(found.tolist(), np.asarray(classes).dtype)


def _known_ids(
    labels: Shaped[np.ndarray, "..."], n_classes: int | None, classes: Sequence[Any] | None, unknown: str
) -> tuple[np.ndarray, int]:
    """The column of each label, -1 for those that have none; and how many columns there are."""
    what = text("`one_hot`")
    if classes is not None:
        if n_classes is not None or len(set(classes)) < len(classes):
            raise SettingError(
                "one-hot-classes",
                what=what,
                expected=text("`classes` without repetition, or `n_classes`"),
                received=text("both") if n_classes is not None else verbatim(repr(list(classes))),
                fix=text("Give each class once."),
            )
        columns = {value: i for i, value in enumerate(classes)}
        ids = np.array([columns.get(label, -1) for label in labels.tolist()], np.int32)
        if unknown == "error" and (ids < 0).any():
            raise DataError(
                "label-unknown",
                what=what,
                expected=text("labels among the {n} classes", n=len(classes)),
                received=_places(labels, ids < 0),
                fix=text('Give `unknown="zeros"` or `unknown="other"` for labels that nobody has seen before.'),
            )
        return ids, len(classes)
    if unknown == "error":
        ids = require_class_ids(labels, n_classes=n_classes, what=what)
        return ids, n_classes or int(ids.max(initial=-1)) + 1
    if n_classes is None:
        raise SettingError(
            "one-hot-unknown",
            what=what,
            expected=text("`n_classes` or `classes`, to know which labels are unknown"),
            received=text("neither"),
            fix=text("Write for example `one_hot(labels, n_classes=10, unknown={unknown})`.", unknown=repr(unknown)),
        )
    is_known = np.ones(len(labels), bool)
    if labels.dtype.kind in "biuf":
        is_known = (labels >= 0) & (labels < n_classes)
    ids = np.full(len(labels), -1, np.int32)
    ids[is_known] = require_class_ids(labels[is_known], n_classes=n_classes, what=what)
    return ids, n_classes


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
