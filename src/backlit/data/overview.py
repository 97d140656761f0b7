"""What one should know of a data set before anything is trained: classes and their balance, columns, what looks odd.

| remark | is made when |
| --- | --- |
| `imbalance` | the largest class has `IMBALANCE` times the rows of the smallest |
| `few-rows` | a class has fewer than `FEW_ROWS` training rows |
| `not-trained`, `not-judged` | no row of a class trains, or none of it validates or tests |
| `repeats`, `leak`, `disagreement` | rows stand there more than once: see `repeats.py` |
| `constant` | inputs that are the same in every row |
| `large-inputs` | numbers as they came that reach beyond `LARGE_INPUTS` |
| those of `table_summary.py` | columns of a table tell too much or nothing |

A remark is a question to the user, not a fault. Not for the health of a training: those are findings.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from backlit.data.dataset import Dataset
from backlit.data.repeats import Repeats, find_repeats
from backlit.data.table_summary import ColumnSummary
from backlit.language import Text, listed, text

IMBALANCE = 10
"""Rows of the largest class for one of the smallest. Source: ours, a convention."""

FEW_ROWS = 10
"""Training rows of a class. Source: ours, a convention."""

LARGE_INPUTS = 30.0
"""Inputs that first layers with their usual weights take badly. Source: ours; bytes lie beyond."""

MOST_COLUMNS = 200
"""Of arrays, whose columns are looked at one by one. Source: ours."""

_MOST_NAMED = 3
_PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class ClassRow:
    """One class, or one label of several.

    Attributes:
        name: Its name.
        n_rows: How many rows it has.
        frac: Of all rows.
        n_by_part: In training, validation and test.
    """

    name: str
    n_rows: int
    frac: float
    n_by_part: tuple[int, int, int]


@dataclass(frozen=True)
class Remark:
    """Something to look at.

    Attributes:
        kind: As in the table at the top of the module.
        words: A sentence without its full stop.
    """

    kind: str
    words: Text


@dataclass(frozen=True)
class Overview:
    """What a data set holds.

    Attributes:
        dataset: The data.
        classes: Of a classification, or the labels of a row that may have several; else empty.
        columns: Of a table; else empty.
        repeats: Rows that are there more than once.
        remarks: What looks odd.
    """

    dataset: Dataset
    classes: tuple[ClassRow, ...]
    columns: tuple[ColumnSummary, ...]
    repeats: Repeats
    remarks: tuple[Remark, ...]

    def to_json(self) -> dict[str, Any]:
        """All of it as plain values; sentences in English."""
        data = self.dataset
        return {
            "name": data.name,
            "task": data.task,
            "n_rows": len(data),
            "input_shape": list(data.input_shape),
            "input_dtype": data.inputs.dtype.name,
            "splits": dict(zip(_PARTS, data.splits.sizes, strict=True)),
            "lines": [str(line) for line in data.describe()],
            "classes": [asdict(one) for one in self.classes],
            "columns": [asdict(one) for one in self.columns],
            "repeats": {name: value for name, value in asdict(self.repeats).items() if name != "groups"},
            "remarks": [{"kind": one.kind, "words": str(one.words)} for one in self.remarks],
            "rejected": [{"place": one.place, "reason": str(one.reason)} for one in data.rejected],
        }


def look_at(dataset: Dataset) -> Overview:
    """What a data set holds, and what about it looks odd.

    Args:
        dataset: Any.

    Returns:
        The overview.
    """
    classes, repeats = _classes(dataset), find_repeats(dataset)
    columns = dataset.table.columns if dataset.table is not None else _columns(dataset)
    remarks = [*_about_classes(dataset, classes), *_about_repeats(dataset, repeats), *_about_inputs(dataset)]
    if dataset.table is not None:
        remarks += [
            Remark(one.kind, text("`{column}`: {reason}", column=one.column, reason=one.reason))
            for one in dataset.table.suspicions
        ]
    return Overview(dataset, classes, columns, repeats, tuple(remarks))


def _classes(dataset: Dataset) -> tuple[ClassRow, ...]:
    if dataset.task == "regression":
        return ()
    if dataset.task == "multi-label":
        has = dataset.targets > 0
    else:
        has = dataset.class_ids[:, None] == np.arange(dataset.n_classes)
    names = dataset.class_names or tuple(str(i) for i in range(has.shape[1]))
    parts = [has[getattr(dataset.splits, part)].sum(0) for part in _PARTS]
    totals = has.sum(0)
    return tuple(
        ClassRow(name, int(totals[i]), float(totals[i] / len(dataset)), tuple(int(part[i]) for part in parts))  # pyright: ignore[reportArgumentType]  three parts
        for i, name in enumerate(names)
    )


def _columns(dataset: Dataset) -> tuple[ColumnSummary, ...]:
    """Columns of numbers that have names; those of a file were summarised when it was read."""
    raw = dataset.inputs if dataset.coded is None else dataset.coded
    if raw.ndim != 2 or len(dataset.feature_names) != raw.shape[1] or raw.shape[1] > MOST_COLUMNS:
        return ()
    return tuple(
        ColumnSummary(name, "numeric", "input", 0, len(np.unique(column)), f"{column.min():.6g}", f"{column.max():.6g}")
        for name, column in zip(dataset.feature_names, raw.T, strict=True)
    )


def _about_classes(dataset: Dataset, classes: tuple[ClassRow, ...]) -> list[Remark]:
    present = [one for one in classes if one.n_rows]
    if dataset.task != "classification" or not present:
        return []
    remarks = []
    largest, smallest = max(present, key=lambda one: one.n_rows), min(present, key=lambda one: one.n_rows)
    if largest.n_rows >= IMBALANCE * smallest.n_rows:
        words = text(
            "Class `{largest}` has {n} times the rows of `{smallest}`: "
            "who always answers `{largest}` is right in {frac:.0%}",
            largest=largest.name,
            smallest=smallest.name,
            n=round(largest.n_rows / smallest.n_rows),
            frac=largest.frac,
        )
        remarks.append(Remark("imbalance", words))
    untrained = [one.name for one in classes if not one.n_by_part[0]]
    if untrained:
        remarks.append(Remark("not-trained", text("No row to train on: {names}", names=_named(untrained))))
    few = [f"{one.name} ({one.n_by_part[0]})" for one in classes if 0 < one.n_by_part[0] < FEW_ROWS]
    if few:
        words = text("Fewer than {n} rows to train on: {names}", n=FEW_ROWS, names=_named(few))
        remarks.append(Remark("few-rows", words))
    judged = [i for i in (1, 2) if dataset.splits.sizes[i]]
    unjudged = [one.name for one in present if any(not one.n_by_part[i] for i in judged)]
    if unjudged:
        words = text("No row in validation or in test: {names}", names=_named(unjudged))
        remarks.append(Remark("not-judged", words))
    return remarks


def _about_repeats(dataset: Dataset, repeats: Repeats) -> list[Remark]:
    if not repeats.n_repeated:
        return []
    example = listed(_place(dataset, row) for row in repeats.groups[0][:2])
    words = text(
        "{n} rows repeat the inputs of an earlier one, such as {example}", n=repeats.n_repeated, example=example
    )
    remarks = [Remark("repeats", words)]
    if repeats.n_judging:
        words = text(
            "{n} rows of validation or test stand in training, too: scores will be too good; "
            "`duplicates=together` keeps copies on one side",
            n=repeats.n_judging,
        )
        remarks.append(Remark("leak", words))
    if repeats.n_disagreeing:
        words = text("{n} rows have equal inputs and different targets: no network gets all of them right",
                     n=repeats.n_disagreeing)  # fmt: skip
        remarks.append(Remark("disagreement", words))
    return remarks


def _about_inputs(dataset: Dataset) -> list[Remark]:
    inputs = dataset.inputs
    if inputs.dtype.kind != "f":
        return []
    remarks = []
    is_constant = (inputs == inputs[:1]).all(0)
    if is_constant.all():
        remarks.append(Remark("constant", text("All rows have the same inputs")))
    elif inputs.ndim == 2 and is_constant.any() and dataset.table is None:
        names = dataset.feature_names or tuple(str(i) for i in range(inputs.shape[1]))
        constant = [f"`{name}`" for name, is_same in zip(names, is_constant, strict=True) if is_same]
        remarks.append(Remark("constant", text("The same in every row: {names}", names=_named(constant))))
    low, high = float(inputs.min()), float(inputs.max())
    if dataset.preparation is None and max(abs(low), abs(high)) > LARGE_INPUTS:
        words = text("Inputs from {low:.4g} to {high:.4g}, as they came: networks learn better from about −1 to 1",
                     low=low, high=high)  # fmt: skip
        remarks.append(Remark("large-inputs", words))
    return remarks


def _place(dataset: Dataset, row: int) -> Text:
    """Where a row came from: a file, a line of one, or its number alone."""
    if not dataset.places:
        return text("row index {row}", row=row)
    place = dataset.places[row]
    return text("line {line}", line=place) if isinstance(place, int) else text("`{path}`", path=place)


def _named(names: list[str]) -> object:
    more = [text("and {n} more", n=len(names) - _MOST_NAMED)] if len(names) > _MOST_NAMED else []
    return listed([*names[:_MOST_NAMED], *more])
