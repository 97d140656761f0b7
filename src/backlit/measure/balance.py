"""How often each class, or each amount, is there: rows by class and split, or a histogram of the targets.

    class     training   validation   test
    cat             70           15     15
    dog              7            1      2

A class that has few rows is learned badly and hardly moves the accuracy. An amount whose rows crowd at one end, or of
which a split holds another part than the rest, is a reason to look again at the data.

Not for inputs (see `data/overview.py`).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from backlit.data import Dataset
from backlit.language import Words
from backlit.measure.judged import SPLIT_WORDS
from backlit.measure.subject import AbstractSubject

MOST_CLASSES = 25
"""Classes that are named. Source: ours, as many names as fit below a chart."""

MOST_BINS = 20
MOST_TARGETS = 4
"""Amounts that have a histogram. Source: ours."""


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """Rows of each class by split.

    Attributes:
        splits: Names of the splits that have rows.
        names: Of the classes: all in their order, or the 25 with most rows, the largest first.
        counts: Rows.
        n_classes: All classes.
        has_several: Whether a row may carry several of them.
    """

    splits: tuple[Words, ...]
    names: tuple[str, ...]
    counts: Int[np.ndarray, "split class_"]
    n_classes: int
    has_several: bool


@dataclass(frozen=True, eq=False)
class TargetHistogram:
    """How the amounts to predict are distributed.

    Attributes:
        splits: Names of the splits that have rows.
        number: Which target, from 1; 0 where there is one alone.
        edges: Borders of the bins.
        counts: Rows in each bin.
    """

    splits: tuple[Words, ...]
    number: int
    edges: Float[np.ndarray, " edge"]
    counts: Int[np.ndarray, "split bin"]


def balance(subject: AbstractSubject) -> ClassCounts | tuple[TargetHistogram, ...]:
    """Counts the rows of each class, or of each range of amounts.

    Args:
        subject: A run.

    Returns:
        Counts of classes or labels; for amounts one histogram a target, at most four.
    """
    data = subject.data
    _ = data.train  # data of which only the first rows are at hand say so here
    splits = {name: rows for name in SPLIT_WORDS if len(rows := getattr(data.splits, name))}
    words = tuple(SPLIT_WORDS[name] for name in splits)
    if data.task == "regression":
        n_targets = data.targets.shape[1]
        return tuple(
            _histogram(np.asarray(data.targets[:, i], np.float64), splits, words, i + 1 if n_targets > 1 else 0)
            for i in range(min(n_targets, MOST_TARGETS))
        )
    return _classes(data, splits, words)


def _classes(data: Dataset, splits: dict[str, np.ndarray], words: tuple[Words, ...]) -> ClassCounts:
    if data.task == "multi-label":
        counts = np.stack([(data.targets[rows] > 0).sum(0) for rows in splits.values()])
    else:
        ids = np.asarray(data.class_ids)
        counts = np.stack([np.bincount(ids[rows], minlength=data.n_classes) for rows in splits.values()])
    n_classes = counts.shape[1]
    shown = np.arange(n_classes)
    if n_classes > MOST_CLASSES:
        shown = np.argsort(-counts.sum(0), kind="stable")[:MOST_CLASSES]
    names = data.class_names or tuple(str(i) for i in range(n_classes))
    return ClassCounts(
        words,
        tuple(names[i] for i in shown),
        counts[:, shown].astype(np.int64),
        n_classes,
        has_several=data.task == "multi-label",
    )


def _histogram(
    targets: np.ndarray, splits: dict[str, np.ndarray], words: tuple[Words, ...], number: int
) -> TargetHistogram:
    edges = _round_edges(targets[np.isfinite(targets)])
    finite = np.isfinite(targets)
    inside = np.clip(targets, edges[0], edges[-1])  # an end may be missed by rounding
    counts = np.stack([np.histogram(inside[rows[finite[rows]]], bins=edges)[0] for rows in splits.values()])
    return TargetHistogram(words, number, edges.astype(np.float64), counts.astype(np.int64))


def _round_edges(values: np.ndarray) -> np.ndarray:
    """Borders of at most 20 bins, 1, 2 or 5 times a power of ten wide, so that they can be read off an axis."""
    low, high = float(values.min()), float(values.max())
    if not high > low:
        return np.array([low - 0.5, low + 0.5])
    power = 10.0 ** np.floor(np.log10((high - low) / MOST_BINS))
    ends = [(width, np.floor(low / width), np.ceil(high / width)) for width in power * np.array([1, 2, 5, 10, 20])]
    width, first, last = next(one for one in ends if one[2] - one[1] <= MOST_BINS)
    return np.arange(first, last + 1) * width
