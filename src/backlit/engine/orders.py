"""The order in which a member sees its rows: a function of data seed and epoch alone.

So a rerun, a resumed run and a member trained alone see the same rows in the same steps, and members with one data seed
share one order.

Not for which rows are trained on (see `backlit.data`).
"""

import numpy as np

ORDER_ROWS = 65_536  # row numbers sent with one call, about; bounds the epochs of a call on small data
MAX_SEGMENTS = 64


def n_segments_for(n_rows: int) -> int:
    """Most epochs in one call: small data train many epochs a call, so that calls cost nothing.

    Args:
        n_rows: Training rows.

    Returns:
        Between 1 and 64.
    """
    return int(np.clip(ORDER_ROWS // max(n_rows, 1), 1, MAX_SEGMENTS))


def epoch_order(n_rows: int, *, data_seed: int, epoch: int, shuffle: bool) -> np.ndarray:
    """The order of the rows in one epoch: a function of data seed and epoch alone.

    Args:
        n_rows: Training rows.
        data_seed: At least 0.
        epoch: From 0.
        shuffle: False leaves the rows as they are.

    Returns:
        Row numbers, int32.

    Example:
        >>> epoch_order(4, data_seed=0, epoch=0, shuffle=False).tolist()
        [0, 1, 2, 3]
    """
    if not shuffle:
        return np.arange(n_rows, dtype=np.int32)
    return np.random.default_rng([data_seed, epoch]).permutation(n_rows).astype(np.int32)
