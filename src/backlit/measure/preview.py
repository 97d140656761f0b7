"""A few training rows of each class, or from the smallest to the largest amount: what the network is shown.

    10 classes      the first three rows of each           60 classes     the first row of each of 30
    amounts         six rows, evenly from the smallest to the largest

Not for rows that were predicted wrongly (see `mistaken.py`).
"""

from dataclasses import dataclass

import numpy as np

from backlit.data import Dataset
from backlit.measure.pictures import Pictures, are_pictures, small_pictures
from backlit.measure.subject import AbstractSubject
from backlit.measure.told_rows import ToldRow, tell_rows

MOST_PICTURES, MOST_ROWS = 30, 12
"""Examples on a page. Source: ours."""

MOST_EACH = 3
N_AMOUNTS = 6


@dataclass(frozen=True, eq=False)
class Preview:
    """A few training rows.

    Attributes:
        labels: Of each row: its class, its labels with commas, or its amount.
        has_amounts: Whether the labels are amounts.
        pictures: The rows where they are pictures, else None.
        told: The rows where they are no pictures, else empty.
    """

    labels: tuple[str, ...]
    has_amounts: bool
    pictures: Pictures | None
    told: tuple[ToldRow, ...]


def preview(subject: AbstractSubject) -> Preview | None:
    """Chooses a few training rows.

    Args:
        subject: A run.

    Returns:
        Rows with their labels; None where no row trains.
    """
    data = subject.data
    _ = data.train  # data of which only the first rows are at hand say so here
    train = np.unique(data.splits.train)
    if not len(train):
        return None
    has_pictures = are_pictures(data.input_shape)
    rows = _chosen(data, train, MOST_PICTURES if has_pictures else MOST_ROWS)
    labels = tuple(_label(data, int(row)) for row in rows)
    pictures = small_pictures(data.inputs[rows]) if has_pictures else None
    told = () if has_pictures else tell_rows(data, rows)
    return Preview(labels, data.task == "regression", pictures, told)


def _chosen(data: Dataset, train: np.ndarray, most: int) -> np.ndarray:
    if data.task == "regression":
        order = train[np.argsort(data.targets[train, 0], kind="stable")]
        return order[np.unique(np.linspace(0, len(order) - 1, N_AMOUNTS).round().astype(int))]
    if data.task == "multi-label":
        return train[: most // 2]
    ids = np.asarray(data.class_ids)[train]
    each = int(np.clip(most // data.n_classes, 1, MOST_EACH))
    found = [train[ids == class_id][:each] for class_id in range(data.n_classes)]
    return np.concatenate(found)[:most]


def _label(data: Dataset, row: int) -> str:
    if data.task == "regression":
        return ", ".join(f"{value:.4g}" for value in data.targets[row])
    names = data.class_names or tuple(str(i) for i in range(data.output_size))
    if data.task == "multi-label":
        return ", ".join(name for name, is_in in zip(names, data.targets[row] > 0, strict=True) if is_in) or "–"
    return names[int(data.class_ids[row])]
