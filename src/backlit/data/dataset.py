"""What a network is trained on: inputs, targets, and which rows serve which purpose.

Rows are never copied into a training set and a test set. A `Dataset` holds every row
once, and `Splits` holds three lists of row numbers, so that the same data can be dealt
out again (another seed, five folds) at no cost, and a leak can be looked for.

    >>> import numpy as np
    >>> data = Dataset("tiny", np.zeros((4, 2), "float32"), np.array([0, 1, 0, 1]),
    ...                task="classification", splits=Splits.of_rows([0, 1], [2], [3]))
    >>> data.input_shape, data.n_classes, len(data)
    ((2,), 2, 4)

Not for reading files or drawing splits: see `load` and `splits.py`.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Int, Shaped

from backlit.data.preparation import AbstractPreparation, Rejected
from backlit.data.table_summary import TableSummary
from backlit.errors import DataError
from backlit.language import Text, text, verbatim

Task = Literal["classification", "multi-label", "regression"]
TASKS: tuple[Task, ...] = ("classification", "multi-label", "regression")


@dataclass(frozen=True, eq=False)
class Splits:
    """Row numbers, sorted, of the three parts of a data set.

    Attributes:
        train: Rows that the weights are fitted to.
        validation: Rows that choose between networks; may be empty.
        test: Rows kept for the last judgement; may be empty.
        is_stratified: Whether every class has the same share of each part.
        seed: Of the shuffle that dealt the rows out; None if nothing was shuffled.
        has_own_test: Whether the test rows came with the data, so that no shuffle may move them.
        groups: For each row of the data a number that rows have in common which must not be parted; None if all may.
        order: For each row of the data its place in time, so that later rows judge earlier ones and nothing is
            shuffled; None if there is no order.
    """

    train: Int[np.ndarray, " train_row"]
    validation: Int[np.ndarray, " validation_row"]
    test: Int[np.ndarray, " test_row"]
    is_stratified: bool = False
    seed: int | None = None
    has_own_test: bool = False
    groups: Int[np.ndarray, " sample"] | None = None
    order: Int[np.ndarray, " sample"] | None = None

    @classmethod
    def of_rows(cls, train: Any, validation: Any = (), test: Any = (), **options: Any) -> "Splits":
        """Splits from any three collections of row numbers.

        Args:
            train: Rows to train on.
            validation: Rows to validate on.
            test: Rows to test on.
            **options: The other attributes.

        Returns:
            The splits, each sorted.

        Example:
            >>> Splits.of_rows([3, 0, 1], [2]).train.tolist()
            [0, 1, 3]
        """
        parts = [np.sort(np.asarray(rows, np.int64)) for rows in (train, validation, test)]
        return cls(parts[0], parts[1], parts[2], **options)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Number of rows for training, validation and test."""
        return len(self.train), len(self.validation), len(self.test)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Inputs and targets with their names, their task and their splits.

    Indexing gives one row with its batch axis, ready for a model: `model(data[0][0])`.

    Attributes:
        name: What messages, runs and figures call the data.
        inputs: One entry a row; float32 as a rule, int32 for token ids, float64 if given so.
        targets: Class ids, one column a class (one-hot, kept as given), 0/1 labels, or amounts.
        task: What is to be predicted; a key to losses and metrics.
        splits: Which rows train, validate and test.
        class_names: In the order of the class ids; for several labels, one name a label.
        feature_names: One for each column of a table, else empty.
        vocabulary: Words by token id for text (id 0 is padding), else empty.
        sample_weight: How much each row counts; None means equally.
        source: A key of `sources.py`, or "".
        recipe: What `load` needs to make the data again; None if they exist only in memory.
        preparation: How raw rows became the inputs; None if they stand as they came.
        notes: What was decided while reading, to be said aloud by `describe`.
        rejected: Rows or files that could not be read, with the reason.
        places: Where each row came from (a line of a file, a path); empty if that is not known.
        coded: The rows before they were prepared, where statistics of training rows went into that; else None.
        table: What was found in the columns of a table; None for other data.

    Raises:
        DataError: If inputs, targets, weights, groups or order differ in length, or a row serves two purposes.
    """

    name: str
    inputs: Shaped[np.ndarray, "sample ..."]
    targets: Shaped[np.ndarray, "sample ..."]
    task: Task
    splits: Splits
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    sample_weight: Float[np.ndarray, " sample"] | None = None
    source: str = ""
    recipe: dict[str, Any] | None = None
    preparation: AbstractPreparation | None = None
    notes: tuple[Text, ...] = field(default=())
    rejected: tuple[Rejected, ...] = ()
    places: tuple[int | str, ...] = ()
    coded: Shaped[np.ndarray, "sample ..."] | None = None
    table: TableSummary | None = None

    def __post_init__(self) -> None:
        """Check what every later step relies on, and freeze the arrays."""
        if self.preparation is None:
            object.__setattr__(self, "coded", None)  # rows that nobody can prepare again are of no use
        require_equal_rows(
            inputs=self.inputs,
            targets=self.targets,
            sample_weight=self.sample_weight,
            groups=self.splits.groups,
            order=self.splits.order,
            coded=self.coded,
        )
        _require_rows_apart(self.splits, len(self.inputs))
        for name in ("inputs", "targets", "sample_weight", "coded"):
            array = getattr(self, name)
            if array is not None:
                frozen = array.view()
                frozen.flags.writeable = False
                object.__setattr__(self, name, frozen)

    def __len__(self) -> int:
        """Number of rows in all splits together."""
        return len(self.inputs)

    def __getitem__(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """One row with its batch axis.

        Args:
            row: Number of the row; negative counts from the end.

        Returns:
            Its inputs and targets.

        Raises:
            IndexError: If there is no such row.
        """
        if not -len(self) <= row < len(self):
            raise IndexError(
                str(text("`{name}` has rows 0..{last}, not {row}.", name=self.name, last=len(self) - 1, row=row))
            )
        start = row % len(self)
        return self.inputs[start : start + 1], self.targets[start : start + 1]

    @property
    def train(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of the training rows."""
        return self._rows(self.splits.train)

    @property
    def validation(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of the validation rows."""
        return self._rows(self.splits.validation)

    @property
    def test(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of the test rows."""
        return self._rows(self.splits.test)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one input, without the batch axis."""
        return self.inputs.shape[1:]

    @property
    def is_one_hot(self) -> bool:
        """Whether classification targets have one column a class."""
        return self.task == "classification" and self.targets.ndim == 2

    @property
    def class_ids(self) -> Int[np.ndarray, " sample"]:
        """The class of each row as a whole number, also where targets are one-hot."""
        return self.targets.argmax(1).astype(np.int32) if self.is_one_hot else self.targets

    @cached_property
    def n_classes(self) -> int:
        """Number of classes; 0 unless the task is classification."""
        if self.task != "classification":
            return 0
        if self.is_one_hot:
            return self.targets.shape[1]
        return len(self.class_names) or int(self.targets.max()) + 1

    @property
    def output_size(self) -> int:
        """How many numbers a network has to give: classes, labels or amounts."""
        if self.task == "classification":
            return self.n_classes
        return self.targets.shape[1]

    def prepared_for(self, rows: Int[np.ndarray, " row"]) -> Shaped[np.ndarray, "sample ..."]:
        """The inputs of all rows, prepared by the statistics of some: those that a fold trains on.

        Args:
            rows: Rows whose means, spreads and medians are taken.

        Returns:
            As `inputs`, which they are where no statistics went into them.
        """
        if self.preparation is None or self.coded is None:
            return self.inputs
        return self.preparation.on(self.coded[rows]).apply(self.coded)

    def digest(self) -> str:
        """A fingerprint of contents and splits: equal for equal data, on every machine.

        Returns:
            32 hexadecimal digits (BLAKE2b).

        Example:
            >>> import numpy as np
            >>> x, y = np.zeros((2, 1), "float32"), np.array([0, 1])
            >>> a = Dataset("a", x, y, task="classification", splits=Splits.of_rows([0, 1]))
            >>> b = Dataset("b", x, y, task="classification", splits=Splits.of_rows([0], [1]))
            >>> a.digest() == b.digest()
            False
        """
        fingerprint = blake2b(digest_size=16)
        rows = self.splits.train, self.splits.validation, self.splits.test
        bonds = [array for array in (self.splits.groups, self.splits.order) if array is not None]
        for array in (self.inputs, self.targets, self.sample_weight, *rows, *bonds):
            if array is None:
                fingerprint.update(b"none;")
                continue
            fingerprint.update(f"{array.dtype.str}{array.shape};".encode())
            fingerprint.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        names = [self.task, self.class_names, self.feature_names, self.vocabulary]
        names += [] if self.splits.order is None else ["in order"]
        fingerprint.update(json.dumps(names).encode())
        return fingerprint.hexdigest()

    def describe(self) -> tuple[Text, ...]:
        """What the data are, in a few lines: rows, shape, task, classes, splits, notes.

        Returns:
            One `Text` a line; `str(line)` is English, `line.say("zh")` Chinese.
        """
        from backlit.data.describe import describe

        return describe(self)

    def words(self, row: int) -> str:
        """The sentence of a row of text data, padding left out.

        Args:
            row: Row number.

        Returns:
            The words, a space between; "" if the data have no vocabulary.
        """
        if not self.vocabulary:
            return ""
        return " ".join(self.vocabulary[token] for token in self.inputs[row] if token)

    def _rows(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if len(rows) == len(self) and np.array_equal(rows, np.arange(len(self))):
            return self.inputs, self.targets
        return self.inputs[rows], self.targets[rows]


def require_equal_rows(**arrays: np.ndarray | None) -> None:
    """Raise unless all arrays have the same number of rows.

    Args:
        **arrays: By the name that the message shall show; None is left out.

    Raises:
        DataError: If two lengths differ.
    """
    sizes = {name: len(array) for name, array in arrays.items() if array is not None}
    if len(set(sizes.values())) > 1:
        raise DataError(
            "row-counts-differ",
            what=text("Pairing inputs with targets"),
            expected=text("the same number of rows everywhere"),
            received=verbatim(", ".join(f"`{name}` {size}" for name, size in sizes.items())),
            fix=text("Check that both come from the same file, and that neither was filtered alone."),
        )


def _require_rows_apart(splits: Splits, n_rows: int) -> None:
    """A row may train several times, as in a bootstrap sample, but not train and judge."""
    rows = np.concatenate([np.unique(part) for part in (splits.train, splits.validation, splits.test)])
    outside = rows[(rows < 0) | (rows >= n_rows)]
    if len(outside):
        raise DataError(
            "split-outside",
            what=text("Splitting the data"),
            expected=text("row numbers 0..{last}", last=n_rows - 1),
            received=verbatim(outside[0]),
            fix=text("Use row numbers that count from 0."),
        )
    numbers, counts = np.unique(rows, return_counts=True)
    if (counts > 1).any():
        raise DataError(
            "split-overlap",
            what=text("Splitting the data"),
            expected=text("each row in one split"),
            received=text(
                "{n} rows in two, first at row index {row}", n=int((counts > 1).sum()), row=int(numbers[counts > 1][0])
            ),
            fix=text("A row that trains cannot also judge: take it out of one of the splits."),
        )
