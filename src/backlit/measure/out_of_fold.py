"""Predictions that no row had a part in: each row is predicted by the networks that never trained on it.

    fold 0 holds rows 0 1      trained on 2 3 4 5      predicts 0 1
    fold 1 holds rows 2 3      trained on 0 1 4 5      predicts 2 3          →  one prediction for each of 0 … 5
    fold 2 holds rows 4 5      trained on 0 1 2 3      predicts 4 5

Put together in the order of the rows they show, for every row, what the network makes of rows it has not seen; with
several seeds or repeats it is their mean. Rows that no fold held out stay empty (NaN).

Not for a score: that is taken fold by fold, because networks of different folds are different networks.
"""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float


def out_of_fold(n_rows: int, held_out: Iterable[tuple[np.ndarray, np.ndarray]]) -> Float[np.ndarray, "sample column"]:
    """Puts predictions of held-out rows together.

    Args:
        n_rows: Rows of the data set.
        held_out: For each network the rows it did not train on, and what it gives for them. At least one.

    Returns:
        The mean over the networks that predicted a row; NaN where none did.

    Example:
        >>> found = out_of_fold(3, [(np.array([0]), np.array([[0.2]])), (np.array([0, 2]), np.array([[0.4], [1.0]]))])
        >>> found.round(2).tolist()
        [[0.3], [nan], [1.0]]
    """
    total: np.ndarray | None = None
    counts = np.zeros((n_rows, 1))
    for rows, outputs in held_out:
        if total is None:
            total = np.zeros((n_rows, outputs.shape[1]))
        total[rows] += outputs
        counts[rows] += 1
    assert total is not None, "bug in backlit: out-of-fold predictions of no network"
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
