"""Single rows as people read them: a sentence, the values of a table's columns, or how large a row of numbers is.

    a sentence          "not a good film"
    a table             petal length 1.4, colour red, smoker yes       in the units of the file, at most eight columns
    other numbers       50 × 2 numbers from -1.2 to 3.4

Not for pictures (see `pictures.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from backlit.data import Dataset, Preparation
from backlit.data.table_preparation import TablePreparation

MOST_VALUES = 8
"""Columns that are told of one row. Source: ours, as many as a card holds."""

Value = float | str | bool | None


@dataclass(frozen=True)
class ToldRow:
    """One row.

    Attributes:
        row: Its number in the data.
        sentence: Of text, else empty.
        values: Names and values of the first columns; None for a missing value.
        n_left_out: Columns that are not told.
        shape: Of a row that is neither a sentence nor a table, else empty.
        lowest: Its smallest number, where there is a shape.
        highest: Its largest number, where there is a shape.
    """

    row: int
    sentence: str = ""
    values: tuple[tuple[str, Value], ...] = ()
    n_left_out: int = 0
    shape: tuple[int, ...] = ()
    lowest: float = 0.0
    highest: float = 0.0


def tell_rows(data: Dataset, rows: Sequence[int] | np.ndarray) -> tuple[ToldRow, ...]:
    """Rows of a data set as people read them.

    Args:
        data: Any.
        rows: Their numbers.

    Returns:
        One entry a row.
    """
    return tuple(_tell(data, int(row)) for row in rows)


def _tell(data: Dataset, row: int) -> ToldRow:
    if data.vocabulary:
        return ToldRow(row, sentence=data.words(row))
    if data.inputs.ndim == 2:
        values = list(_values(data, row))
        return ToldRow(row, values=tuple(values[:MOST_VALUES]), n_left_out=max(len(values) - MOST_VALUES, 0))
    one = np.asarray(data.inputs[row], np.float64)
    return ToldRow(row, shape=one.shape, lowest=float(one.min()), highest=float(one.max()))


def _values(data: Dataset, row: int) -> Iterator[tuple[str, Value]]:
    """Columns as they were in the file, where the data remember it."""
    if isinstance(data.preparation, TablePreparation) and data.coded is not None:
        place = 0
        for column in data.preparation.columns:
            yield column.name, _cell(float(data.coded[row, place]), column.kind, column.categories, column.origin)
            place += len(column.codes)
        return
    is_raw = isinstance(data.preparation, Preparation) and data.coded is not None
    numbers = data.coded[row] if is_raw and data.coded is not None else data.inputs[row]
    names = data.feature_names if len(data.feature_names) == len(numbers) else range(1, len(numbers) + 1)
    for name, number in zip(names, numbers, strict=True):
        yield str(name), float(number)


def _cell(code: float, kind: str, categories: Sequence[str], origin: float) -> Value:
    """What a coded number stands for."""
    if not np.isfinite(code):
        return None
    if kind == "category":  # 0 is what no training row had
        return categories[int(code) - 1] if code >= 1 else None
    if kind == "boolean":
        return None if code == 0 else code == 2
    if kind == "date":
        return str(np.datetime64(int(np.floor(code + origin)), "D"))
    return code + origin
