"""Whether two lists of weights are the same bits: what a rerun promises.

Not for closeness: a difference in the last bit is a difference here.
"""

from collections.abc import Sequence

import numpy as np


def is_same(weights: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> bool:
    """Compares two lists of arrays bit by bit; NaN equals the same NaN.

    Args:
        weights: Arrays.
        others: As many, of the same shapes and types, if they are to be the same.

    Returns:
        True if every bit is the same.

    Example:
        >>> is_same([np.zeros(2)], [np.zeros(2)]), is_same([np.zeros(2)], [np.array([0.0, 1e-300])])
        (True, False)
    """
    return len(weights) == len(others) and all(
        one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
        for one, other in zip(weights, others, strict=True)
    )
