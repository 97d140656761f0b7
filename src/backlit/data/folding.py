"""Rows in folds of nearly one size: by class where there are classes, whole groups where rows belong together.

    rows of one patient, or copies of one picture   a group: in one fold, or a network is judged by what it knows
    classes                                         every fold has the same share of each, give or take one row

scikit-learn deals; this module chooses which of its ways fits, and falls back to a plainer one where it does not.

Not for what becomes of the folds: see `splits.py` (one part held out) and `deals.py` (each in turn).
"""

import warnings
from typing import Any

import numpy as np
from jaxtyping import Int

from backlit.errors import DataError
from backlit.language import text

MOST_STRATIFIED_GROUPS = (
    2_000  # more are dealt by chance alone, which balances classes about as well, and 100 × as fast
)
Rows = Int[np.ndarray, " _"]


def fold_rows(
    n_rows: int,
    *,
    n: int,
    random: np.random.RandomState,
    strata: Int[np.ndarray, " row"] | None = None,
    groups: Int[np.ndarray, " row"] | None = None,
) -> list[Rows]:
    """Rows 0 to `n_rows` - 1 in folds.

    Args:
        n_rows: How many rows.
        n: How many folds, at least 2.
        random: Where the shuffle comes from; used up.
        strata: The class of each row, or None.
        groups: The group of each row, or None.

    Returns:
        The rows of each fold, sorted; every row is in one.

    Raises:
        DataError: If there are fewer rows, or fewer groups, than folds.

    Example:
        >>> folds = fold_rows(4, n=2, random=np.random.RandomState(0), strata=np.array([0, 0, 1, 1]))
        >>> [len(fold) for fold in folds], sum((fold < 2).sum() for fold in folds[:1])
        ([2, 2], np.int64(1))
    """
    n_parts = n_rows if groups is None else len(np.unique(groups))
    if n_parts < n:
        raise DataError(
            "folds-too-many",
            what=text("Dealing rows into {n} folds", n=n),
            expected=text("at least {n} rows", n=n) if groups is None else text("at least {n} groups", n=n),
            received=text("{n}", n=n_parts),
            fix=text("Ask for fewer folds."),
        )
    folds = _stratified(n_rows, n, random, strata, groups)
    return _plain(n_rows, n, random, groups) if folds is None else folds


def _stratified(
    n_rows: int, n: int, random: np.random.RandomState, strata: np.ndarray | None, groups: np.ndarray | None
) -> list[np.ndarray] | None:
    """Folds with equal shares of each class; None where that cannot be."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    if strata is None or np.unique(strata, return_counts=True)[1].max() < n:
        return None
    if groups is None:
        return _held(StratifiedKFold(n, shuffle=True, random_state=random), n_rows, strata, None)
    if len(np.unique(groups)) > MOST_STRATIFIED_GROUPS:
        return None
    folds = _held(StratifiedGroupKFold(n, shuffle=True, random_state=random), n_rows, strata, groups)
    return folds if all(map(len, folds)) else None  # a large group can leave another fold without any


def _plain(n_rows: int, n: int, random: np.random.RandomState, groups: np.ndarray | None) -> list[np.ndarray]:
    from sklearn.model_selection import GroupKFold, KFold

    kind = KFold if groups is None else GroupKFold
    return _held(kind(n, shuffle=True, random_state=random), n_rows, None, groups)


def _held(folds: Any, n_rows: int, strata: np.ndarray | None, groups: np.ndarray | None) -> list[np.ndarray]:
    with warnings.catch_warnings():
        # A class with fewer rows than folds is missing from some; that is no fault of the user's.
        warnings.filterwarnings("ignore", message="The least populated class")
        return [np.sort(held) for _, held in folds.split(np.zeros(n_rows), strata, groups)]
