"""What it means that rows are there more than once.

    the same inputs twice in training        the row counts double
    … in training and in the test            the test has been seen: the score comes out too good
    … with different targets                 no network can get both right

Not for finding copies (see `duplicates.py`) nor for rows that are merely alike.
"""

from dataclasses import dataclass

import numpy as np

from backlit.data.dataset import Dataset
from backlit.data.duplicates import copy_ids, rows_that_leak


@dataclass(frozen=True)
class Repeats:
    """What was found.

    Attributes:
        n_repeated: Rows whose inputs are those of an earlier row.
        n_judging: Rows of validation and test whose inputs a training row has, too.
        n_disagreeing: Rows whose inputs another row has with another target.
        groups: Numbers of equal rows, one tuple for each that is there more than once.
    """

    n_repeated: int
    n_judging: int
    n_disagreeing: int
    groups: tuple[tuple[int, ...], ...]


def find_repeats(dataset: Dataset) -> Repeats:
    """Rows with equal inputs.

    Args:
        dataset: Any.

    Returns:
        How many, and which.

    Example:
        >>> from backlit.data.arrays import from_arrays
        >>> repeats = find_repeats(from_arrays([[1.0], [2.0], [1.0]], [0, 1, 1]))
        >>> repeats.groups, repeats.n_disagreeing
        (((0, 2),), 2)
    """
    ids = copy_ids(dataset.inputs if dataset.coded is None else dataset.coded)
    order = np.argsort(ids, kind="stable")
    starts = np.flatnonzero(np.diff(ids[order], prepend=-1))
    groups = [rows for rows in np.split(order, starts[1:]) if len(rows) > 1]
    disagreeing = [rows for rows in groups if (dataset.targets[rows] != dataset.targets[rows[:1]]).any()]
    return Repeats(
        n_repeated=sum(len(rows) - 1 for rows in groups),
        n_judging=sum(len(rows_that_leak(dataset, ids, split)) for split in ("validation", "test")),
        n_disagreeing=sum(map(len, disagreeing)),
        groups=tuple(tuple(rows.tolist()) for rows in groups),
    )
