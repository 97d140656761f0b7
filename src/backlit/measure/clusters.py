"""How well clusters hold together, and how well they agree with classes that nobody told them of.

    cluster   cat  dog                 purity = (3 + 2) / 6 = 0.83
    0          3    1                  by guessing the largest class: 3 / 6 = 0.50
    1          0    2

*Purity* gives every cluster to its most frequent class and counts the rows that are then right. It rises with the
number of clusters, to 1 when each row is a cluster of its own, so only equal numbers of clusters compare by it.
*Silhouette* needs no classes: it is 1 where rows are much nearer to their own cluster than to the next, 0 between two,
below 0 where they would be better off in another. It is what chooses the number of clusters here.

Not for finding clusters: see `backlit.modes.cluster`.
"""

import numpy as np
from jaxtyping import Float, Int

MOST_SILHOUETTE_ROWS = 2000
"""Rows that the silhouette looks at: its distances grow with their square. Source: ours, a second on one core."""


def contingency(
    clusters: Int[np.ndarray, " row"], classes: Int[np.ndarray, " row"], *, n_clusters: int, n_classes: int
) -> Int[np.ndarray, "cluster class_"]:
    """Counts the rows of each cluster in each class.

    Args:
        clusters: Cluster of each row, from 0.
        classes: Class of each row, from 0.
        n_clusters: How many clusters there are, empty ones too.
        n_classes: How many classes there are.

    Returns:
        A count for each pair.

    Example:
        >>> contingency(np.array([0, 0, 1]), np.array([1, 1, 0]), n_clusters=2, n_classes=2).tolist()
        [[0, 2], [1, 0]]
    """
    counts = np.zeros((n_clusters, n_classes), np.int64)
    np.add.at(counts, (clusters, classes), 1)
    return counts


def purity(counts: Int[np.ndarray, "cluster class_"]) -> float:
    """The share of rows that are right when each cluster is given to its most frequent class.

    Args:
        counts: From `contingency`, with at least one row.

    Returns:
        Above 0, at most 1.

    Example:
        >>> round(purity(np.array([[3, 1], [0, 2]])), 2)
        0.83

    Source:
        manning-2008, section 16.3.
    """
    return float(counts.max(1).sum() / counts.sum())


def silhouette(points: Float[np.ndarray, "row column"], clusters: Int[np.ndarray, " row"], *, seed: int = 0) -> float:
    """How much nearer rows are to their own cluster than to the next one, on average.

    Of more than 2,000 rows, 2,000 are drawn.

    Args:
        points: One a row.
        clusters: Cluster of each row; at least two of them, and fewer than rows.
        seed: Of the draw.

    Returns:
        From -1 to 1; NaN if the rows that were drawn lie in fewer than two clusters, or each in its own.

    Example:
        >>> apart = np.array([[0.0], [1.0], [10.0], [11.0]])      # row 0: (10.5 - 1) / 10.5; row 1: (9.5 - 1) / 9.5
        >>> round(silhouette(apart, np.array([0, 0, 1, 1])), 4)
        0.8997

    Source:
        rousseeuw-1987, section 2.
    """
    from sklearn.metrics import silhouette_score

    if len(points) > MOST_SILHOUETTE_ROWS:
        drawn = np.random.default_rng(seed).choice(len(points), MOST_SILHOUETTE_ROWS, replace=False)
        points, clusters = points[drawn], clusters[drawn]
    if not 1 < len(np.unique(clusters)) < len(points):
        return float("nan")
    return float(silhouette_score(points, clusters))
