"""Which classes a network takes for which: the confusion matrix, and what it says of each class.

                predicted 0   predicted 1
    true 0           8             2          recall of class 0: 8 / (8 + 2) = 0.8
    true 1           1             9          precision of class 0: 8 / (8 + 1) = 0.89

Recall asks the true rows of a class how many were found; precision asks the rows that were given a class how many
belong to it. The diagonal is what is right: accuracy is its share of all rows, here 17 / 20.

Not for how sure a network is (see `calibration.py`).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Shaped

from backlit.data.dataset import require_equal_rows
from backlit.data.one_hot import require_class_ids
from backlit.language import text


@dataclass(frozen=True)
class Mistake:
    """One kind of mistake.

    Attributes:
        true: The class that was there.
        predicted: The class that it was taken for.
        n_rows: How often.
    """

    true: int
    predicted: int
    n_rows: int


def confusion_matrix(
    targets: Shaped[np.ndarray, " target"], predicted: Shaped[np.ndarray, " prediction"], *, n_classes: int
) -> Int[np.ndarray, "true predicted"]:
    """How many rows of each class were given each class.

    Args:
        targets: Class ids of the rows.
        predicted: Class ids that a network gave, in the same order: for probabilities their `argmax(1)`.
        n_classes: How many classes there are.

    Returns:
        One line for each true class, one column for each predicted one; the sum is the number of rows.

    Raises:
        DataError: If an id is no whole number from 0 to the last class, or one list is longer.

    Example:
        >>> confusion_matrix(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0]), n_classes=3).tolist()
        [[1, 1, 0], [0, 1, 0], [1, 0, 0]]
    """
    require_equal_rows(targets=targets, predicted=predicted)
    what = text("Counting which classes are taken for which")
    true, given = (require_class_ids(ids, n_classes=n_classes, what=what) for ids in (targets, predicted))
    places = true.astype(np.int64) * n_classes + given
    return np.bincount(places, minlength=n_classes**2).reshape(n_classes, n_classes)


def recall(matrix: Int[np.ndarray, "true predicted"]) -> Float[np.ndarray, " class"]:
    """Share of each class's rows that were found.

    Args:
        matrix: From `confusion_matrix`.

    Returns:
        0 to 1; NaN for a class that has no rows.
    """
    return _shares(matrix, matrix.sum(1))


def precision(matrix: Int[np.ndarray, "true predicted"]) -> Float[np.ndarray, " class"]:
    """Share of the rows that were given a class and belong to it.

    Args:
        matrix: From `confusion_matrix`.

    Returns:
        0 to 1; NaN for a class that was given to no row.
    """
    return _shares(matrix, matrix.sum(0))


def most_frequent_mistakes(matrix: Int[np.ndarray, "true predicted"], *, n: int = 3) -> tuple[Mistake, ...]:
    """The kinds of mistakes that happened most often.

    Args:
        matrix: From `confusion_matrix`.
        n: At most how many.

    Returns:
        Most frequent first, ties in the order of the matrix; kinds that never happened are left out.
    """
    wrong = matrix * (1 - np.eye(len(matrix), dtype=matrix.dtype))
    order = np.argsort(-wrong, axis=None, kind="stable")[:n]
    places = [divmod(int(place), len(matrix)) for place in order]
    return tuple(Mistake(true, given, int(wrong[true, given])) for true, given in places if wrong[true, given])


def _shares(matrix: np.ndarray, totals: np.ndarray) -> np.ndarray:
    rights = np.diag(matrix).astype(np.float64)
    return np.divide(rights, totals, out=np.full(len(matrix), np.nan), where=totals > 0)
