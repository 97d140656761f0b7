"""The few lines that say aloud what the data are and what was decided while reading them.

    Data `iris`: 150 rows, each input (4,) float32
    Task: classification into 3 classes: setosa 50, versicolor 50, virginica 50
    Splits: train 104 (69 %), validation 23 (15 %), test 23 (15 %); stratified by class, seed 0

Not for tables of statistics: those are views.
"""

import numpy as np

from backlit.data.dataset import Dataset
from backlit.data.duplicates import duplicates
from backlit.data.frames import PARQUET_SUFFIXES
from backlit.data.raw_table import reasons_shown
from backlit.data.table_summary import TableSummary
from backlit.language import Text, listed, text
from backlit.sources import cite

MOST_CLASSES_SHOWN = 12
MOST_SHOWN = 8

KIND_WORDS = {
    "numeric": text("numeric"),
    "category": text("category"),
    "boolean": text("yes or no"),
    "date": text("date"),
    "text": text("text"),
    "identifier": text("identifier"),
    "other": text("other"),
}
"""Kinds of columns, for people."""


def describe(dataset: Dataset, *, is_brief: bool = False) -> tuple[Text, ...]:
    """The lines about a data set, in the order in which a reader asks.

    Args:
        dataset: Any.
        is_brief: Whether columns, rejected rows and copies are left out, for a page that shows them by itself.

    Returns:
        Contents, task, splits, then what was decided while reading.
    """
    lines = [
        text(
            "Data `{name}`: {n} rows, each input {shape} {dtype}",
            name=dataset.name,
            n=len(dataset),
            shape=dataset.input_shape,
            dtype=dataset.inputs.dtype.name,
        ),
        _task(dataset),
        _splits(dataset),
    ]
    if dataset.preparation is not None:
        lines.append(dataset.preparation.describe())
    lines.extend(dataset.notes)
    if dataset.table is not None and not is_brief:
        lines.extend(_columns(dataset.table))
    if dataset.rejected and not is_brief:
        shown = reasons_shown(dataset.rejected, _place_name(dataset))
        lines.append(text("Rejected: {n} that cannot be used: {reasons}", n=len(dataset.rejected), reasons=shown))
    if not is_brief:
        lines.extend(duplicates(dataset))
    if dataset.source:
        lines.append(text("Source: {citation}", citation=cite(dataset.source)))
    return tuple(lines)


def _columns(table: TableSummary) -> list[Text]:
    """Inputs by kind, what is left out, what looks suspicious."""
    lines = []
    by_kind: dict[str, list[str]] = {}
    for column in table.columns:
        if column.role == "input":
            by_kind.setdefault(column.kind, []).append(column.name)
    for kind, names in by_kind.items():
        shown = listed([*(f"`{name}`" for name in names[:MOST_SHOWN]), *(["…"] if len(names) > MOST_SHOWN else [])])
        lines.append(text("Columns, {kind}: {names}", kind=KIND_WORDS[kind], names=shown))
    left_out = {column.name for column in table.columns if column.role == "left out"}
    for one in table.suspicions[:MOST_SHOWN]:
        if one.column in left_out:
            lines.append(text("Left out: column `{column}`: {reason}", column=one.column, reason=one.reason))
        else:
            lines.append(text("Look at column `{column}`: {reason}", column=one.column, reason=one.reason))
    if len(table.suspicions) > MOST_SHOWN:
        lines.append(text("{n} more remarks on columns: `backlit data DATA`", n=len(table.suspicions) - MOST_SHOWN))
    if table.n_repeated:
        lines.append(text("Repeated: {n} rows are the same as an earlier row", n=table.n_repeated))
    return lines


def _place_name(dataset: Dataset) -> str:
    first = dataset.rejected[0].place
    if isinstance(first, str):
        return "file"
    return "row" if dataset.recipe is None or str(dataset.recipe["source"]).endswith(PARQUET_SUFFIXES) else "line"


def _task(dataset: Dataset) -> Text:
    if dataset.task == "regression":
        low, high = dataset.targets.min(0), dataset.targets.max(0)
        ranges = listed(
            text("{low:.3g} to {high:.3g}", low=float(low[i]), high=float(high[i])) for i in range(min(len(low), 4))
        )
        return text("Task: regression, amounts to predict: {n}, ranging {ranges}", n=len(low), ranges=ranges)
    if dataset.task == "multi-label":
        counts = (dataset.targets > 0).sum(0)
        return text(
            "Task: multi-label, {n} labels, rows that carry each: {counts}",
            n=dataset.output_size,
            counts=_counts(dataset, counts),
        )
    counts = np.bincount(dataset.class_ids, minlength=dataset.n_classes)
    if dataset.n_classes <= MOST_CLASSES_SHOWN:
        return text(
            "Task: classification into {n} classes: {counts}", n=dataset.n_classes, counts=_counts(dataset, counts)
        )
    return text(
        "Task: classification into {n} classes, smallest {smallest} rows, largest {largest} rows",
        n=dataset.n_classes,
        smallest=int(counts.min()),
        largest=int(counts.max()),
    )


def _counts(dataset: Dataset, counts: np.ndarray) -> object:
    names = dataset.class_names or tuple(str(i) for i in range(len(counts)))
    return listed(f"{name}: {count}" for name, count in zip(names, counts, strict=True))


def _splits(dataset: Dataset) -> Text:
    n_train, n_validation, n_test = dataset.splits.sizes
    n_rows = len(dataset)
    if not n_validation and not n_test:
        return text("Splits: all rows train; none validate, none test")
    return text(
        "Splits: train {train} ({train_frac:.0%}), validation {validation} ({validation_frac:.0%}), "
        "test {test} ({test_frac:.0%}); {how}",
        train=n_train,
        train_frac=n_train / n_rows,
        validation=n_validation,
        validation_frac=n_validation / n_rows,
        test=n_test,
        test_frac=n_test / n_rows,
        how=_how(dataset),
    )


def _how(dataset: Dataset) -> Text:
    if dataset.splits.order is not None:
        return text("in order of time, the last rows test")
    if dataset.splits.groups is not None:
        n = len(np.unique(dataset.splits.groups))
        return text("{n} groups, each in one part, seed {seed}", n=n, seed=dataset.splits.seed)
    if dataset.splits.seed is None:
        return text("as they came")
    if dataset.splits.is_stratified:
        return text("stratified by class, seed {seed}", seed=dataset.splits.seed)
    if dataset.task == "classification":
        return text("shuffled, too few rows to stratify by class, seed {seed}", seed=dataset.splits.seed)
    return text("shuffled, seed {seed}", seed=dataset.splits.seed)
