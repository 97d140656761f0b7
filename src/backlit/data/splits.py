"""Which rows train, which choose between networks, and which judge at the end.

Rows are dealt out by a shuffle with a seed. For classes the shuffle is stratified: every
class has the same share of each part, so that a rare class is not missing from the test by
bad luck. Ten rows, half of them of class 1, with one fifth each for validation and test:

    >>> import numpy as np
    >>> labels = np.array([0, 1] * 5)
    >>> splits = hold_out(10, strata=labels, validation_split=0.2, test_split=0.2, seed=0)
    >>> splits.sizes, labels[splits.test].tolist()
    ((6, 2, 2), [1, 0])

Rows that belong together (of one patient, copies of one picture) stay on one side: their `groups` are dealt out as a
whole. Rows in order of time are not shuffled: the last ones test, those before them validate.

Not for folds and other ways to deal out rows for many trainings: see `deals.py`.
"""

from dataclasses import replace
from numbers import Real

import numpy as np
from jaxtyping import Int

from backlit.data.dataset import Dataset, Splits
from backlit.data.folding import fold_rows
from backlit.data.options import Number, require_seed
from backlit.errors import DataError, SettingError
from backlit.language import text, verbatim

DEFAULT_VALIDATION_SPLIT = 0.15
DEFAULT_TEST_SPLIT = 0.15
MOST_FOLDS = 20  # of which whole groups are held out: a part's size is right to a twentieth


def hold_out(
    n_rows: int,
    *,
    strata: Int[np.ndarray, " sample"] | None = None,
    validation_split: Number = DEFAULT_VALIDATION_SPLIT,
    test_split: Number = DEFAULT_TEST_SPLIT,
    seed: int = 0,
    test_rows: Int[np.ndarray, " test_row"] | None = None,
    groups: Int[np.ndarray, " sample"] | None = None,
    order: Int[np.ndarray, " sample"] | None = None,
) -> Splits:
    """Splits of rows into training, validation and test, the same for the same seed.

    Sizes are rounded, halves up. A class with fewer than two rows left stays in training as
    a whole. Where a part would have fewer rows than there are classes, the shuffle is plain,
    and `is_stratified` says so. With groups, parts have the sizes that whole groups allow.

    Args:
        n_rows: Number of rows in all.
        strata: The class of each row; None (regression) shuffles plainly.
        validation_split: Fraction for validation, 0 or more and below 1: of all rows, or of the
            rows that are not in `test_rows` where those are given.
        test_split: Fraction of all rows for test; must be 0 where `test_rows` are given.
        seed: Of the shuffle.
        test_rows: Rows that are the test part already, for data that come with one.
        groups: Equal numbers for rows that must be in one part; None if there are none.
        order: The place of each row in time: nothing is shuffled, and the last rows test. None if there is no order.

    Returns:
        The splits.

    Raises:
        SettingError: If a fraction is out of range, their sum leaves nothing to train on, or there are groups in an
            order of time.
        DataError: If there are too few rows or groups for a part that was asked for.

    Source:
        kohavi-1995, sections 2.1 and 2.2.
    """
    seed = require_seed(seed)
    check_fractions(validation_split=validation_split, test_split=test_split)
    if order is not None and groups is not None:
        raise SettingError(
            "groups-and-order",
            what=text("Splitting the data"),
            expected=text("either `groups` or `order`"),
            received=text("both"),
            fix=text("Leave one of them out: the last rows of an order cannot keep groups together."),
        )
    if test_rows is not None:
        if test_split:
            raise SettingError(
                "test-split-given",
                what=text("Splitting the data"),
                expected=text("no `test_split`, for these data come with {n} test rows", n=len(test_rows)),
                received=verbatim(f"test_split={test_split}"),
                fix=text("Leave `test_split` out; `validation_split` is taken from the other rows."),
            )
        rest, test, is_test_stratified = np.setdiff1d(np.arange(n_rows), test_rows), test_rows, True
        n_shared = len(rest)
    else:
        n_shared = n_rows
        n_test = _n_held(n_rows, test_split, name="test_split")
        rest, test, is_test_stratified = _deal(
            np.arange(n_rows), strata, n_held=n_test, seed=seed, groups=groups, order=order
        )
    n_validation = _n_held(n_shared, validation_split, name="validation_split")
    if n_validation >= len(rest):
        raise DataError(
            "rows-too-few",
            what=text("Splitting {n} rows", n=n_rows),
            expected=text("at least 1 row to train on"),
            received=text(
                "0, with validation_split={validation} and test_split={test}",
                validation=validation_split,
                test=test_split,
            ),
            fix=text("Give more rows or smaller fractions."),
        )
    train, validation, is_validation_stratified = _deal(
        rest, strata, n_held=n_validation, seed=seed, groups=groups, order=order
    )
    is_shuffled = bool(validation_split or test_split) and order is None
    return Splits.of_rows(
        train,
        validation,
        test,
        is_stratified=is_shuffled and is_test_stratified and is_validation_stratified,
        seed=seed if is_shuffled else None,
        has_own_test=test_rows is not None,
        groups=groups,
        order=order,
    )


def last_rows(n_rows: int, *, validation_split: Number = 0.0) -> Splits:
    """Splits as `keras.Model.fit(validation_split=…)` makes them: the last rows validate, unshuffled.

    Args:
        n_rows: Number of rows in all.
        validation_split: Fraction of the rows for validation; 0 trains on all rows.

    Returns:
        The splits; there is no test part.

    Raises:
        DataError: If no row is left to train on.

    Example:
        >>> last_rows(10, validation_split=0.25).sizes
        (7, 3, 0)
    """
    check_fractions(validation_split=validation_split)
    first = int(n_rows * (1 - validation_split))
    if first == 0:
        raise DataError(
            "rows-too-few",
            what=text("Splitting {n} rows", n=n_rows),
            expected=text("at least 1 row to train on"),
            received=text("0, with validation_split={validation}", validation=validation_split),
            fix=text("Give more rows or smaller fractions."),
        )
    return Splits.of_rows(np.arange(first), np.arange(first, n_rows))


def with_hold_out(dataset: Dataset, *, validation_split: Number, test_split: Number, seed: int) -> Splits:
    """New splits of a data set, stratified where its targets are classes; test rows it came with stay.

    Args:
        dataset: Any, with a test part or none.
        validation_split: As in `hold_out`.
        test_split: As in `hold_out`.
        seed: As in `hold_out`.

    Returns:
        The splits.
    """
    return hold_out(
        len(dataset),
        strata=dataset.class_ids if dataset.task == "classification" else None,
        validation_split=validation_split,
        test_split=test_split,
        seed=seed,
        test_rows=dataset.splits.test if dataset.splits.has_own_test else None,
        groups=dataset.splits.groups,
        order=dataset.splits.order,
    )


def with_splits(dataset: Dataset, splits: Splits) -> Dataset:
    """The data dealt out otherwise. A table is prepared anew where rows that now judge helped to prepare it.

    Args:
        dataset: Any.
        splits: Of its rows.

    Returns:
        The same rows with these splits, in memory only.
    """
    judges = np.concatenate([splits.validation, splits.test])
    if dataset.preparation is None or dataset.coded is None or not np.isin(judges, dataset.splits.train).any():
        return replace(dataset, splits=splits, recipe=None)
    preparation = dataset.preparation.on(dataset.coded[splits.train])
    inputs = preparation.apply(dataset.coded)
    return replace(dataset, splits=splits, recipe=None, preparation=preparation, inputs=inputs)


def check_fractions(**fractions: object) -> None:
    """Raise unless each fraction is at least 0 and below 1, and so is their sum.

    Args:
        **fractions: By the name of the argument.

    Raises:
        SettingError: If one is out of range, or the sum reaches 1.
    """
    for name, value in fractions.items():
        if not _is_fraction(value):
            raise SettingError(
                "fraction-range",
                what=text("Splitting the data"),
                expected=text("`{name}` from 0 to below 1", name=name),
                received=verbatim(repr(value)),
                fix=text("Give a fraction: 0.15 holds out 15 rows of 100."),
            )
    numbers = {name: value for name, value in fractions.items() if isinstance(value, Real)}
    total = sum(float(value) for value in numbers.values())
    if total >= 1:
        raise SettingError(
            "fraction-sum",
            what=text("Splitting the data"),
            expected=text("fractions that sum to less than 1, so that rows are left to train on"),
            received=text(
                "{fractions} (sum {total:g})",
                fractions=", ".join(f"{name}={value}" for name, value in numbers.items()),
                total=total,
            ),
            fix=text("Make one of them smaller."),
        )


def _is_fraction(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and 0 <= float(value) < 1


def _n_held(n_rows: int, fraction: Number, *, name: str) -> int:
    n_held = int(n_rows * fraction + 0.5)
    if fraction and not n_held:
        raise DataError(
            "rows-too-few",
            what=text("Splitting {n} rows", n=n_rows),
            expected=text("at least 1 row for `{name}`", name=name),
            received=verbatim(f"{name}={fraction}"),
            fix=text("Give more rows or a larger fraction, or 0 for no such part."),
        )
    return n_held


def _deal(
    rows: np.ndarray,
    strata: np.ndarray | None,
    *,
    n_held: int,
    seed: int,
    groups: np.ndarray | None,
    order: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, bool]:
    """(rows kept, rows held out, whether by class)."""
    from sklearn.model_selection import train_test_split

    if not n_held:
        return rows, rows[:0], strata is not None
    if order is not None:
        by_time = rows[np.argsort(order[rows], kind="stable")]
        return by_time[:-n_held], by_time[-n_held:], False
    if groups is not None:
        held = _whole_groups(rows, strata, groups, fraction=n_held / len(rows), seed=seed)
        return np.setdiff1d(rows, held), held, False
    if strata is not None:
        _, class_of_row, class_sizes = np.unique(strata[rows], return_inverse=True, return_counts=True)
        is_dealt = class_sizes[class_of_row] >= 2
        n_classes = int((class_sizes >= 2).sum())
        if n_classes and n_classes <= n_held <= is_dealt.sum() - n_classes:
            parts = train_test_split(
                rows[is_dealt], test_size=n_held, random_state=seed, stratify=class_of_row[is_dealt]
            )
            kept, held = np.asarray(parts[0]), np.asarray(parts[1])
            return np.concatenate([kept, rows[~is_dealt]]), held, True
    parts = train_test_split(rows, test_size=n_held, random_state=seed)
    return np.asarray(parts[0]), np.asarray(parts[1]), False


def _whole_groups(
    rows: np.ndarray, strata: np.ndarray | None, groups: np.ndarray, *, fraction: float, seed: int
) -> np.ndarray:
    """Whole groups of about this fraction of the rows: some folds of many, whichever number of folds fits best."""
    own = groups[rows]
    n_groups = len(np.unique(own))
    if n_groups < 2:
        raise DataError(
            "groups-too-few",
            what=text("Holding out whole groups"),
            expected=text("at least 2 groups"),
            received=verbatim(n_groups),
            fix=text("Give more groups, or 0 for no such part."),
        )
    fits = [(abs(max(1, round(fraction * n)) / n - fraction), n) for n in range(2, min(n_groups, MOST_FOLDS) + 1)]
    n = min(fits)[1]
    n_taken = min(max(1, round(fraction * n)), n - 1)
    random = np.random.RandomState(seed)
    strata = None if strata is None else strata[rows]
    folds = fold_rows(len(rows), n=n, random=random, strata=strata, groups=own)
    return rows[np.sort(np.concatenate(folds[:n_taken]))]
