"""Rows dealt out anew, once for each member: folds, bags, subsets, or lists of one's own.

    folds(5)                 each fifth of the rows validates once, while the other four train
    bags(10)                 training rows drawn with replacement, as many as there are
    subsets([50, 100])       the first 50 training rows of a shuffle, the first 100: each holds the one before
    given_rows([[0, 3, 7]])  as they are listed

`fit(model, data, rows=folds(5))` trains one member on each deal. The test rows of the data stay test rows in all of
them. A deal is a function of the data and of its `spec`, which is kept with the run, so that a rerun deals alike.

    >>> from backlit.data.load import load
    >>> deals = folds(5)
    >>> deals.names, [splits.sizes for splits in deals.rows(load("iris"))][:2]
    (('fold',), [(101, 26, 23), (101, 26, 23)])

Not for splitting data once (see `splits.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Int

from backlit.data.dataset import Dataset, Splits
from backlit.data.folding import fold_rows
from backlit.data.options import Number, require_amount, require_count, require_seed
from backlit.errors import DataError, SettingError
from backlit.language import Text, text, verbatim


@dataclass(frozen=True)
class Deals:
    """Ways to deal out the rows of a data set; `folds`, `bags`, `subsets` and `given_rows` make it.

    Attributes:
        names: What members are told apart by, such as `fold`.
        points: The values of these names, one tuple a deal.
        spec: What makes equal Deals again, in words and numbers that JSON knows.
    """

    names: tuple[str, ...]
    points: tuple[tuple[Any, ...], ...]
    spec: Mapping[str, Any]
    _deal: Callable[[Dataset], list[Splits]] = field(repr=False, compare=False)

    def __len__(self) -> int:
        """How many deals."""
        return len(self.points)

    def rows(self, data: Dataset) -> list[Splits]:
        """The rows of each deal; a row may train several times, as in a bag, but never train and judge.

        Args:
            data: Any data set.

        Returns:
            One Splits for each of the points, in their order.

        Raises:
            DataError: If the data have too few rows or groups, or lack the rows that were listed.
        """
        return self._deal(data)


def deals_of(spec: Mapping[str, Any]) -> Deals:
    """The Deals of a spec.

    Args:
        spec: Of other Deals.

    Returns:
        Equal ones.

    Example:
        >>> deals_of(folds(5, seed=3).spec) == folds(5, seed=3)
        True
    """
    kinds: dict[str, Callable[..., Deals]] = {
        "folds": folds,
        "bags": bags,
        "subsets": subsets,
        "given_rows": given_rows,
    }
    arguments = dict(spec)
    return kinds[arguments.pop("kind")](**arguments)


def folds(n: Any, *, repeats: Any = 1, seed: Any = 0, groups: Any = None) -> Deals:
    """Cross-validation: training and validation rows in `n` parts, each of which validates once.

    Classes have the same share of every fold, give or take a row. Rows of one group stay together: the groups that are
    given here, or those that the data were loaded with. Data in order of time are not shuffled: a fold is validated by
    the rows that follow those it trains on.

    Args:
        n: How many folds, at least 2.
        repeats: How many times all rows are dealt out anew.
        seed: Of the shuffle.
        groups: One value a row of the data, equal for rows that belong together; None takes the data's own.

    Returns:
        What `fit(rows=…)` takes: an axis `fold`, and `repeat` where there are several.

    Example:
        >>> folds(2, repeats=2).points
        ((0, 0), (0, 1), (1, 0), (1, 1))

    Source:
        kohavi-1995, section 2.2.
    """
    n, repeats, seed = require_count("n", n, least=2), require_count("repeats", repeats), require_seed(seed)
    ids = None if groups is None else group_ids(groups)

    def deal(data: Dataset) -> list[Splits]:
        rows = _shared_rows(data)
        own = data.splits.groups if ids is None else ids
        if own is not None and len(own) != len(data):
            raise _groups_differ(len(own), len(data))
        if data.splits.order is not None:
            return _folds_in_order(data, rows[np.argsort(data.splits.order[rows], kind="stable")], n, repeats, own)
        random = np.random.RandomState(seed)
        strata = None if data.task != "classification" else data.class_ids[rows]
        held = [
            rows[fold]
            for _ in range(repeats)
            for fold in fold_rows(
                len(rows), n=n, random=random, strata=strata, groups=None if own is None else own[rows]
            )
        ]
        return [_splits(data, np.setdiff1d(rows, fold), fold, seed=seed) for fold in held]

    names = ("fold",) if repeats == 1 else ("repeat", "fold")
    points = tuple((repeat, fold)[-len(names) :] for repeat in range(repeats) for fold in range(n))
    kept = None if ids is None else ids.tolist()
    return Deals(names, points, {"kind": "folds", "n": n, "repeats": repeats, "seed": seed, "groups": kept}, deal)


def bags(n: Any, *, seed: Any = 0, fraction: Number = 1.0) -> Deals:
    """Bootstrap samples of the training rows; the validation rows are those of the data.

    A bag as large as the data holds 63 % of the rows, some of them several times.

    Args:
        n: How many bags.
        seed: Of the draws; bag `i` is the same however many there are.
        fraction: Rows of a bag, as a fraction of the training rows; above 0.

    Returns:
        What `fit(rows=…)` takes: an axis `bag`.

    Raises:
        SettingError: If the fraction is not above 0.

    Source:
        breiman-1996, section 1.
    """
    n, seed = require_count("n", n), require_seed(seed)
    fraction = require_amount("fraction", fraction)
    if not fraction:
        raise SettingError(
            "bag-empty",
            what=text("Drawing bags"),
            expected=text("`fraction` above 0"),
            received=verbatim(fraction),
            fix=text("1 draws as many rows as there are."),
        )

    def deal(data: Dataset) -> list[Splits]:
        train = data.splits.train
        size = max(1, int(len(train) * fraction + 0.5))
        drawn = [np.random.default_rng([seed, bag]).choice(train, size) for bag in range(n)]
        return [_splits(data, rows, data.splits.validation, seed=seed) for rows in drawn]

    points = tuple((bag,) for bag in range(n))
    return Deals(("bag",), points, {"kind": "bags", "n": n, "seed": seed, "fraction": fraction}, deal)


def subsets(sizes: Any, *, seed: Any = 0) -> Deals:
    """Beginnings of one shuffle of the training rows, so that a larger subset holds all smaller ones.

    In each, every class has its share of the training rows, give or take one row. Of data in order of time, the newest
    training rows are taken.

    Args:
        sizes: How many rows each subset has; at most as many as train.
        seed: Of the shuffle.

    Returns:
        What `fit(rows=…)` takes: an axis `n_rows`.

    Raises:
        SettingError: If there is no size, or one twice.

    Source:
        tijdeman-1980, section 2 (the classes' turns; any beginning deviates by less than one row).
    """
    seed = require_seed(seed)
    listed = sizes.tolist() if isinstance(sizes, np.ndarray) else list(sizes) if isinstance(sizes, Sequence) else []
    if not listed or len(set(listed)) < len(listed):
        raise SettingError(
            "subset-sizes",
            what=text("Reading the sizes of subsets"),
            expected=text("a list of different numbers of rows"),
            received=verbatim(repr(sizes)),
            fix=text("Write for example `subsets([50, 100, 200])`."),
        )
    counts = [require_count("sizes", size) for size in listed]

    def deal(data: Dataset) -> list[Splits]:
        n_train = len(data.splits.train)
        if max(counts) > n_train:
            raise DataError(
                "subset-too-large",
                what=text("Taking subsets of the training rows"),
                expected=text("at most {n} rows", n=n_train),
                received=verbatim(max(counts)),
                fix=text("Ask for smaller subsets."),
            )
        order = _growing(data, max(counts), seed)
        return [_splits(data, order[:count], data.splits.validation, seed=seed) for count in counts]

    points = tuple((count,) for count in counts)
    return Deals(("n_rows",), points, {"kind": "subsets", "sizes": counts, "seed": seed}, deal)


def given_rows(train: Any, *, validation: Any = None, seeds: Any = None) -> Deals:
    """Lists of rows, one for each member.

    Args:
        train: For each deal the rows that train; a row may stand several times.
        validation: For each deal the rows that validate; None takes the validation rows of the data.
        seeds: For each deal the seed of its member's first weights; None gives all the same, or takes `seeds` of `fit`.

    Returns:
        What `fit(rows=…)` takes: an axis `deal`, together with `seed` if seeds are given.

    Raises:
        SettingError: If a list is empty or holds no row numbers, or there are not as many of each.

    Example:
        >>> given_rows([[0, 1, 1], [2, 3]], seeds=[7, 8]).points
        ((0, 7), (1, 8))
    """
    lists = {"train": _row_lists("train", train)}
    if validation is not None:
        lists["validation"] = _row_lists("validation", validation, may_be_empty=True)
    numbers = None if seeds is None else [require_seed(seed) for seed in seeds]
    lengths = {name: len(values) for name, values in lists.items()} | (
        {} if numbers is None else {"seeds": len(numbers)}
    )
    if len(set(lengths.values())) > 1:
        raise SettingError(
            "deals-lengths",
            what=text("Reading lists of rows"),
            expected=text("as many of each"),
            received=verbatim(", ".join(f"{name}: {length}" for name, length in lengths.items())),
            fix=text("Give one list, and one seed, for each member."),
        )

    def deal(data: Dataset) -> list[Splits]:
        held = lists.get("validation") or [data.splits.validation] * len(lists["train"])
        dealt = [_splits(data, rows, own, seed=None) for rows, own in zip(lists["train"], held, strict=True)]
        for number, splits in enumerate(dealt):
            _require_apart(splits, len(data), number)
        return dealt

    n = lengths["train"]
    points = tuple((i,) for i in range(n)) if numbers is None else tuple(enumerate(numbers))
    plain = {name: [rows.tolist() for rows in values] for name, values in lists.items()}
    spec = {"kind": "given_rows", "validation": None, **plain, "seeds": numbers}
    return Deals(("deal",) if numbers is None else ("deal", "seed"), points, spec, deal)


def group_ids(groups: Any) -> Int[np.ndarray, " sample"]:
    """Groups of any kind as whole numbers from 0.

    Args:
        groups: One value a row, equal for rows that belong together.

    Returns:
        One number a row.

    Raises:
        DataError: If it is not one value a row.

    Example:
        >>> group_ids(["ann", "bob", "ann"]).tolist()
        [0, 1, 0]
    """
    values = np.asarray(groups)
    if values.ndim != 1 or not len(values):
        raise DataError(
            "groups-shape",
            what=text("Reading `groups`"),
            expected=text("one value a row, shape (rows,)"),
            received=text("an array of shape {shape}", shape=values.shape),
            fix=text("Give one number or name for each row."),
        )
    return np.unique(values.astype(str) if values.dtype == object else values, return_inverse=True)[1].astype(np.int64)


def _shared_rows(data: Dataset) -> np.ndarray:
    """Rows that folds are dealt from: all but the test rows."""
    return np.sort(np.concatenate([data.splits.train, data.splits.validation]))


def _splits(data: Dataset, train: Any, validation: Any, *, seed: int | None) -> Splits:
    own = data.splits
    return Splits.of_rows(
        train,
        validation,
        own.test,
        is_stratified=own.is_stratified,
        seed=seed,
        has_own_test=own.has_own_test,
        groups=own.groups,
        order=own.order,
    )


def _folds_in_order(data: Dataset, rows: np.ndarray, n: int, repeats: int, groups: np.ndarray | None) -> list[Splits]:
    """Folds of rows in order of time: fold by fold, more rows train and the next ones validate."""
    from sklearn.model_selection import TimeSeriesSplit

    if repeats > 1 or groups is not None:
        raise SettingError(
            "folds-in-order",
            what=text("Dealing rows in order of time into folds"),
            expected=text("neither `repeats` nor `groups`"),
            received=verbatim(f"`repeats={repeats}`" if repeats > 1 else "`groups`"),
            fix=text("Leave it out: rows that stay in order can be dealt in one way only."),
        )
    if len(rows) <= n:
        raise DataError(
            "folds-too-many",
            what=text("Dealing rows into {n} folds", n=n),
            expected=text("at least {n} rows", n=n + 1),
            received=text("{n}", n=len(rows)),
            fix=text("Ask for fewer folds."),
        )
    return [_splits(data, rows[kept], rows[held], seed=None) for kept, held in TimeSeriesSplit(n).split(rows)]


def _growing(data: Dataset, n: int, seed: int) -> np.ndarray:
    """Training rows in an order of which every beginning has each class's share; the first `n` of them."""
    train = data.splits.train
    if data.splits.order is not None:
        return train[np.argsort(data.splits.order[train], kind="stable")][::-1][:n]
    shuffled = np.random.default_rng(seed).permutation(train)
    if data.task != "classification":
        return shuffled[:n]
    classes = data.class_ids[shuffled]
    ids, n_of = np.unique(classes, return_counts=True)
    if len(ids) == 1:
        return shuffled[:n]
    waiting = [iter(shuffled[classes == one]) for one in ids]
    turns = _turns(n_of / n_of.sum(), n)
    return np.array([next(waiting[turn]) for turn in turns])


def _turns(shares: np.ndarray, n: int) -> list[int]:
    """Whose turn it is, so that after each turn everyone had theirs to less than one: who must be served first, is.

    Of those that are behind by a part of a turn, the one whose next turn falls due earliest (Tijdeman's rule).
    """
    part = 1 / (2 * len(shares) - 2)
    behind = np.zeros(len(shares))
    turns = []
    for _ in range(n):
        behind += shares
        due = np.where(behind >= part - 1e-9, (1 - part - behind) / shares, np.inf)
        turn = int(np.argmin(due))
        behind[turn] -= 1
        turns.append(turn)
    return turns


def _row_lists(name: str, lists: Any, *, may_be_empty: bool = False) -> list[np.ndarray]:
    arrays = [np.asarray(rows) for rows in lists] if np.iterable(lists) else []
    wrong = [
        i
        for i, rows in enumerate(arrays)
        if rows.ndim != 1 or (len(rows) == 0 and not may_be_empty) or (len(rows) and rows.dtype.kind not in "iu")
    ]
    if not arrays or wrong:
        received: Text = text("no list") if not arrays else text("list {i}: {rows}", i=wrong[0], rows=arrays[wrong[0]])
        raise SettingError(
            "deals-rows",
            what=text("Reading `{name}`", name=name),
            expected=text("lists of row numbers, one for each member"),
            received=received,
            fix=text("Write for example `given_rows([[0, 1, 2], [2, 3, 4]])`."),
        )
    return [rows.astype(np.int64) for rows in arrays]


def _require_apart(splits: Splits, n_rows: int, number: int) -> None:
    """Refuses lists that name rows that are not there, or that train and judge."""
    parts = [np.unique(part) for part in (splits.train, splits.validation, splits.test)]
    rows, counts = np.unique(np.concatenate(parts), return_counts=True)
    outside, twice = rows[(rows < 0) | (rows >= n_rows)], rows[counts > 1]
    if len(outside) or len(twice):
        raise DataError(
            "deals-rows-shared",
            what=text("Dealing out list {number}", number=number),
            expected=text("row numbers 0..{last}, each in one part", last=n_rows - 1),
            received=text("row {row}", row=int(outside[0]))
            if len(outside)
            else text("row {row} in two of training, validation and test", row=int(twice[0])),
            fix=text("List rows that neither validate nor test, or give `validation` lists of their own."),
        )


def _groups_differ(n_given: int, n_rows: int) -> DataError:
    return DataError(
        "groups-count",
        what=text("Reading `groups`"),
        expected=text("{n} values, one for each row of the data", n=n_rows),
        received=verbatim(n_given),
        fix=text("Give the group of every row, those that validate and test included."),
    )
