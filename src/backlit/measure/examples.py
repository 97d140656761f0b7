"""A few rows that a network never trained on, to look at what it makes of them; and rows as pictures.

Rows are taken evenly over the split, so that data sorted by class show more than the first class, and the same rows
are taken every time.

Not for scores: see `judged.py`.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int, Shaped

from backlit.data import Dataset, Splits
from backlit.language import Words
from backlit.measure.judged import SPLIT_WORDS
from backlit.measure.pictures import are_pictures
from backlit.measure.subject import AbstractSubject


@dataclass(frozen=True, eq=False)
class Examples:
    """Some rows of a run's data.

    Attributes:
        split: Of which split.
        rows: Their numbers in the data.
        inputs: As the network reads them.
        targets: As the network is to give them.
        names: Name of each row's class; "" where there are no classes.
    """

    split: str
    rows: Int[np.ndarray, " row"]
    inputs: Shaped[np.ndarray, "row ..."]
    targets: Shaped[np.ndarray, "row ..."]
    names: tuple[str, ...]

    @property
    def split_words(self) -> Words:
        """The split, for people."""
        return SPLIT_WORDS[self.split]

    @property
    def pictures(self) -> Shaped[np.ndarray, "row height width channel"] | None:
        """The rows as pictures, or None where they are none."""
        return as_pictures(self.inputs)


def examples_of(subject: AbstractSubject, n: int = 1) -> Examples:
    """Rows of the best member's data: test rows, else validation, else training rows.

    Args:
        subject: A run of which a member finished.
        n: How many at most.

    Returns:
        The rows.
    """
    data, splits = subject.best_data, subject.splits_of(subject.best)
    split = next(name for name in ("test", "validation", "train") if len(getattr(splits, name)))
    rows = np.asarray(getattr(splits, split))
    rows = rows[np.linspace(0, len(rows) - 1, min(n, len(rows))).round().astype(int)]
    names = ("",) * len(rows)
    if data.task == "classification":
        known = data.class_names or tuple(str(i) for i in range(data.n_classes))
        names = tuple(known[i] for i in np.asarray(data.class_ids)[rows])
    return Examples(split, rows, data.inputs[rows], data.targets[rows], names)


def few_training_rows(data: Dataset, *, most: int, seed: int = 0) -> Dataset:
    """The same data with some of the training rows, for what would take too long on all of them.

    Args:
        data: Any.
        most: Training rows to keep.
        seed: Of the choice.

    Returns:
        The data themselves where they have no more.
    """
    splits = data.splits
    if len(splits.train) <= most:
        return data
    kept = np.random.default_rng(seed).choice(splits.train, most, replace=False)
    return replace(data, splits=Splits.of_rows(kept, splits.validation, splits.test))


def as_pictures(
    rows: Shaped[np.ndarray, "row ..."],
) -> Shaped[np.ndarray, "row height width channel"] | None:
    """Rows as pictures, whatever their size.

    Args:
        rows: As a network reads them.

    Returns:
        With an axis for the channels; None where the rows are no pictures.

    Example:
        >>> as_pictures(np.zeros((2, 8, 8))).shape, as_pictures(np.zeros((2, 30)))
        ((2, 8, 8, 1), None)
    """
    if not np.issubdtype(rows.dtype, np.number) or not are_pictures(rows.shape[1:]):
        return None
    return rows[..., None] if rows.ndim == 3 else rows
