"""Which training rows have labels, which have none, and what becomes of those that a network labelled.

    for each seed:   labelled rows   ·   rows without a label   →   pseudo-labels   →   rows of the next epoch

All seeds train on one data set, each on rows of its own, so that they stay one program.

Not for training (see `pseudo_labelling.py`) nor for deciding which rows a network is sure of (see `measure`).
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int

from backlit.data import Dataset, rows_to_predict
from backlit.data.frames import is_frame
from backlit.data.inputs import read_inputs
from backlit.data.options import require_count
from backlit.errors import DataError, SettingError
from backlit.language import Text, text, verbatim
from backlit.measure.pseudo_labels import filled_rows

PER_CLASS = 5
"""Labelled rows of each class unless something else is asked for."""


@dataclass(frozen=True, eq=False)
class PseudoLabels:
    """What one network labelled.

    Attributes:
        rows: Numbers of the rows in the data; rows of `unlabelled=` count on behind the data's own.
        classes: Class that each was given.
        n_right: How many are right; None where nobody knows.
    """

    rows: Int[np.ndarray, " sure"]
    classes: Int[np.ndarray, " sure"]
    n_right: int | None


@dataclass(frozen=True, eq=False)
class Pool:
    """Rows that train: with labels, and without.

    Attributes:
        data: All rows.
        labelled: For each seed its labelled rows.
        unlabelled: For each seed the rows without labels.
        is_known: Whether their labels are known and only hidden.
        size: Rows of an epoch.
        notes: What is to be said aloud of the rows without labels.
    """

    data: Dataset
    labelled: tuple[np.ndarray, ...]
    unlabelled: tuple[np.ndarray, ...]
    is_known: bool
    size: int
    notes: tuple[Text, ...] = ()

    @property
    def n_unlabelled(self) -> int:
        """Rows without a label, as each seed sees it."""
        return len(self.unlabelled[0])


def pool_of(data: Dataset, seeds: list[int], *, per_class: Any, labelled: Any, unlabelled: Any) -> Pool:
    """Who has a label.

    Args:
        data: A task with classes.
        seeds: Of the members.
        per_class: Labelled rows of each class that each seed draws, or None.
        labelled: Training rows whose labels all may use, or None.
        unlabelled: Inputs of further rows, or None.

    Returns:
        The pool.

    Raises:
        SettingError: If rows with labels are chosen in two ways.
    """
    given = {"n_labelled_per_class": per_class, "labelled": labelled, "unlabelled": unlabelled}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise SettingError(
            "pseudo-label-rows",
            what=text("Choosing labelled rows"),
            expected=text("one of `n_labelled_per_class`, `labelled` and `unlabelled`"),
            received=text("`{first}` and `{second}`", first=named[0], second=named[1]),
            fix=text("Leave one out."),
        )
    train = data.splits.train
    if unlabelled is not None:
        inputs, notes = _read_unlabelled(unlabelled, data)
        more = np.arange(len(data), len(data) + len(inputs))
        joined = _grown(data, inputs, np.zeros(len(inputs), np.int64))
        return Pool(joined, (train,) * len(seeds), (more,) * len(seeds), False, len(train) + len(more), notes)
    if labelled is not None:
        rows = _read_labelled(labelled, train)
        mine = (rows,) * len(seeds)
    else:
        n = require_count("n_labelled_per_class", PER_CLASS if per_class is None else per_class)
        mine = tuple(_drawn(data, n, seed) for seed in seeds)
    return Pool(data, mine, tuple(np.setdiff1d(train, rows) for rows in mine), True, len(train))


def with_labels(pool: Pool, labels: tuple[PseudoLabels, ...]) -> tuple[Dataset, list[np.ndarray]]:
    """Data in which each pseudo-label of any seed has a row, and the rows that each seed trains on.

    Seeds may disagree about a row, and a row has but one target. So labels that are the target of their row use that
    row, whoever gave them; each other pair of row and label gets a further row.

    Args:
        pool: Rows with and without labels.
        labels: Of each seed.

    Returns:
        The data, and for each seed the rows of an epoch.
    """
    n, n_classes = len(pool.data), pool.data.n_classes
    actual = np.asarray(pool.data.class_ids)
    others = [one.classes != actual[one.rows] for one in labels]
    pairs = np.unique(
        np.concatenate(
            [
                one.rows[is_other] * n_classes + one.classes[is_other]
                for one, is_other in zip(labels, others, strict=True)
            ]
        )
    )
    lists = []
    for mine, one, is_other in zip(pool.labelled, labels, others, strict=True):
        places = np.searchsorted(pairs, one.rows * n_classes + one.classes)
        rows = np.where(is_other, n + places, one.rows)
        lists.append(filled_rows(mine, rows, size=pool.size))
    if not len(pairs):
        return pool.data, lists
    return _grown(pool.data, pool.data.inputs[pairs // n_classes], pairs % n_classes), lists


def _drawn(data: Dataset, n: int, seed: int) -> np.ndarray:
    """So many training rows of each class."""
    train = data.splits.train
    classes = np.asarray(data.class_ids)[train]
    random = np.random.default_rng(seed)
    rows = []
    for one in range(data.n_classes):
        own = train[classes == one]
        if len(own) <= n:
            raise DataError(
                "pseudo-label-class",
                what=text("Drawing {n} labelled rows of each class", n=n),
                expected=text("more training rows than that in each"),
                received=text("{n} of class {one}", n=len(own), one=data.class_names[one] if data.class_names else one),
                fix=text("Ask for fewer, or merge rare classes."),
            )
        rows.append(random.choice(own, n, replace=False))
    return np.sort(np.concatenate(rows))


def _read_labelled(labelled: Any, train: np.ndarray) -> np.ndarray:
    rows = np.unique(np.asarray(labelled))
    wrong = rows[~np.isin(rows, train)] if rows.dtype.kind in "iu" else rows
    if not len(rows) or len(wrong) or len(rows) == len(train):
        raise SettingError(
            "labelled-rows",
            what=text("Reading `labelled`"),
            expected=text("numbers of training rows, some but not all of the {n}", n=len(train)),
            received=text("{n} numbers, of which {value} is none", n=len(rows), value=wrong[0])
            if len(wrong)
            else text("{n} numbers", n=len(rows)),
            fix=text("`data.splits.train` lists the training rows."),
        )
    return rows.astype(np.int64)


def _read_unlabelled(unlabelled: Any, data: Dataset) -> tuple[np.ndarray, tuple[Text, ...]]:
    """Inputs without labels, and what is to be said about them: of a file or a frame, rows that cannot be read."""
    if isinstance(unlabelled, str | Path) or is_frame(unlabelled):
        new = rows_to_predict(unlabelled, data)
        inputs, notes = new.inputs, list(new.notes)
        if new.rejected:
            first = new.rejected[0]
            notes.append(
                text(
                    "{n} rows without labels could not be read and are left out, the first ({place}): {reason}.",
                    n=len(new.rejected),
                    place=first.place,
                    reason=first.reason,
                )
            )
    else:
        inputs, notes = read_inputs(unlabelled, what=text("Reading `unlabelled`")), []
    if inputs.shape[1:] != data.input_shape:
        raise DataError(
            "unlabelled-shape",
            what=text("Reading `unlabelled`"),
            expected=text("rows of shape {shape}", shape=data.input_shape),
            received=verbatim(inputs.shape[1:]),
            fix=text("Prepare them as the data were."),
        )
    return inputs.astype(data.inputs.dtype), tuple(notes)


def _grown(data: Dataset, inputs: np.ndarray, classes: np.ndarray) -> Dataset:
    """The data with further rows, which are in no split."""
    targets = np.eye(data.n_classes, dtype=data.targets.dtype)[classes] if data.is_one_hot else classes
    weight = data.sample_weight
    return replace(
        data,
        inputs=np.concatenate([data.inputs, inputs]),
        targets=np.concatenate([data.targets, targets.astype(data.targets.dtype)]),
        sample_weight=None if weight is None else np.concatenate([weight, np.ones(len(inputs), weight.dtype)]),
        splits=replace(data.splits, groups=None),
        recipe=None,
        coded=None,
        places=(),
    )
