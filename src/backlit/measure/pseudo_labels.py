"""Which rows a network is sure enough of to learn from its own predictions, and how often it was right in that.

    row   chances             sure of 0.9?   label
    0     0.95 0.03 0.02      yes            0
    1     0.50 0.30 0.20      no             –
    2     0.01 0.98 0.01      yes            1

Being sure is not being right: a network that has seen few rows is often sure of what it gets wrong, and then learns
its own mistakes (arazo-2020 calls it confirmation bias). A class that it finds easy may crowd out the others; balance
lets no class give more rows than the median class does.

Not for training on them: see `backlit.modes`.
"""

import numpy as np
from jaxtyping import Float, Int


def sure_rows(
    chances: Float[np.ndarray, "row class_"], *, threshold: float, is_balanced: bool
) -> tuple[Int[np.ndarray, " sure"], Int[np.ndarray, " sure"]]:
    """The rows that a network is sure of.

    Args:
        chances: One probability for each class; NaN, as of a network that diverged, is never sure.
        threshold: Least probability of the likeliest class, from 0 to 1.
        is_balanced: Whether a class gives at most as many rows as the median class gives (at least one): its surest.

    Returns:
        Their places, sorted, and the class of each.

    Example:
        >>> chances = np.array([[0.9, 0.1], [0.97, 0.03], [0.2, 0.8], [0.99, 0.01]])
        >>> sure_rows(chances, threshold=0.85, is_balanced=False)[0].tolist()
        [0, 1, 3]
        >>> sure_rows(chances, threshold=0.75, is_balanced=True)[0].tolist()  # 3 of class 0, 1 of class 1: median 2
        [1, 2, 3]

    Source:
        lee-2013, section 2 (the likeliest class as label); threshold and balance as in xie-2020, section 3.1: the
        median is ours.
    """
    surest, classes = chances.max(1), chances.argmax(1)
    sure = np.flatnonzero(surest >= threshold)
    if is_balanced and len(sure):
        counts = np.bincount(classes[sure], minlength=chances.shape[1])
        most = max(int(np.median(counts)), 1)
        kept = [
            own[np.argsort(-surest[own], kind="stable")[:most]]
            for own in (sure[classes[sure] == one] for one in range(chances.shape[1]))
        ]
        sure = np.sort(np.concatenate(kept))
    return sure, classes[sure]


def filled_rows(labelled: Int[np.ndarray, " labelled"], pseudo: Int[np.ndarray, " pseudo"], *, size: int) -> np.ndarray:
    """Training rows of a fixed number: all pseudo-labelled ones once, the labelled ones in turn until it is full.

    So every round takes as many steps, and labels that are known weigh more as long as few others are there.

    Args:
        labelled: Rows whose label is known.
        pseudo: Rows whose label was predicted.
        size: How many rows in all; at least as many as both together.

    Returns:
        Row numbers.

    Example:
        >>> filled_rows(np.array([4, 7]), np.array([1]), size=6).tolist()
        [1, 4, 7, 4, 7, 4]
    """
    assert size >= len(labelled) + len(pseudo), "bug in backlit: no room for the rows"
    return np.concatenate([pseudo, np.resize(labelled, size - len(pseudo))])
