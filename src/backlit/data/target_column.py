"""What is to be predicted: the column, and whether its cells are classes or amounts.

| target column | task |
| --- | --- |
| names, yes/no | classification |
| whole numbers, at most 20 different | classification, each number a class name |
| other numbers | regression |

Rows without a target teach nothing: they are set aside and counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from jaxtyping import Bool, Shaped

from backlit.data.columns import read_amounts, read_words
from backlit.data.dataset import Task
from backlit.data.kinds import number_style
from backlit.data.options import require_choice
from backlit.data.preparation import Rejected
from backlit.data.raw_table import MOST_REJECTED_FRAC, RawTable
from backlit.errors import DataError, did_you_mean
from backlit.language import Text, text

MOST_CLASSES = 20
"""A whole-number target with more distinct values is an amount. Source: ours, a convention said aloud."""

TARGET_NAMES = ("target", "label", "class", "y", "标签", "类别", "目标")
"""A column of this name is the target unless the caller says otherwise."""


@dataclass(frozen=True, eq=False)
class TargetColumn:
    """The targets of all rows; those of rows that are not kept mean nothing.

    Attributes:
        values: Class ids, or amounts in one column.
        task: What is to be predicted.
        class_names: In the order of the ids.
        is_kept: Rows that have a target.
        rejected: The others.
    """

    values: Shaped[np.ndarray, "sample ..."]
    task: Task
    class_names: tuple[str, ...]
    is_kept: Bool[np.ndarray, " sample"]
    rejected: tuple[Rejected, ...]


def target_column(table: RawTable, target: str | int | None) -> tuple[str, Text]:
    """The column to predict, and why it was chosen.

    Args:
        table: The table.
        target: Its name or position; None takes one of `TARGET_NAMES`, else the last.

    Returns:
        Its name, and a sentence.
    """
    columns = table.cells.columns
    if target is None:
        named = [column for column in columns if column.lower() in TARGET_NAMES]
        if len(named) == 1:
            return named[0], text("Target: column `{name}`, for its name; choose another with `target`", name=named[0])
        return columns[-1], text("Target: column `{name}`, the last; choose another with `target`", name=columns[-1])
    if isinstance(target, str) and target in columns:
        return target, text("Target: column `{name}`, as asked", name=target)
    position = int(target) if str(target).removeprefix("-").isdecimal() else len(columns)
    if not -len(columns) <= position < len(columns):
        require_column(table, str(target))
        position = columns.index(str(target))
    return columns[position], text("Target: column `{name}`, as asked", name=columns[position])


def require_column(table: RawTable, name: str) -> None:
    """Raise unless there is a column of this name.

    Args:
        table: The table.
        name: What the caller wrote.

    Raises:
        DataError: If there is none.
    """
    columns = table.cells.columns
    if name not in columns:
        raise DataError(
            "column-unknown",
            what=text("Reading `{path}`", path=table.name),
            expected=text("the name of a column, or a position 0..{last}", last=len(columns) - 1),
            received=text("`{name}`", name=name),
            fix=did_you_mean(name, columns),
        )


def read_target(table: RawTable, name: str, task: str | None, kinds: Mapping[str, str]) -> TargetColumn:
    """The targets of a table.

    Args:
        table: All rows.
        name: The column.
        task: "classification", "regression", or None to tell from the cells.
        kinds: What the caller said about columns.

    Returns:
        Classes or amounts, and the rows without.

    Raises:
        DataError: If no row has a target, some are of another kind than most, or they make no classes.
    """
    if task is not None:
        require_choice("task", task, ("classification", "regression"))
    cells = table.cells[name]
    words = read_words(cells)
    is_missing = words.is_null().to_numpy()
    n_known = int((~is_missing).sum())
    if not n_known:
        raise DataError(
            "target-missing",
            what=text("Reading `{path}`", path=table.name),
            expected=text("values in the target column `{name}`", name=name),
            received=text("none in {n} rows", n=len(table)),
            fix=text("Choose another column with `target`."),
        )
    style = number_style(words.drop_nulls(), table.separator) if words.dtype == pl.String else ""
    amounts, is_word = read_amounts(cells, style)
    if task is None and kinds.get(name) in ("category", "boolean"):
        task = "classification"
    is_named = cells.dtype == pl.Boolean or is_word.sum() > n_known / 2
    if is_named and task == "regression":
        raise _words_among_numbers(table, name, is_word if is_word.any() else ~is_missing)
    numbers = amounts[~is_missing & ~is_word]
    distinct = np.unique(numbers)
    is_whole = bool((distinct == np.floor(distinct)).all())
    is_amount = task == "regression" or (task is None and not (is_whole and len(distinct) <= MOST_CLASSES))
    is_strange = is_word.sum() > MOST_REJECTED_FRAC * n_known if is_amount else is_word.any()
    if not is_named and task != "classification" and is_strange:
        raise _words_among_numbers(table, name, is_word)
    if is_amount and not is_named:
        return _amounts(table, name, amounts, is_missing, is_word)
    if is_named or is_word.any():
        labels = words.fill_null("").to_list()
    else:
        shown = (lambda value: str(int(value))) if is_whole else (lambda value: f"{value:g}")
        labels = ["" if np.isnan(value) else shown(value) for value in amounts]
    return _classes(table, name, labels, is_missing)


def _amounts(
    table: RawTable, name: str, amounts: np.ndarray, is_missing: np.ndarray, is_word: np.ndarray
) -> TargetColumn:
    rejected = _without(table, name, is_missing)
    for row in np.flatnonzero(is_word):
        reason = text(
            "{cell} in column `{column}` is no number that can be used",
            cell=repr(table.cells[name][int(row)]),
            column=name,
        )
        rejected.append(Rejected(int(table.places[row]), reason))
    values = np.nan_to_num(amounts)[:, None].astype(np.float32)
    return TargetColumn(values, "regression", (), ~is_missing & ~is_word, tuple(rejected))


def _classes(table: RawTable, name: str, labels: list[str], is_missing: np.ndarray) -> TargetColumn:
    known = np.array([label for label, gone in zip(labels, is_missing, strict=True) if not gone], dtype=object)
    numbers = _as_numbers(known)
    class_names = sorted(set(known), key=lambda label: (numbers[label], label) if numbers else label)
    if len(class_names) < 2 or len(class_names) == len(known):
        raise DataError(
            "csv-classes",
            what=text("Reading `{path}`", path=table.name),
            expected=text("at least 2 classes in `{name}`, and rows that share one", name=name),
            received=text("{n} different values in {rows} rows", n=len(class_names), rows=len(known)),
            fix=text('Choose another column with `target`, or say `task="regression"` for amounts.'),
        )
    ids = {label: i for i, label in enumerate(class_names)}
    values = np.array([ids.get(label, 0) for label in labels], np.int32)
    return TargetColumn(
        values, "classification", tuple(class_names), ~is_missing, tuple(_without(table, name, is_missing))
    )


def _as_numbers(labels: np.ndarray) -> dict[str, float]:
    """The labels as numbers, if all are, so that 10 comes after 9."""
    try:
        return {label: float(label) for label in labels}
    except ValueError:
        return {}


def _without(table: RawTable, name: str, is_missing: np.ndarray) -> list[Rejected]:
    reason = text("no target in column `{column}`", column=name)
    return [Rejected(int(place), reason) for place in table.places[is_missing]]


def _words_among_numbers(table: RawTable, name: str, is_word: np.ndarray) -> DataError:
    first = int(np.flatnonzero(is_word)[0])
    return DataError(
        "csv-target-text",
        what=text("Reading `{path}`", path=table.name),
        expected=text("numbers in the target column"),
        received=text(
            "{n} cells that are no number, first {cell} in column `{column}`, {place}",
            n=int(is_word.sum()),
            cell=repr(table.cells[name][first]),
            column=name,
            place=text("line {line}", line=table.places[first])
            if table.place_name == "line"
            else text("row {row}", row=table.places[first]),
        ),
        fix=text('Mend those cells, or say `task="classification"` if each text is a class.'),
    )
