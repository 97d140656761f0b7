"""Rows that are there more than once, and which of them would let a network be judged by what it has trained on.

A copy of a training row among the test rows is no test: whoever learned the one by heart knows the other. Copies are
rows whose inputs have the same bytes; targets may differ.

    >>> import numpy as np
    >>> copy_ids(np.array([[1.0], [2.0], [1.0]])).tolist()
    [0, 1, 0]

Not for rows that are nearly equal, such as two shots of one scene: give their `groups`.
"""

from hashlib import blake2b

import numpy as np
from jaxtyping import Int, Shaped

from backlit.data.dataset import Dataset
from backlit.language import Text, text


def copy_ids(inputs: Shaped[np.ndarray, "sample ..."]) -> Int[np.ndarray, " sample"]:
    """For each row the number of the first row with the same inputs.

    Args:
        inputs: One entry a row.

    Returns:
        Row numbers; a row that is no copy has its own.
    """
    rows = np.ascontiguousarray(inputs).reshape(len(inputs), -1)
    first: dict[bytes, int] = {}
    found = (first.setdefault(blake2b(row.data, digest_size=16).digest(), i) for i, row in enumerate(rows))
    return np.fromiter(found, np.int64, len(rows))


def duplicates(dataset: Dataset) -> tuple[Text, ...]:
    """What is to be said about copies.

    Args:
        dataset: Any.

    Returns:
        How many rows are copies of others, and how many rows that judge have a copy among those that train; nothing
        where there are none.
    """
    ids = copy_ids(dataset.inputs if dataset.coded is None else dataset.coded)
    n_copies = len(ids) - len(np.unique(ids))
    if not n_copies:
        return ()
    told = [] if dataset.table else [text("Copies: {n} rows have the same inputs as an earlier one", n=n_copies)]
    leaks = {name: rows_that_leak(dataset, ids, name) for name in ("validation", "test")}
    if any(map(len, leaks.values())):
        told.append(
            text(
                "Warning: {validation} validation rows and {test} test rows have a copy among the training rows; "
                '`duplicates="together"` keeps copies on one side',
                validation=len(leaks["validation"]),
                test=len(leaks["test"]),
            )
        )
    return tuple(told)


def rows_that_leak(dataset: Dataset, ids: Int[np.ndarray, " sample"], split: str) -> Int[np.ndarray, " row"]:
    """Rows of a split whose inputs a training row has too.

    Args:
        dataset: Any.
        ids: From `copy_ids` of its inputs.
        split: `validation` or `test`.

    Returns:
        Row numbers.
    """
    rows = getattr(dataset.splits, split)
    return rows[np.isin(ids[rows], ids[dataset.splits.train])]


def joined_groups(one: Int[np.ndarray, " sample"], other: Int[np.ndarray, " sample"]) -> Int[np.ndarray, " sample"]:
    """Groups of rows that either way belong together, and whatever hangs together by several such steps.

    Args:
        one: A number a row.
        other: Another.

    Returns:
        One number a row.

    Example:
        >>> joined_groups(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])).tolist()
        [0, 0, 0, 1]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    left, right = (np.unique(ids, return_inverse=True)[1] for ids in (one, other))
    n_left, n = left.max() + 1, left.max() + right.max() + 2
    links = coo_array((np.ones(len(left), bool), (left, n_left + right)), shape=(n, n))
    return connected_components(links, directed=False)[1][left].astype(np.int64)
